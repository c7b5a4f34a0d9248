import MCollectiveProtocol
import MusterCore

/// One node's answer to a call.
struct McoResult: Sendable, Hashable {
    var agent: String
    var action: String
    var sender: String
    var reply: RPCReply

    /// The answer as `--json` has it.
    var json: Value {
        [
            "agent": .string(agent), "action": .string(action), "sender": .string(sender),
            "statuscode": .int(reply.status.rawValue), "statusmsg": .string(reply.message),
            "data": RubyValue.hash(reply.data).value,
        ]
    }
}
