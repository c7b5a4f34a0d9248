import MCollectiveProtocol
import MusterCore

/// Calling an action on the nodes that are meant.
///
/// Source: MCollective 2.12, `rpc/client.rb`, `call_agent`, `call_agent_batched`, `custom_request`.
extension McoClient {
    /// What came of a call.
    struct Outcome: Sendable {
        /// In the order of arrival, or by sender with `--sort`.
        var results: [McoResult]
        var statistics: McoStatistics
        /// Whether it ended because of Ctrl-C.
        var isCut = false
    }

    /// Calls an action on the nodes that the command line means: all of them, a share, or one batch after the other.
    mutating func call(_ name: String, _ inputs: RubyHash = [:]) async throws -> Outcome {
        let action = try check(name, inputs)
        let nodes = try await discover()
        if let limit = nodeLimit {
            var random = SystemRandomNumberGenerator()
            return try await call(action, inputs, on: limit.choose(nodes, using: &random), isDirect: true)
        }
        if let size = batchSize {
            guard world.configuration.directAddressing else {
                throw McoFailure("Batched requests requires direct addressing")
            }
            return try await call(action, inputs, on: nodes, inBatchesOf: size)
        }
        return try await call(action, inputs, on: nodes, isDirect: discovery?.isDirect ?? false)
    }

    /// Calls an action on some nodes, whatever the filter says. Nobody is discovered.
    func call(_ name: String, _ inputs: RubyHash = [:], on nodes: [String]) async throws -> Outcome {
        try await call(check(name, inputs), inputs, on: nodes, isDirect: true)
    }

    /// Sends a call and waits for nothing.
    ///
    /// - Parameter wantsReply: Whether the nodes shall answer, to somebody else.
    /// - Returns: The id of the request.
    mutating func send(_ name: String, _ inputs: RubyHash = [:], wantsReply: Bool) async throws -> String {
        _ = try check(name, inputs)
        let isNamed = filter.plainIdentities != nil && world.configuration.directAddressing
        guard batchSize == nil else { throw McoFailure("Cannot bypass result processing for batched requests") }
        let isDirect = try method() != "mc" || isNamed || nodeLimit != nil
        let recipients = CollectiveCall.Recipients.self
        var nodes = isDirect ? try await discover() : []
        if let limit = nodeLimit {
            var random = SystemRandomNumberGenerator()
            nodes = limit.choose(nodes, using: &random)
        }
        guard !isDirect || !nodes.isEmpty else { throw McoExit(1, "No request sent, we did not discover any nodes.") }
        let whom = isDirect ? recipients.nodes(nodes) : recipients.everybody
        let conversation = try await caller.send(
            request(name, inputs, to: whom, wantsReply: wantsReply, replyTo: world.invocation.replyTo))
        await conversation.end()
        return conversation.requestID
    }

    /// Checks a call by the description of the agent.
    ///
    /// - Throws: ``DDLRefusal``
    @discardableResult
    func check(_ name: String, _ inputs: RubyHash) throws(DDLRefusal) -> DDLAction {
        try description.check(RPCRequest(agent: agent, action: name, inputs: inputs))
    }

    private var batchSize: NodeLimit.Size? {
        if let size = world.invocation.batch { return size }
        return world.configuration.batchSize > 0 ? .count(world.configuration.batchSize) : nil
    }

    /// One request to all of the nodes.
    private func call(
        _ action: DDLAction, _ inputs: RubyHash, on nodes: [String], isDirect: Bool
    ) async throws -> Outcome {
        var round = McoRound(world, agent: agent, action: action, nodes: nodes, showsProgress: showsProgress)
        if nodes.isEmpty {
            world.diagnose("\nNo request sent, we did not discover any nodes.")
        } else {
            let isSmall = nodes.count <= world.configuration.directAddressingThreshold
            let isSingle = isDirect || world.configuration.directAddressing && isSmall
            try round.begin()
            _ = try await ask(
                request(action.name, inputs, to: isSingle ? .nodes(nodes) : .everybody, wantsReply: true),
                of: nodes, &round)
        }
        if showsProgress { try world.console.write("\n\n", to: .output) }
        return round.outcome(discoveryTime: discovery?.time ?? 0)
    }

    /// One request after the other, each to a part of the nodes.
    private func call(
        _ action: DDLAction, _ inputs: RubyHash, on nodes: [String], inBatchesOf size: NodeLimit.Size
    ) async throws -> Outcome {
        var round = McoRound(world, agent: agent, action: action, nodes: nodes, showsProgress: showsProgress)
        let pause = world.invocation.batchSleep ?? world.configuration.batchSleepTime
        if nodes.isEmpty {
            world.diagnose("\nNo request sent, we did not discover any nodes.")
        } else {
            try round.begin()
        }
        let batches = NodeBatches.groups(nodes, of: size)
        for (place, batch) in batches.enumerated() {
            let request = try request(action.name, inputs, to: .nodes(Array(batch)), wantsReply: nil)
            let isCut = try await ask(request, of: Array(batch), &round)
            round.wait(pause)
            if isCut { break }
            if place < batches.count - 1 { try await world.context.sleep(.seconds(pause)) }
        }
        if showsProgress { try world.console.write("\n", to: .output) }
        return round.outcome(discoveryTime: discovery?.time ?? 0)
    }

    /// - Returns: Whether it was cut short by Ctrl-C.
    private func ask(
        _ request: CollectiveCall, of nodes: [String], _ round: inout McoRound
    ) async throws -> Bool {
        let start = world.clock()
        let end = Collecting.End.expected(nodes, .seconds(try requestTime()))
        let collecting = Collecting(context: world.context, start: start, end: end)
        let meter = round.meter
        let harvest = try await collecting.run(try await caller.send(request)) { _, _ in try meter?.advance() }
        if !harvest.silent.isEmpty, !harvest.isCut {
            world.warn(
                "Could not receive all responses. Did not receive responses from "
                    + harvest.silent.joined(separator: ", "))
        }
        round.take(harvest, seconds: start.duration(to: world.clock()) / .seconds(1))
        return harvest.isCut
    }

    private func request(
        _ action: String, _ inputs: RubyHash, to recipients: CollectiveCall.Recipients, wantsReply: Bool?,
        replyTo: String? = nil
    ) throws -> CollectiveCall {
        let body = RPCRequest(
            agent: agent, action: action, caller: site.callerID, inputs: inputs, wantsReply: wantsReply)
        return CollectiveCall(
            body: body.body, agent: agent, filter: filter, collective: try world.collective(),
            ttl: world.invocation.ttl, recipients: recipients, replyTo: replyTo)
    }
}
