/// What a function gave back, with the two things that Salt's modules set beside it.
package struct FunctionResult: Sendable, Hashable {
    package var value: Value
    /// Salt's `retcode`; 0 is success.
    package var returnCode: Int
    /// The layout to print it with, nil for the default.
    package var outputter: String?

    package init(_ value: Value, returnCode: Int = 0, outputter: String? = nil) {
        self.value = value
        self.returnCode = returnCode
        self.outputter = outputter
    }
}
