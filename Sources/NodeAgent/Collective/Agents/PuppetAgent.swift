import Glibc
import MCollectiveProtocol
import MusterCore

extension CollectiveAgent {
    /// `puppet`: runs, enables, disables and watches the Puppet agent of the machine.
    package static let puppet = CollectiveAgent(
        StandardDDLs.agent(named: "puppet") ?? DDL(),
        actions: [
            "status": { call in
                let puppet = try await PuppetNode(call.context)
                var outputs = puppet.outputs
                outputs[.symbol("message")] = .text(puppet.state.message(at: .now))
                return outputs
            },
            "runonce": PuppetAgent.runOnce,
            "enable": { call in
                let puppet = try await PuppetNode(call.context)
                guard !puppet.state.isEnabled else {
                    throw ActionFailure(
                        "Could not enable Puppet: Already enabled", outputs: RubyHash(outputs: ["enabled": true]))
                }
                try FileAccess.remove(puppet.paths.disabledLock)
                return RubyHash(outputs: ["status": "Succesfully enabled the Puppet agent", "enabled": true])
            },
            "disable": { call in
                let puppet = try await PuppetNode(call.context)
                guard puppet.state.isEnabled else {
                    throw ActionFailure(
                        "Could not disable Puppet: Already disabled", outputs: RubyHash(outputs: ["enabled": false]))
                }
                let time = LocalTime.text(Timestamp.now.seconds, "%Y-%m-%d %H:%M")
                let message = call.text("message") ?? "Disabled via MCollective by \(call.origin.caller) at \(time)"
                let lock = JSON.text(.map(["disabled_message": .string(message)]))
                // Puppet makes it with its first run, which may be what is to be prevented.
                let folder = puppet.paths.disabledLock.split(separator: "/").dropLast().joined(separator: "/")
                try Files.makeDirectory("/\(folder)", mode: 0o755)
                try FileAccess.write(
                    Array(lock.utf8), to: puppet.paths.disabledLock, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
                return RubyHash(outputs: [
                    "status": .text("Succesfully locked the Puppet agent: \(message)"), "enabled": false,
                ])
            },
            "last_run_summary": { call in
                let puppet = try await PuppetNode(call.context)
                var outputs = puppet.counts
                outputs[.symbol("summary")] = RubyValue(.map(puppet.summary))
                outputs[.symbol("type_distribution")] = .hash(puppet.typeDistribution)
                if call.isTrue("logs") { outputs[.symbol("logs")] = puppet.logs(call.context.profile) }
                return outputs
            },
            "resource": PuppetAgent.resource,
        ])
}

extension DataPlugin {
    /// The state of the Puppet agent.
    static let puppet = DataPlugin("puppet") { _, context in try await PuppetNode(context).outputs }

    /// What the last run managed.
    static let resource = DataPlugin("resource") { query, context in
        let puppet = try await PuppetNode(context)
        var outputs = puppet.counts
        // Filters take plain values only.
        outputs[.symbol("config_version")] = puppet.counts[named: "config_version"].map { .text(RubyText.text(of: $0)) }
        outputs[.symbol("managed")] = .bool(query.map { puppet.managedResources.contains($0.lowercased()) } ?? false)
        return outputs
    }
}

private enum PuppetAgent {
    @Sendable static func runOnce(_ call: ActionCall) async throws -> RubyHash {
        let configuration = call.context.profile.configuration
        let puppet = try await PuppetNode(call.context)
        let run = PuppetRun(call.inputs, configuration)
        guard puppet.state.isEnabled else {
            throw ActionFailure("Puppet is disabled: '\(puppet.state.disableMessage)'")
        }
        if run.server != nil, configuration.pluginFlag("puppet.allow_server_override") != true {
            throw ActionFailure("Passing 'server' option is not allowed in module configuration")
        }
        guard !puppet.state.isApplying else {
            throw ActionFailure("Puppet is currently applying a catalog, cannot run now")
        }
        let summary: String
        if puppet.state.isIdling, configuration.pluginFlag("puppet.signal_daemon") ?? true {
            guard run.isPlain else {
                throw ActionFailure("Cannot specify any custom puppet options when the daemon is running")
            }
            guard let daemon = puppet.daemon, kill(daemon, SIGUSR1) == 0 else {
                throw ActionFailure("Could not signal the running Puppet Daemon")
            }
            summary = "Signalled the running Puppet Daemon"
        } else {
            let words = run.words(command: puppet.command, configuration: puppet.configuration)
            // The shell ends at once and leaves the run behind in the background.
            let starter = ProcessCommand(
                ["/bin/sh", "-c", "setsid \"$@\" >/dev/null 2>&1 </dev/null &", "sh"] + words)
            _ = try await call.context.functions.processes.run(starter)
            summary = "Started a Puppet run using the '\(words.joined(separator: " "))' command"
        }
        return RubyHash(outputs: ["summary": .text(summary), "initiated_at": .int(Timestamp.now.seconds)])
    }

    /// Nothing is allowed until the options name types, as by the peers.
    @Sendable static func resource(_ call: ActionCall) async throws -> RubyHash {
        let options = call.context.profile.configuration
        let (type, name) = (call.text("type")?.lowercased() ?? "", call.text("name") ?? "")
        func list(_ key: String) -> [String]? {
            options.plugins[key].map { $0.split(separator: ",").map { $0.trimmed.lowercased() } }
        }
        let isTypeAllowed =
            list("puppet.resource_type_whitelist").map { $0.contains(type) }
            ?? list("puppet.resource_type_blacklist").map { !$0.contains(type) } ?? false
        guard isTypeAllowed, list("puppet.resource_name_whitelist.\(type)")?.contains(name.lowercased()) ?? true else {
            throw ActionFailure("Managing '\(type)' resources named '\(name)' is not allowed by the configuration")
        }
        let puppet = try await PuppetNode(call.context)
        if options.pluginFlag("puppet.resource_allow_managed_resources") == false,
            puppet.managedResources.contains("\(type)[\(name)]".lowercased())
        {
            throw ActionFailure("Puppet is managing the resource '\(type)[\(name)]', refusing to change it")
        }
        guard !name.hasPrefix("-") else { throw ActionFailure("'\(name)' is no name of a resource") }
        var words = [puppet.command.first ?? "puppet", "resource", "--color=false", type, name]
        for pair in call.inputs.pairs {
            guard let property = pair.key.text, !["name", "type", "process_results"].contains(property) else {
                continue
            }
            guard property.utf8.allSatisfy({ (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "_") }) else {
                throw ActionFailure("'\(property)' is no property of a resource", status: .invalidData)
            }
            words.append("\(property)=\(RubyText.text(of: pair.value))")
        }
        var command = ProcessCommand(words)
        command.mergesError = true
        let result = try await call.context.functions.processes.run(command)
        let output = String(decoding: result.output, as: UTF8.self).trimmed
        guard result.exitCode == 0, !output.contains("Error:") else { throw ActionFailure(output) }
        return RubyHash(outputs: ["result": .text(output), "changed": .bool(output.contains("Notice: /"))])
    }
}
