/// The description of a plugin: what an agent can do, what a data plugin or a discovery method takes and gives.
///
/// Read from JSON or from the subset of Ruby that DDL files are written in; see ``init(json:)`` and ``init(ruby:)``.
///
/// Source: MCollective 2.12, `lib/mcollective/ddl/`.
package struct DDL: Hashable, Sendable {
    /// Who made the plugin, and how long it may take.
    package struct Metadata: Hashable, Sendable {
        package var name = ""
        package var description = ""
        package var author = ""
        package var license = ""
        package var version = ""
        package var url = ""
        /// Seconds; for nodes the limit of an action, for clients a part of the time that they wait.
        package var timeout: Double = 0

        package init() {}
    }

    package var metadata = Metadata()
    /// What the plugin needs of its host, as in `"mcollective": "2.2.1"`. Not judged here.
    package var requirements: [String: String] = [:]
    /// More to tell than the description, for the help.
    package var usage: String?
    /// The actions of an agent, in the order of the file.
    package var actions: [DDLAction] = []
    /// What a data plugin takes and gives.
    package var dataQuery: DDLAction?
    /// The filters that a discovery method knows, nil for other plugins.
    package var discoveryCapabilities: [String]?

    package init() {}

    /// An action by its name.
    package func action(_ name: String) -> DDLAction? { actions.first { $0.name == name } }
}

/// One action of an agent, or the query of a data plugin.
package struct DDLAction: Hashable, Sendable {
    /// Which results a client prints.
    package enum Display: String, Hashable, Sendable {
        case ok, failed, always
    }

    package var name: String
    package var description = ""
    package var display = Display.failed
    package var inputs: [DDLInput] = []
    package var outputs: [DDLOutput] = []
    package var aggregates: [DDLAggregate] = []

    package init(_ name: String) { self.name = name }

    /// Every output with its default: what the data of a reply holds before the action runs.
    package var defaultData: RubyHash { RubyHash(outputs.map { (.symbol($0.name), $0.default) }) }
}

/// What an action takes.
package struct DDLInput: Hashable, Sendable {
    /// What values are accepted.
    package enum Kind: Hashable, Sendable {
        /// Text; a length of zero is any.
        case string(DDLValidation, maxLength: Int)
        case boolean, integer, float
        /// An integer or a float.
        case number
        /// One of these.
        case list([RubyValue])
        /// Another type, checked by a validator of this name if there is one.
        case other(String)
    }

    package var name: String
    package var kind: Kind
    package var prompt = ""
    package var description = ""
    package var isOptional = false
    /// What a client sends when the operator gives nothing and the input is not optional.
    package var `default`: RubyValue?

    package init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// What a text must be.
package enum DDLValidation: Hashable, Sendable {
    /// Found somewhere in the text. Given as text, and shown as that.
    case pattern(String)
    /// Found somewhere in the text. Given as a regexp.
    case regexp(RubyRegexp)
    /// A validator by name: `shellsafe`, `ipv4address`, `ipv6address`, or a plugin.
    case validator(String)
}

/// What an action gives.
package struct DDLOutput: Hashable, Sendable {
    package var name: String
    package var description = ""
    /// The label; the name when the file gives none.
    package var displayAs: String
    package var `default` = RubyValue.null

    package init(_ name: String, displayAs: String? = nil) {
        self.name = name
        self.displayAs = displayAs ?? name
    }
}

/// A summary that clients make of one output of all replies.
package struct DDLAggregate: Hashable, Sendable {
    /// `summary`, `average`, `sum`, or one of a plugin.
    package var function: String
    package var output: String
    /// What is given besides, as the words of `boolean_summary`.
    package var arguments: RubyHash = [:]
    /// How the result is printed, nil for the function's own way.
    package var format: String?

    package init(_ function: String, _ output: String) {
        self.function = function
        self.output = output
    }
}

/// Why a file is no DDL that we read, and in which line.
package struct DDLError: Error, Hashable, Sendable {
    /// What is wrong.
    package enum Problem: Hashable, Sendable {
        case notUTF8
        case tooLong(limit: Int)
        case tooDeep(limit: Int)
        case tooManyStatements(limit: Int)
        case unfinishedText
        case unexpected(String)
        /// Ruby that would have to be evaluated.
        case notLiteral(String)
        case unknownStatement(String)
        case missing(String)
        case invalid(String)
        case json(String)
    }

    /// Counted from one; zero for JSON, whose errors are of the whole.
    package let line: Int
    package let problem: Problem

    init(line: Int, _ problem: Problem) {
        self.line = line
        self.problem = problem
    }
}

extension DDLError: CustomStringConvertible {
    package var description: String {
        let text =
            switch problem {
            case .notUTF8: "not UTF-8"
            case .tooLong(let limit): "more than \(limit) bytes"
            case .tooDeep(let limit): "nested deeper than \(limit)"
            case .tooManyStatements(let limit): "more than \(limit) statements"
            case .unfinishedText: "a text that does not end"
            case .unexpected(let what): "'\(what)' cannot stand here"
            case .notLiteral(let what): "'\(what)' would have to be run, and Ruby is never run: write it out"
            case .unknownStatement(let name): "'\(name)' is no part of a DDL"
            case .missing(let what): "\(what) is missing"
            case .invalid(let what): "\(what) is not what it should be"
            case .json(let reason): "not JSON: \(reason)"
            }
        return line > 0 ? "line \(line): \(text)" : text
    }
}
