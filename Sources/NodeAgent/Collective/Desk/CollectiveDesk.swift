package import Logging
package import MCollectiveProtocol
package import MusterCore

/// Serves requests that were proved and are in time: judges the filter, checks the call, runs the action, makes the answer.
///
/// A value without a socket: whoever carries messages gives it requests and sends what it answers. The order of the checks
/// is that of the reference: filter, DDL, policy, audit, action.
///
/// Source: MCollective 2.12, `runner.rb`, `agents.rb`, `rpc/agent.rb`, `handlemsg`.
package struct CollectiveDesk: Sendable {
    /// What becomes of a request.
    package enum Answer: Sendable, Hashable {
        /// Another node is meant.
        case filtered
        /// The node is meant and says nothing: nobody wants an answer, or there is no call to answer. Why, for the log.
        case silent(String)
        case reply(RubyValue)
    }

    private let profile: CollectiveProfile
    private let policies: ActionPolicyFiles?
    private let audit: AuditLog?
    private let turns: ActionTurns
    private let functions: @Sendable () async -> FunctionContext
    private let logger: Logger

    /// - Parameters:
    ///   - policies: nil lets every caller do everything.
    ///   - functions: what actions run with.
    package init(
        _ profile: CollectiveProfile, policies: ActionPolicyFiles? = nil, audit: AuditLog? = nil,
        turns: ActionTurns = ActionTurns(), logger: Logger,
        functions: @escaping @Sendable () async -> FunctionContext
    ) {
        self.profile = profile
        self.policies = policies
        self.audit = audit
        self.turns = turns
        self.logger = logger
        self.functions = functions
    }

    /// Finds out what takes longer than a query of a data plugin may: where Puppet has its files.
    package func prepare() async {
        guard profile.agent(named: CollectiveAgent.puppet.name) != nil else { return }
        // A machine without Puppet says so again when it is asked.
        _ = try? await PuppetNode(CollectiveContext(profile: profile, functions: await functions()))
    }

    /// Serves one request to its end. Cancelling the task ends the action with its programs.
    ///
    /// - Parameter passed: called as soon as it is clear that this node is meant.
    package func answer(
        _ request: CollectiveRequest, at now: Timestamp = .now, passed: @Sendable () -> Void = {}
    ) async -> Answer {
        let context = CollectiveContext(profile: profile, functions: await functions())
        if !request.filter.isEmpty {
            guard let subject = await subject(of: request.filter, in: context) else {
                return .silent("too many queries of data plugins run and wait")
            }
            guard request.filter.passes(subject) else { return .filtered }
        }
        passed()
        if request.agent == Discovery.agent { return .reply(Discovery.answer(to: request.body)) }
        guard let agent = profile.agent(named: request.agent) else { return .silent("there is no such agent") }
        let call: RPCRequest
        do throws(RPCError) {
            call = try RPCRequest(body: request.body, agent: request.agent)
        } catch {
            return .silent("\(error)")
        }
        // With ssl and aes only the body is signed: whoever alters the envelope must not choose another agent for it.
        guard call.agent == request.agent else { return .silent("the body names another agent than the envelope") }
        let reply = await reply(to: call, of: agent, request, in: context, at: now)
        guard call.wantsReply != false else { return .silent("the caller wants no answer") }
        return .reply(reply.body)
    }

    /// How many data plugins one filter may ask.
    private static let maxQueries = 20

    /// What a filter is judged by. Queries of data plugins take their turns, like actions; nil when there is none.
    private func subject(of filter: Filter, in context: CollectiveContext) async -> FilterSubject? {
        let calls = filter.calls
        guard !calls.isEmpty else { return await profile.subject(asking: [], in: context) }
        // Each may take seconds, and nobody has been asked yet whether this caller may anything.
        guard calls.count <= CollectiveDesk.maxQueries else { return nil }
        do {
            return try await turns.take { await profile.subject(asking: calls, in: context) }
        } catch {
            return nil
        }
    }

    private func reply(
        to call: RPCRequest, of agent: CollectiveAgent, _ request: CollectiveRequest, in context: CollectiveContext,
        at now: Timestamp
    ) async -> RPCReply {
        var refused = RPCReply(data: agent.description.action(call.action)?.defaultData ?? [:])
        do {
            try agent.description.check(call)
        } catch {
            refused.fail(.invalidData, "\(error)")
            return refused
        }
        if let policies {
            guard await policies.allows(request, action: call.action, profile: profile, in: context) else {
                refused.fail(.aborted, ActionPolicyFiles.refusal)
                return refused
            }
        }
        do {
            try audit?.record(request, action: call.action, at: now)
        } catch {
            // The reference goes on too: a full disk must not take the node away from its operators.
            logger.error("call not audited", metadata: ["reason": "\(error)"])
        }
        let end = ContinuousClock.now + .seconds(max(0, min(request.ttl, 86_400)))
        let actionCall = ActionCall(call.action, inputs: call.inputs, origin: .init(request), context: context)
        do {
            let reply = try await turns.take { await run(actionCall, of: agent, until: end) }
            logger.info(
                "action",
                metadata: [
                    "collective.agent": "\(agent.name)", "collective.action": "\(call.action.loggable)",
                    "collective.caller": "\(request.callerID)", "collective.request": "\(request.requestID.loggable)",
                    "status": "\(reply.status.rawValue)",
                ])
            return reply
        } catch {
            refused.fail(.unknownError, "\(error)")
            return refused
        }
    }

    /// The reference says nothing of an action that takes too long. We do, at the end of its time: clients still wait then.
    private func run(_ call: ActionCall, of agent: CollectiveAgent, until end: ContinuousClock.Instant) async
        -> RPCReply
    {
        // Its turn may have come when nobody waits any more, and the operator has long asked again.
        guard !Task.isCancelled, ContinuousClock.now <= end else {
            var ended = RPCReply()
            ended.fail(.unknownError, "the request was over before its turn came")
            return ended
        }
        let reply = try? await TimeLimit.run(agent.timeout) { await agent.reply(to: call) }
        if let reply { return reply }
        guard !Task.isCancelled else {
            var ended = RPCReply()
            ended.fail(.unknownError, "the node is being stopped")
            return ended
        }
        logger.warning(
            "action took too long",
            metadata: ["collective.agent": "\(agent.name)", "collective.action": "\(call.action)"])
        var late = RPCReply(data: agent.description.action(call.action)?.defaultData ?? [:])
        late.fail(.unknownError, "\(agent.name).\(call.action) did not end within \(agent.timeout)")
        return late
    }
}
