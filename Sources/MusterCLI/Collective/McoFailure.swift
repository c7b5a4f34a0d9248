/// Why an application cannot run, in the words of the original where it has some. Printed behind its name; exit status 1.
struct McoFailure: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A program ends at once, with a last word on standard error.
struct McoExit: Error, Sendable, Hashable {
    let code: Int32
    let text: String?
    init(_ code: Int32, _ text: String? = nil) {
        self.code = code
        self.text = text
    }
}
