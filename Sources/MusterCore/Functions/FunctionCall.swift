/// One call of a function on a node: Salt's `module.function` with its arguments, MCollective's agent and action.
package struct FunctionCall: Sendable, Hashable, Codable {
    /// `module.function`, as `test.ping`.
    package var function: String
    /// Positional arguments, in order. MCollective has none.
    package var arguments: [Value]
    /// Named arguments, in the order given.
    package var keywords: ValueMap

    package init(_ function: String, arguments: [Value] = [], keywords: ValueMap = [:]) {
        self.function = function
        self.arguments = arguments
        self.keywords = keywords
    }

    /// What stands in front of the first dot: Salt's module, MCollective's agent.
    package var module: String { String(function.prefix { $0 != "." }) }
}
