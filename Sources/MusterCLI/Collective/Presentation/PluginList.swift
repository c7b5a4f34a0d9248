import MCollectiveProtocol

/// Every plugin that is known, by kind.
///
/// Source: MCollective 2.12, `application/plugin.rb`, `doc_command`.
enum PluginList {
    static func text(_ library: DDLLibrary) -> String {
        var problems: [StandardPlugins.Line] = []
        let parts = [
            ("Agents", lines(.agent, library, &problems)), ("Aggregate", StandardPlugins.aggregates),
            ("Connectors", StandardPlugins.connectors), ("Data Queries", lines(.data, library, &problems)),
            ("Discovery Methods", lines(.discovery, library, &problems)),
            ("Validator Plugins", StandardPlugins.validators),
        ]
        let text = parts.map { "\($0.0):\n" + $0.1.map(line).joined() + "\n" }.joined()
        return problems.isEmpty ? text : text + "Plugin Load Errors:\n" + problems.map(line).joined()
    }

    private static func line(_ line: StandardPlugins.Line) -> String {
        "  \(RubyText.padded(line.name, 25)) \(line.description)\n"
    }

    private static func lines(
        _ kind: DDLLibrary.Kind, _ library: DDLLibrary, _ problems: inout [StandardPlugins.Line]
    ) -> [StandardPlugins.Line] {
        var lines: [StandardPlugins.Line] = []
        for name in library.names(kind) {
            do throws(McoFailure) {
                let description = try library.description(kind, name).metadata.description
                lines.append(StandardPlugins.Line(name: name, description: description))
            } catch {
                problems.append(
                    StandardPlugins.Line(name: "\(kind.rawValue)/\(name)", description: error.description))
            }
        }
        return lines
    }
}
