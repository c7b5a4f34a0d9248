/// How the descriptions in this folder are written down.
extension DDL {
    /// A description without actions.
    static func plugin(
        _ name: String, _ description: String, license: String = "Apache License, Version 2.0", version: String = "1.0",
        url: String = "https://docs.puppetlabs.com/mcollective/", timeout: Double
    ) -> DDL {
        var ddl = DDL()
        ddl.metadata.name = name
        ddl.metadata.description = description
        ddl.metadata.author = "The Muster authors"
        ddl.metadata.license = license
        ddl.metadata.version = version
        ddl.metadata.url = url
        ddl.metadata.timeout = timeout
        return ddl
    }

    /// An agent.
    static func agent(_ name: String, _ description: String, timeout: Double, _ actions: [DDLAction]) -> DDL {
        var ddl = plugin(name, description, timeout: timeout)
        ddl.actions = actions
        return ddl
    }

    /// A data plugin, which has one query and its outputs.
    static func data(
        _ title: String, _ description: String, timeout: Double = 1, query: DDLInput?, _ outputs: [DDLOutput]
    ) -> DDL {
        var ddl = plugin(title, description, license: "ASL 2.0", timeout: timeout)
        var action = DDLAction("data")
        action.description = description
        action.inputs = query.map { [$0] } ?? []
        action.outputs = outputs
        ddl.dataQuery = action
        return ddl
    }

    /// A discovery method.
    static func discovery(_ name: String, _ description: String, timeout: Double, _ capabilities: [String]) -> DDL {
        var ddl = plugin(name, description, license: "ASL 2.0", version: "0.1", timeout: timeout)
        ddl.discoveryCapabilities = capabilities
        return ddl
    }
}

extension DDLAction {
    /// An action.
    static func action(
        _ name: String, _ description: String, display: Display = .failed, inputs: [DDLInput] = [],
        outputs: [DDLOutput] = [], summaries: [DDLAggregate] = []
    ) -> DDLAction {
        var action = DDLAction(name)
        action.description = description
        action.display = display
        action.inputs = inputs
        action.outputs = outputs
        action.aggregates = summaries
        return action
    }
}

extension DDLInput {
    /// A text in which the pattern must be found.
    static func text(
        _ name: String, _ description: String, prompt: String, matching pattern: String, max: Int,
        isOptional: Bool = false
    ) -> DDLInput {
        input(name, .string(.pattern(pattern), maxLength: max), description, prompt, isOptional)
    }

    /// A text without the signs that mean something to a shell.
    static func shellSafe(
        _ name: String, _ description: String, prompt: String, max: Int, isOptional: Bool = false
    ) -> DDLInput {
        input(name, .string(.validator("shellsafe"), maxLength: max), description, prompt, isOptional)
    }

    /// A truth.
    static func flag(
        _ name: String, _ description: String, prompt: String, isOptional: Bool = true
    ) -> DDLInput {
        input(name, .boolean, description, prompt, isOptional)
    }

    /// A value of another kind.
    static func input(
        _ name: String, _ kind: Kind, _ description: String, _ prompt: String, _ isOptional: Bool = false
    ) -> DDLInput {
        var input = DDLInput(name, kind)
        input.description = description
        input.prompt = prompt
        input.isOptional = isOptional
        return input
    }
}

extension DDLOutput {
    /// An output with its label.
    static func output(
        _ name: String, _ description: String, _ label: String, default value: RubyValue = .null
    ) -> DDLOutput {
        var output = DDLOutput(name, displayAs: label)
        output.description = description
        output.default = value
        return output
    }
}

extension DDLAggregate {
    /// Counts the values.
    static func summary(_ output: String) -> DDLAggregate { DDLAggregate("summary", output) }

    /// Counts truths under words of their own.
    static func truths(_ output: String, true yes: String, false no: String) -> DDLAggregate {
        var aggregate = DDLAggregate("boolean_summary", output)
        aggregate.arguments = [.symbol("true"): .text(yes), .symbol("false"): .text(no)]
        return aggregate
    }
}
