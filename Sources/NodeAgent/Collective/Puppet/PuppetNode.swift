import MCollectiveProtocol
import MusterCore

/// The Puppet agent of this machine at one moment, as the agent and the data plugins show it.
struct PuppetNode {
    let command: [String]
    let configuration: String?
    let paths: PuppetInstallation.Paths
    let summary: ValueMap
    let state: PuppetState

    init(_ context: CollectiveContext) async throws {
        let options = context.profile.configuration.plugins
        command = PuppetInstallation.located(
            (options["puppet.command"] ?? "puppet agent").split(separator: " ").map(String.init))
        configuration = options["puppet.config"]
        paths = try await PuppetInstallation.shared.paths(
            command: command, configuration: configuration, context.functions.processes)
        // The file is not there before the first run, and half there while it is written.
        summary = (try? context.profile.readYAML(paths.lastRun)) ?? [:]
        state = PuppetState(paths, summary: summary)
    }

    /// The process of the daemon, nil when it does not run.
    var daemon: Int32? {
        state.hasDaemon ? SystemFiles().text(paths.processID).flatMap { Int32($0.trimmed) } : nil
    }

    /// The outputs that `status` and the data plugin have in common.
    var outputs: RubyHash {
        RubyHash(outputs: [
            "applying": .bool(state.isApplying), "idling": .bool(state.isIdling), "enabled": .bool(state.isEnabled),
            "daemon_present": .bool(state.hasDaemon), "lastrun": .int(state.lastRun),
            "since_lastrun": .int(Timestamp.now.seconds - state.lastRun), "status": .text(state.word),
            "disable_message": .text(state.disableMessage),
        ])
    }

    /// The outputs that `last_run_summary` and the data plugin `resource` have in common.
    var counts: RubyHash {
        func resources(_ name: String, _ none: Int64) -> RubyValue {
            .int(summary["resources"]?[name]?.int ?? none)
        }
        func time(_ name: String, _ none: Int64) -> RubyValue {
            summary["time"]?[name].map { RubyValue($0) } ?? .int(none)
        }
        return RubyHash(outputs: [
            "out_of_sync_resources": resources("out_of_sync", 0), "failed_resources": resources("failed", 0),
            "corrected_resources": resources("corrective_change", 0), "changed_resources": resources("changed", 0),
            "total_resources": resources("total", 0), "config_retrieval_time": time("config_retrieval", 0),
            "total_time": time("total", 0), "lastrun": .int(state.lastRun),
            "since_lastrun": .int(Timestamp.now.seconds - state.lastRun),
            "config_version": summary["version"]?["config"].map { RubyValue($0) } ?? "unknown",
        ])
    }

    /// What the last run managed, as `type[name]` in small letters.
    var managedResources: Set<String> { Set(resourceLines.map { $0.lowercased() }) }

    /// How many resources of each type the last run managed.
    var typeDistribution: [(RubyValue, RubyValue)] {
        var counts: [String: Int64] = [:]
        for line in resourceLines {
            let type = line.prefix { $0 != "[" }.split(separator: "::").map {
                $0.prefix(1).uppercased() + $0.dropFirst()
            }
            counts[type.joined(separator: "::"), default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }.map { (.text($0.key), .int($0.value)) }
    }

    private var resourceLines: [String] {
        (SystemFiles().text(paths.resources) ?? "").split(separator: "\n").map(\.trimmed)
    }

    /// The log of the last run. A report that cannot be read has none.
    func logs(_ profile: CollectiveProfile) -> RubyValue {
        let report = (try? profile.readYAML(paths.lastReport)) ?? [:]
        let lines = (report["logs"]?.array ?? []).map { line -> RubyValue in
            .hash(
                RubyHash(outputs: [
                    "time_utc": line["time"].map { RubyValue($0) } ?? .null,
                    "time": line["time"].map { RubyValue($0) } ?? .null,
                    "level": line["level"].map { RubyValue($0) } ?? .null,
                    "source": line["source"].map { RubyValue($0) } ?? .null,
                    "msg": line["message"].map { RubyValue($0) } ?? .null,
                ]))
        }
        return .array(lines)
    }
}
