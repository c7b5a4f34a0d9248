/// The Ruby form: `<libdir>/mcollective/<type>/<name>.ddl`.
///
///     metadata …; requires …; usage "…"
///     action "name", :description => "…" do  display, input, output, summarize  end
///     dataquery :description => "…" do  input, output  end
///     discovery do  capabilities […]  end
///
/// Source: MCollective 2.12, `lib/mcollective/ddl/base.rb`, `agentddl.rb`, `dataddl.rb`, `discoveryddl.rb`.
extension DDL {
    /// Reads a file. It is never run: see ``DDLStatementReader`` for what is understood.
    package init(ruby bytes: [UInt8]) throws(DDLError) {
        self.init()
        for statement in try DDLStatementReader.statements(bytes) {
            switch statement.name {
            case "metadata": try setMetadata(statement)
            case "requires":
                for pair in statement.options.pairs {
                    requirements[RubyText.text(of: pair.key)] = RubyText.text(of: pair.value)
                }
            case "usage": usage = try statement.name(of: "the text of 'usage'")
            case "action": actions.append(try DDLAction(statement, name: statement.name(of: "the name of the action")))
            case "dataquery": dataQuery = try DDLAction(statement, name: "data")
            case "discovery": discoveryCapabilities = try DDL.capabilities(statement)
            // Of other kinds of plugins, and of old files; nothing of ours depends on it.
            case "aggregate", "validator", "connector", "inventory": break
            default: throw DDLError(line: statement.line, .unknownStatement(statement.name))
            }
        }
        guard !metadata.name.isEmpty else { throw DDLError(line: 1, .missing("'metadata'")) }
    }

    private mutating func setMetadata(_ statement: DDLStatement) throws(DDLError) {
        func text(_ key: String) throws(DDLError) -> String {
            guard let text = statement.text(key) else { throw DDLError(line: statement.line, .missing("'\(key)'")) }
            return text
        }
        metadata.name = try text("name")
        metadata.description = try text("description")
        metadata.author = try text("author")
        metadata.license = try text("license")
        metadata.version = try text("version")
        metadata.url = try text("url")
        guard let timeout = Double(try text("timeout")), timeout >= 0, timeout.isFinite else {
            throw DDLError(line: statement.line, .invalid("'timeout'"))
        }
        metadata.timeout = timeout
    }

    private static func capabilities(_ statement: DDLStatement) throws(DDLError) -> [String] {
        var names: [String] = []
        for inner in statement.body {
            guard inner.name == "capabilities" else { throw DDLError(line: inner.line, .unknownStatement(inner.name)) }
            for argument in inner.arguments { names += (argument.array ?? [argument]).compactMap(\.text) }
        }
        return names
    }
}

extension DDLAction {
    fileprivate init(_ statement: DDLStatement, name: String) throws(DDLError) {
        self.init(name)
        description = statement.text("description") ?? ""
        for inner in statement.body {
            switch inner.name {
            case "display": display = try DDLAction.display(inner)
            case "input": inputs.append(try DDLInput(inner))
            case "output": outputs.append(try DDLOutput(inner))
            case "summarize": for call in inner.body { aggregates.append(try DDLAggregate(call)) }
            default: throw DDLError(line: inner.line, .unknownStatement(inner.name))
            }
        }
    }

    private static func display(_ statement: DDLStatement) throws(DDLError) -> Display {
        let name = try statement.name(of: "the mode of 'display'")
        if name == "flatten" { return .always }  // deprecated, and what it became
        guard let display = Display(rawValue: name) else { throw DDLError(line: statement.line, .invalid("'display'")) }
        return display
    }
}

extension DDLInput {
    fileprivate init(_ statement: DDLStatement) throws(DDLError) {
        let name = try statement.name(of: "the name of the input")
        do throws(DDLFieldError) {
            try self.init(name, fields: statement.options)
        } catch {
            throw DDLError(line: statement.line, error.problem)
        }
    }
}

extension DDLOutput {
    fileprivate init(_ statement: DDLStatement) throws(DDLError) {
        self.init(try statement.name(of: "the name of the output"), fields: statement.options)
    }
}

extension DDLAggregate {
    fileprivate init(_ statement: DDLStatement) throws(DDLError) {
        guard statement.name == "aggregate", let call = statement.call else {
            throw DDLError(line: statement.line, .unexpected(statement.name))
        }
        guard let output = call.arguments.first?.text else {
            throw DDLError(line: statement.line, .missing("the output of '\(call.function)'"))
        }
        self.init(call.function, output)
        var options = call.options
        // What is given besides may stand in braces of its own.
        for case .hash(let hash) in call.arguments.dropFirst() {
            for pair in hash.pairs { options[pair.key] = pair.value }
        }
        format = options[named: "format"]?.text
        arguments = RubyHash(options.pairs.filter { $0.key.text != "format" })
    }
}

/// What is wrong with a field; whoever reads the file knows the line.
struct DDLFieldError: Error {
    var problem: DDLError.Problem
}

extension DDLInput {
    /// An input of its fields, which are the same in both forms.
    init(_ name: String, fields: RubyHash) throws(DDLFieldError) {
        guard let type = fields[named: "type"]?.text else {
            throw DDLFieldError(problem: .missing("'type' of \(name)"))
        }
        self.init(name, try DDLInput.kind(type, name, fields))
        prompt = fields[named: "prompt"].map(RubyText.text(of:)) ?? ""
        description = fields[named: "description"].map(RubyText.text(of:)) ?? ""
        isOptional = fields[named: "optional"].map { $0 != .bool(false) && $0 != .null } ?? false
        self.default = fields[named: "default"].flatMap { $0 == .null ? nil : $0 }
    }

    private static func kind(_ type: String, _ name: String, _ fields: RubyHash) throws(DDLFieldError) -> Kind {
        switch type {
        case "boolean": return .boolean
        case "integer": return .integer
        case "float": return .float
        case "number": return .number
        case "list":
            guard let elements = (fields[named: "list"] ?? fields[named: "enum"])?.array else {
                throw DDLFieldError(problem: .missing("'list' of \(name)"))
            }
            return .list(elements)
        case "string":
            let length = fields[named: "maxlength"] ?? fields[named: "max_length"] ?? 0
            guard let limit = length.int ?? length.text.flatMap(Int64.init), (0...Int64(Int32.max)).contains(limit)
            else {
                throw DDLFieldError(problem: .invalid("'maxlength' of \(name)"))
            }
            return .string(try validation(name, fields), maxLength: Int(limit))
        default: return .other(type)
        }
    }

    private static func validation(_ name: String, _ fields: RubyHash) throws(DDLFieldError) -> DDLValidation {
        switch fields[named: "validation"] {
        case .symbol(let validator): return .validator(validator)
        case .regexp(let regexp): return .regexp(regexp)
        case .string(let string):
            guard let text = string.text else { throw DDLFieldError(problem: .invalid("'validation' of \(name)")) }
            // JSON has no symbols: there the names of the validators are texts.
            return DDLValidation.builtIn.contains(text) ? .validator(text) : .pattern(text)
        case nil: throw DDLFieldError(problem: .missing("'validation' of \(name)"))
        default: throw DDLFieldError(problem: .invalid("'validation' of \(name)"))
        }
    }
}

extension DDLOutput {
    /// An output of its fields, which are the same in both forms.
    init(_ name: String, fields: RubyHash) {
        self.init(name, displayAs: fields[named: "display_as"].map(RubyText.text(of:)))
        description = fields[named: "description"].map(RubyText.text(of:)) ?? ""
        self.default = fields[named: "default"] ?? .null
    }
}
