import MCollectiveProtocol

/// Puppet runs on all nodes that are enabled, a few at a time.
///
/// Source: `util/puppetrunner.rb` of the puppet plugin.
struct PuppetRunner {
    /// A node that was told to run, or was running when first seen.
    private struct Running {
        /// Seconds since the epoch; zero when it was not us.
        var initiatedAt: Int64
        /// How often it had not begun yet.
        var checks = 0
        /// How often it did not answer.
        var silences = 0
    }

    let world: McoWorld
    let options: PuppetRunOptions
    let concurrency: Int

    /// - Parameter interval: Seconds from one beginning to the next, nil for once.
    func run(every interval: Int?) async throws -> Int32 {
        guard let interval else {
            try await runOnce()
            return 0
        }
        try log("Performing ongoing Puppet run management with a minimum runtime of \(interval) seconds between loops")
        while true {
            let start = world.clock()
            if try await runOnce() { return 0 }
            let seconds = Int(start.duration(to: world.clock()) / .seconds(1))
            guard seconds <= interval else {
                try log(
                    "Running all hosts took \(seconds) seconds; starting a new loop immediately due to minimum run "
                        + "time configuration of \(interval) seconds")
                continue
            }
            try log(
                "Running all hosts took \(seconds) seconds; sleeping for \(interval - seconds) seconds due to minimum "
                    + "run time configuration of \(interval) seconds")
            if try await pause(.seconds(interval - seconds)) { return 0 }
        }
    }

    /// - Returns: Whether Ctrl-C ended it.
    @discardableResult
    private func runOnce() async throws -> Bool {
        try log("Running all nodes with a concurrency of \(concurrency)")
        try log("Discovering enabled Puppet nodes to manage")
        return try await McoClient.with(enabledOnly(), agent: "puppet") { client in
            client.showsProgress = false
            let nodes = try await client.discover()
            try log("Found \(nodes.count) enabled \(nodes.count == 1 ? "node" : "nodes")")
            let isCut = try await run(nodes, client)
            if !isCut { try log("Iteration complete. Initiated a Puppet run on \(nodes.count) nodes.") }
            return isCut
        }
    }

    /// The command line with the filter narrowed to nodes whose agent is enabled.
    private func enabledOnly() throws -> McoWorld {
        let isEnabled = DataFunction(DataCall("puppet"), output: "enabled", .equal, .text("true"))
        var narrowed = world
        var tokens: [CompoundFilter.Token] = [.function(isEnabled)]
        if let first = world.invocation.filter.compounds.first {
            try log("Modifying user-specified filter: and'ing with 'puppet().enabled=true'")
            tokens += [.and, .open] + first.tokens + [.close]
        }
        let rest = world.invocation.filter.compounds.dropFirst()
        narrowed.invocation.filter.compounds = [try CompoundFilter(tokens)] + rest
        return narrowed
    }

    private func run(_ nodes: [String], _ client: McoClient) async throws -> Bool {
        var waiting = nodes
        var running: [String: Running] = [:]
        if try await update(&running, nodes, client) { return true }
        while !waiting.isEmpty {
            for node in waiting {
                guard running.count < concurrency else { break }
                guard running[node] == nil else { continue }
                let outcome = try await client.call("runonce", options.forced, on: [node])
                if outcome.isCut { return true }
                running[node] = Running(initiatedAt: try told(node, outcome))
                waiting.removeAll { $0 == node }
            }
            if try await pause(.seconds(1)) { return true }
            if try await update(&running, nodes, client) { return true }
        }
        return false
    }

    /// Tells what a node said to its run.
    ///
    /// - Returns: When it began, as the node says.
    private func told(_ node: String, _ outcome: McoClient.Outcome) throws -> Int64 {
        guard let reply = outcome.results.first?.reply else {
            try log("\(node) did not return a result")
            return 0
        }
        let text = reply.status == .ok ? RubyText.text(of: reply.data[named: "summary"] ?? .null) : reply.message
        try log("\(node) schedule status: \(TerminalText.line(text))")
        return reply.data[named: "initiated_at"]?.int ?? 0
    }

    /// Asks all nodes what they do, and forgets those that have done it, or never will.
    ///
    /// - Returns: Whether Ctrl-C ended it.
    private func update(
        _ running: inout [String: Running], _ nodes: [String], _ client: McoClient
    ) async throws -> Bool {
        guard !nodes.isEmpty else { return false }
        let outcome = try await client.call("status", on: nodes)
        if outcome.isCut { return true }
        for node in nodes {
            var state = running[node] ?? Running(initiatedAt: 0)
            let data = outcome.results.first { $0.sender == node }?.reply.data
            if data?[named: "applying"] == true {
                state.initiatedAt = data?[named: "initiated_at"]?.int ?? state.initiatedAt
            } else if let data {
                guard (data[named: "lastrun"]?.int ?? 0) < state.initiatedAt else {
                    running[node] = nil
                    continue
                }
                state.checks += 1
            } else {
                try log("Host \(node) did not respond to the status action.")
                state.silences += 1
            }
            running[node] = try isGivenUp(state, node) ? nil : state
        }
        return false
    }

    private func isGivenUp(_ state: Running, _ node: String) throws -> Bool {
        if state.silences >= 5 {
            try log("Host \(node) failed to respond multiple times. Skipping.")
        } else if state.checks >= 5 {
            try log("Host \(node) did not move into an applying state. Skipping.")
        }
        return state.silences >= 5 || state.checks >= 5
    }

    private func pause(_ time: Duration) async throws -> Bool {
        try await Interruption.pausing(world.context, for: time)
    }

    private func log(_ text: String) throws {
        try world.puts("\(LocalTime.shortText(world.context.now())): \(text)")
    }
}
