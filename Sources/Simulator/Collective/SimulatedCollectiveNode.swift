import CollectiveBus
import MCollectiveProtocol
import MusterCore

/// One node of a collective that is not there: answers discovery and some actions of the agent `rpcutil`.
final class SimulatedCollectiveNode: CollectiveRequestHandler {
    static let agents = ["discovery", "rpcutil"]

    private let subject: FilterSubject
    private let answered: @Sendable () -> Void

    /// - Parameter answered: Called on the loop after each answer.
    init(_ id: NodeID, answered: @escaping @Sendable () -> Void) {
        let number = id.text.reversed().prefix { $0.isNumber }.reversed()
        let facts: ValueMap = [
            "os": "Debian", "simulated": "true", "rack": .string("rack\((Int(String(number)) ?? 0) % 50)"),
        ]
        subject = FilterSubject(identity: id.text, agents: Self.agents, classes: ["simulated"], facts: facts)
        self.answered = answered
    }

    func received(_ request: AcceptedRequest, on server: CollectiveServer) {
        guard request.request.filter.passes(subject) else { return server.noteFiltered() }
        server.notePassed()
        guard let body = answer(to: request.request) else { return }
        server.reply(body, to: request)
        answered()
    }

    /// Nil: the caller does not want one, or what came is no call.
    private func answer(to request: CollectiveRequest) -> RubyValue? {
        guard request.agent != Discovery.agent else { return Discovery.answer(to: request.body) }
        // A body that is no call has nobody who waits for an answer.
        guard let call = try? RPCRequest(body: request.body, agent: request.agent), call.wantsReply != false else {
            return nil
        }
        return reply(to: call, at: request.time).body
    }

    private func reply(to call: RPCRequest, at time: Timestamp) -> RPCReply {
        switch call.action {
        case "ping": RPCReply(outputs: ["pong": .int(time.seconds)])
        case "get_fact":
            call.inputs[named: "fact"]?.text.map { fact in
                RPCReply(outputs: ["fact": .string(fact), "value": subject.facts[fact] ?? .null])
            } ?? RPCReply(.missingData, message: "which fact?")
        case "inventory":
            RPCReply(outputs: [
                "agents": .array(subject.agents.map(Value.string)), "facts": .map(subject.facts),
                "classes": .array(subject.classes.map(Value.string)), "version": .string(Muster.version),
                "main_collective": "mcollective", "collectives": ["mcollective"], "data_plugins": [],
            ])
        default: RPCReply(.unknownAction, message: "simulated nodes do not know \(call.action)")
        }
    }
}
