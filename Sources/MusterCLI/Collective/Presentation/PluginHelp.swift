import MCollectiveProtocol

/// What a plugin is, takes and gives.
///
/// Source: MCollective 2.12, `etc/metadata-help.erb`, `rpc-help.erb`, `data-help.erb`, `discovery-help.erb`.
enum PluginHelp {
    static func text(of ddl: DDL) -> String {
        let head = metadata(ddl) + "\n"
        if let capabilities = ddl.discoveryCapabilities { return head + discovery(capabilities) }
        if let query = ddl.dataQuery { return head + data(query) }
        return head + actions(ddl)
    }

    private static func metadata(_ ddl: DDL) -> String {
        let metadata = ddl.metadata
        var text = """
            \(metadata.name)
            \(String(repeating: "=", count: metadata.name.unicodeScalars.count))

            \(metadata.description)

                  Author: \(metadata.author)
                 Version: \(metadata.version)
                 License: \(metadata.license)
                 Timeout: \(number(metadata.timeout))
               Home Page: \(metadata.url)

            """
        if let version = ddl.requirements["mcollective"] {
            text += "\n   Requires MCollective \(version) or newer\n"
        }
        if let usage = ddl.usage, !usage.isEmpty {
            text += "\n" + usage.rubyLines.map { $0.isEmpty ? "" : "   \($0)" }.joined(separator: "\n") + "\n"
        }
        return text
    }

    private static func number(_ seconds: Double) -> String {
        Int(exactly: seconds).map { String($0) } ?? RubyText.text(of: .double(seconds))
    }

    private static func discovery(_ capabilities: [String]) -> String {
        let known = [
            ("Filter based on configuration management classes", "classes"), ("Filter based on system facts", "facts"),
            ("Filter based on mcollective identity", "identity"), ("Filter based on mcollective agents", "agents"),
            ("Compound filters combining classes and facts", "compound"),
        ]
        return "DISCOVERY METHOD CAPABILITIES:\n"
            + known.filter { capabilities.contains($0.1) }.map { "      \($0.0)\n" }.joined() + "\n"
    }

    private static func data(_ query: DDLAction) -> String {
        let input = query.inputs.first { $0.name == "query" }.map { text(of: $0, withOptional: false) }
        return "QUERY FUNCTION INPUT:\n\n" + (input ?? "    This plugin does not take any input\n")
            + "\nQUERY FUNCTION OUTPUT:\n\n" + query.outputs.sorted { $0.name < $1.name }.map(text).joined()
    }

    private static func actions(_ ddl: DDL) -> String {
        let actions = ddl.actions.sorted { $0.name < $1.name }
        return "ACTIONS:\n========\n   \(actions.map(\.name).joined(separator: ", "))\n\n"
            + actions.map(text).joined()
    }

    private static func text(of action: DDLAction) -> String {
        let inputs =
            action.inputs.isEmpty
            ? "          This action does not have any inputs\n"
            : action.inputs.sorted { $0.name < $1.name }
                .map { "           \($0.name):\n" + text(of: $0, withOptional: true) + "\n" }.joined()
        let outputs = action.outputs.sorted { $0.name < $1.name }.map(text).joined()
        return """
               \(action.name) action:
               \(String(repeating: "-", count: action.name.unicodeScalars.count + 8))
                   \(action.description)

                   INPUT:

            """ + inputs + "\n       OUTPUT:\n" + outputs
    }

    private static func text(of input: DDLInput, withOptional: Bool) -> String {
        var fields = [
            ("Description", input.description), ("Prompt", input.prompt), ("Type", type(input.kind)),
        ]
        if withOptional { fields.append(("Optional", String(input.isOptional))) }
        switch input.kind {
        case .string(let validation, let maxLength):
            fields += [("Validation", validation.shown), ("Length", String(maxLength))]
        case .list(let values):
            fields.append(("Valid Values", values.map(RubyText.text(of:)).joined(separator: ", ")))
        case .boolean, .integer, .float, .number, .other: break
        }
        return lines(fields, default: input.default ?? .null)
    }

    private static func type(_ kind: DDLInput.Kind) -> String {
        switch kind {
        case .string: "string"
        case .boolean: "boolean"
        case .integer: "integer"
        case .float: "float"
        case .number: "number"
        case .list: "list"
        case .other(let name): name
        }
    }

    private static func text(of output: DDLOutput) -> String {
        let fields = [("Description", output.description), ("Display As", output.displayAs)]
        return "           \(output.name):\n" + lines(fields, default: output.default) + "\n"
    }

    /// A default that is nothing or false is not told, as in the original.
    private static func lines(_ fields: [(String, String)], default value: RubyValue) -> String {
        var text = fields.map { "\(RubyText.aligned($0.0, 25)): \($0.1)\n" }.joined()
        if value != .null, value != false {
            text += "\(RubyText.aligned("Default Value", 25)): \(RubyText.text(of: value))\n"
        }
        return text
    }
}
