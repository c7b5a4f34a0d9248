import ArgumentParser
import MusterCore

/// How a target is read: Salt's target options, by letter and by name. Without one it is a glob over node ids.
struct TargetOptions: ParsableArguments {
    /// One way to read a target.
    enum Kind: String, EnumerableFlag {
        case pcre, list, grain, fact, grainPCRE, pillar, pillarPCRE, pillarExact, ipcidr, nodegroup, compound

        static func name(for value: Kind) -> NameSpecification {
            switch value {
            case .pcre: [.customShort("E"), .long]
            case .list: [.customShort("L"), .long]
            case .grain: [.customShort("G"), .long, .customLong("facts")]
            case .fact: [.customShort("F"), .long]
            case .grainPCRE: [.customShort("P"), .customLong("grain-pcre"), .customLong("facts-pcre")]
            case .pillar: [.customShort("I"), .long]
            case .pillarPCRE: [.customShort("J"), .customLong("pillar-pcre")]
            case .pillarExact: .customLong("pillar-exact")
            case .ipcidr: [.customShort("S"), .long, .customLong("address")]
            case .nodegroup: [.customShort("N"), .long]
            case .compound: [.customShort("C"), .long]
            }
        }

        static func help(for value: Kind) -> ArgumentHelp? {
            switch value {
            case .pcre: "The target is a regular expression over node ids."
            case .list: "The target is a list of node ids, by commas or blanks."
            case .grain: "The target is a fact and a glob: 'os:Debian'."
            case .fact: "The target is a fact as mco writes it: os=Debian, or os=/^Deb/."
            case .grainPCRE: "The target is a fact and a regular expression."
            case .pillar: "The target is a pillar value and a glob: 'role:web*'."
            case .pillarPCRE: "The target is a pillar value and a regular expression."
            case .pillarExact: "The target is a pillar value, compared as it is."
            case .ipcidr: "The target is an address or a network: '10.0.0.0/8'."
            case .nodegroup: "The target is a group of the controller's configuration."
            case .compound: "The target combines others: 'G@os:Debian and web*'."
            }
        }

        var targetKind: Target.Kind {
            switch self {
            case .pcre: .pcre
            case .list: .list
            case .grain, .fact: .facts
            case .grainPCRE: .factsPCRE
            case .pillar: .pillar
            case .pillarPCRE: .pillarPCRE
            case .pillarExact: .pillarExact
            case .ipcidr: .address
            case .nodegroup: .nodegroup
            case .compound: .compound
            }
        }
    }

    @Flag(exclusivity: .exclusive)
    var kind: Kind?

    @Option(help: ArgumentHelp("What separates the levels of a fact or pillar path.", valueName: "text"))
    var delimiter = ":"

    func validate() throws {
        guard !delimiter.isEmpty else { throw ValidationError("--delimiter cannot be empty") }
    }

    /// A fact as `mco` writes it: the levels of its name with dots, and a pattern between slashes is found anywhere.
    ///
    /// - Throws: `ValidationError` for what has no name, no sign, or no value.
    private func factTarget(_ expression: String) throws -> Target {
        guard let sign = expression.firstIndex(of: "="), sign > expression.startIndex,
            case let value = expression[expression.index(after: sign)...], !value.isEmpty
        else { throw ValidationError("'\(expression)' is no fact: give NAME=VALUE or NAME=/PATTERN/") }
        let name = expression[..<sign].replacing(".", with: delimiter)
        guard value.count > 2, value.hasPrefix("/"), value.hasSuffix("/") else {
            return Target(.facts, "\(name)\(delimiter)\(Glob.escaping(String(value)))", delimiter: delimiter)
        }
        return Target(.factsPCRE, "\(name)\(delimiter).*(?:\(value.dropFirst().dropLast()))", delimiter: delimiter)
    }

    /// The target of an expression.
    func target(_ expression: String) throws -> Target {
        if kind == .fact { return try factTarget(expression) }
        let kind = kind?.targetKind ?? .glob
        return Target(kind, kind == .list ? Self.list(expression) : expression, delimiter: delimiter)
    }

    /// Ids by commas, or by blanks when there is no comma, as Salt reads a list.
    static func list(_ expression: String) -> String {
        let names =
            expression.contains(",")
            ? expression.filter { $0 != " " }.split(separator: ",").map(String.init)
            : expression.split(whereSeparator: \.isWhitespace).map(String.init)
        return names.joined(separator: ",")
    }
}
