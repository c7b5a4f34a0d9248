package import MusterCore

/// A named group of functions that a node offers, as Salt's execution module `disk` or MCollective's agent.
///
/// One file in `Modules/` makes one of these; `FunctionRegistry` finds and calls them.
package struct ExecutionModule: Sendable {
    /// The part before the dot.
    package let name: String
    /// What the module is for, one line.
    package let summary: String
    package let functions: [ModuleFunction]
    /// Whether it is one of the operator's own.
    package let isExternal: Bool

    package init(_ name: String, summary: String, functions: [ModuleFunction], isExternal: Bool = false) {
        self.name = name
        self.summary = summary
        self.functions = functions
        self.isExternal = isExternal
    }
}

/// One function of a module: its description for `sys.doc` and `sys.argspec`, and what it does.
package struct ModuleFunction: Sendable {
    package typealias Body = @Sendable (Arguments, FunctionContext) async throws -> FunctionResult

    /// The part after the dot.
    package let name: String
    /// What operators read in `sys.doc`: a sentence, then details and a CLI example where they help.
    package let documentation: String
    /// The named parameters, in their positional order, with Salt's names.
    package let parameters: [Parameter]
    /// What happens to arguments beyond the named parameters.
    package let extras: Extras
    package let body: Body

    package struct Parameter: Sendable, Hashable {
        package let name: String
        /// Nil when the caller must give the argument.
        package let defaultValue: Value?

        /// A parameter that must be given.
        package static func required(_ name: String) -> Parameter { Parameter(name: name, defaultValue: nil) }
        /// A parameter that may be left out.
        package static func optional(_ name: String, _ value: Value = .null) -> Parameter {
            Parameter(name: name, defaultValue: value)
        }
    }

    /// Whether more arguments than the named ones are taken: Python's `*args` and `**kwargs`.
    package struct Extras: OptionSet, Sendable, Hashable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }
        package static let positional = Extras(rawValue: 1)
        package static let keywords = Extras(rawValue: 2)
    }

    package init(
        _ name: String, _ documentation: String, parameters: [Parameter] = [], extras: Extras = [],
        body: @escaping Body
    ) {
        self.name = name
        self.documentation = documentation
        self.parameters = parameters
        self.extras = extras
        self.body = body
    }
}
