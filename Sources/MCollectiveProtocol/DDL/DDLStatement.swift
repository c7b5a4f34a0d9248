/// One statement of a DDL file: a call with literal arguments, and the statements of its block.
struct DDLStatement: Sendable {
    var name: String
    var line: Int
    /// Arguments by place.
    var arguments: [RubyValue] = []
    /// Arguments by name.
    var options: RubyHash = [:]
    var body: [DDLStatement] = []
    /// What stands behind `aggregate`: a call in the place of a value.
    var call: DDLCall?

    /// The first argument as text or symbol.
    func name(of what: String) throws(DDLError) -> String {
        guard let text = arguments.first?.text, !text.isEmpty else { throw DDLError(line: line, .missing(what)) }
        return text
    }

    /// An option as text; nil when it is not given.
    func text(_ option: String) -> String? { options[named: option].map(RubyText.text(of:)) }
}

/// A call of a summary.
struct DDLCall: Sendable {
    var function: String
    var arguments: [RubyValue]
    var options: RubyHash
}
