import MusterCore

/// The JSON form, for agents that are not written in Ruby.
///
///     {"metadata": {"name": …, "timeout": 10}, "requires": {…}, "usage": "…",
///      "actions": [{"action": "run", "description": "…", "display": "always",
///                   "input": {"command": {"type": "string", "validation": "shellsafe", "maxlength": 100, …}},
///                   "output": {"exitcode": {"display_as": "…", "default": 1}},
///                   "aggregate": [{"function": "summary", "args": ["exitcode", {"format": "…"}]}]}],
///      "dataquery": {"description": "…", "input": {…}, "output": {…}}, "discovery": {"capabilities": […]}}
///
/// Source: the JSON DDLs of Choria, which took the fields over from MCollective's Ruby.
extension DDL {
    /// Reads a file.
    package init(json bytes: [UInt8]) throws(DDLError) {
        self.init()
        guard bytes.count <= DDLLexer.maxBytes else { throw DDLError(line: 0, .tooLong(limit: DDLLexer.maxBytes)) }
        let file: RubyHash
        do {
            file = RubyValue(try JSON.value(bytes, maxDepth: DDLStatementReader.maxDepth)).hash ?? [:]
        } catch {
            throw DDLError(line: 0, .json("\(error)"))
        }
        do throws(DDLFieldError) {
            try read(file)
        } catch {
            throw DDLError(line: 0, error.problem)
        }
    }

    private mutating func read(_ file: RubyHash) throws(DDLFieldError) {
        guard let fields = file[named: "metadata"]?.hash else { throw DDLFieldError(problem: .missing("'metadata'")) }
        func text(_ key: String) -> String { fields[named: key].map(RubyText.text(of:)) ?? "" }
        metadata.name = text("name")
        guard !metadata.name.isEmpty else { throw DDLFieldError(problem: .missing("'name'")) }
        metadata.description = text("description")
        metadata.author = text("author")
        metadata.license = text("license")
        metadata.version = text("version")
        metadata.url = text("url")
        guard let timeout = Double(text("timeout")), timeout >= 0, timeout.isFinite else {
            throw DDLFieldError(problem: .invalid("'timeout'"))
        }
        metadata.timeout = timeout
        for pair in file[named: "requires"]?.hash?.pairs ?? [] {
            requirements[RubyText.text(of: pair.key)] = RubyText.text(of: pair.value)
        }
        usage = file[named: "usage"]?.text
        for value in file[named: "actions"]?.array ?? [] {
            guard let fields = value.hash, let name = fields[named: "action"]?.text, !name.isEmpty else {
                throw DDLFieldError(problem: .missing("the name of an action"))
            }
            actions.append(try DDLAction(name, fields: fields))
        }
        if let fields = file[named: "dataquery"]?.hash { dataQuery = try DDLAction("data", fields: fields) }
        if let fields = file[named: "discovery"]?.hash {
            discoveryCapabilities = (fields[named: "capabilities"]?.array ?? []).compactMap(\.text)
        }
    }
}

extension DDLAction {
    fileprivate init(_ name: String, fields: RubyHash) throws(DDLFieldError) {
        self.init(name)
        description = fields[named: "description"].map(RubyText.text(of:)) ?? ""
        if let mode = fields[named: "display"]?.text {
            guard let display = Display(rawValue: mode) else {
                throw DDLFieldError(problem: .invalid("'display' of \(name)"))
            }
            self.display = display
        }
        for pair in fields[named: "input"]?.hash?.pairs ?? [] {
            inputs.append(try DDLInput(RubyText.text(of: pair.key), fields: pair.value.hash ?? [:]))
        }
        for pair in fields[named: "output"]?.hash?.pairs ?? [] {
            outputs.append(DDLOutput(RubyText.text(of: pair.key), fields: pair.value.hash ?? [:]))
        }
        for value in fields[named: "aggregate"]?.array ?? [] {
            guard let fields = value.hash, let function = fields[named: "function"]?.text,
                let arguments = fields[named: "args"]?.array, let output = arguments.first?.text
            else { throw DDLFieldError(problem: .invalid("'aggregate' of \(name)")) }
            var aggregate = DDLAggregate(function, output)
            let options = arguments.dropFirst().compactMap(\.hash).flatMap(\.pairs)
            aggregate.format = options.first { $0.key.text == "format" }?.value.text
            aggregate.arguments = RubyHash(options.filter { $0.key.text != "format" })
            aggregates.append(aggregate)
        }
    }
}
