import MCollectiveProtocol
import MusterCore

/// What a node tells of itself: the answers to `daemon_stats` and `inventory` of the agent `rpcutil`.
///
/// Source: MCollective 2.12, `application/inventory.rb`, `node_inventory`.
struct InventoryText: Sendable {
    var layout: McoLayout
    var statistics: RubyHash
    var inventory: RubyHash

    func text(_ sender: String) -> String {
        ["Inventory for \(layout.name(sender)):", "", "   Server Statistics:", server].joined(separator: "\n")
            + "\n\n   Agents:\n" + names(list("agents"), none: "No agents installed")
            + "\n   Data Plugins:\n" + names(plugins, none: "No data plugins installed")
            + "\n   Configuration Management Classes:\n" + classes
            + "\n   Facts:\n" + facts
    }

    private var server: String {
        let start = statistics[named: "starttime"]?.int.map { LocalTime.text(Timestamp(seconds: $0)) }
        let times = statistics[named: "times"]?.hash ?? [:]
        var fields: [(String, String)] = [
            ("Version", statistic("version")), ("Start Time", start ?? ""), ("Config File", statistic("configfile")),
        ]
        if inventory[named: "collectives"] != nil {
            fields.append(("Collectives", list("collectives").joined(separator: ", ")))
        }
        if let main = inventory[named: "main_collective"] {
            fields.append(("Main Collective", layout.shown(RubyText.text(of: main))))
        }
        fields += [
            ("Process ID", statistic("pid")), ("Total Messages", statistic("total")),
            ("Messages Passed Filters", statistic("passed")), ("Messages Filtered", statistic("filtered")),
            ("Expired Messages", statistic("ttlexpired")), ("Replies Sent", statistic("replies")),
            ("Total Processor Time", "\(text(times[named: "utime"])) seconds"),
            ("System Time", "\(text(times[named: "stime"])) seconds"),
        ]
        return fields.map { "\(RubyText.aligned($0.0, 29)): \($0.1)" }.joined(separator: "\n")
    }

    private func statistic(_ name: String) -> String { text(statistics[named: name]) }

    private func text(_ value: RubyValue?) -> String { layout.shown(RubyText.text(of: value ?? .null)) }

    private func list(_ name: String) -> [String] {
        (inventory[named: name]?.array ?? []).map { layout.shown(RubyText.text(of: $0)) }
    }

    private var plugins: [String] {
        list("data_plugins").sortedByBytes().map { $0.replacing("_data", with: "") }
    }

    /// Three in a line.
    private func names(_ names: [String], none: String) -> String {
        guard !names.isEmpty else { return "      \(none)\n" }
        return NameColumns.groups(names.sortedByBytes(), of: 3).map { row in
            "      " + row.map { RubyText.padded($0, 15) }.joined(separator: " ") + "\n"
        }.joined()
    }

    private var classes: String {
        let names = list("classes").sortedByBytes()
        guard !names.isEmpty else { return "      No classes applied\n" }
        return NameColumns.lines(names).map { "\($0)\n" }.joined()
    }

    private var facts: String {
        let pairs = (inventory[named: "facts"]?.hash ?? [:]).pairs
            .map { (name: text($0.key), value: text($0.value)) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        guard !pairs.isEmpty else { return "      No facts known\n" }
        return pairs.map { "      \($0.name) => \($0.value)\n" }.joined()
    }
}
