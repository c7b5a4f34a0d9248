/// A call of an action: the body of a request to every agent but discovery and registration.
///
/// Source: MCollective 2.12, `rpc/client.rb`, `new_request`; `rpc/request.rb`.
package struct RPCRequest: Hashable, Sendable {
    package var agent: String
    package var action: String
    /// Repeats the caller of the envelope, which is the one that counts. Nodes pass it over.
    package var caller: String?
    /// The inputs by name.
    package var inputs: RubyHash
    /// Whether the node shall answer. Nil, as in batches, is yes.
    package var wantsReply: Bool?

    package init(
        agent: String, action: String, caller: CallerID? = nil, inputs: RubyHash = [:], wantsReply: Bool? = true
    ) {
        self.agent = agent
        self.action = action
        self.caller = caller?.description
        self.inputs = inputs
        self.wantsReply = wantsReply
    }

    /// Reads a body. Keys may be symbols or text; an agent that is missing is the one of the envelope.
    package init(body: RubyValue, agent: String) throws(RPCError) {
        guard let hash = body.hash else { throw .notAHash }
        guard let action = hash[named: "action"]?.text else { throw .missing(field: "action") }
        self.agent = hash[named: "agent"]?.text ?? agent
        self.action = action
        caller = hash[named: "caller"]?.text
        switch hash[named: "data"] {
        case .hash(let data):
            // A name once as text and once as a symbol would be checked as one and used as the other.
            let names = data.pairs.compactMap(\.key.text)
            guard Set(names).count == names.count else { throw .invalid(field: "data") }
            inputs = RubyHash(data.pairs.filter { $0.key.text != "process_results" })
            wantsReply = data[named: "process_results"].map { $0 != .bool(false) && $0 != .null }
        case nil, .null:
            inputs = [:]
            wantsReply = nil
        default: throw .invalid(field: "data")
        }
    }

    /// The body as the peers write it.
    package var body: RubyValue {
        var data = inputs
        if let wantsReply { data[.symbol("process_results")] = .bool(wantsReply) }
        return .hash(
            [(.symbol("agent"), .text(agent)), (.symbol("action"), .ascii(action))]
                + (caller.map { [(.symbol("caller"), .text($0))] } ?? []) + [(.symbol("data"), .hash(data))])
    }
}

/// Why a body is no call or no answer.
package enum RPCError: Error, Hashable, Sendable {
    case notAHash
    case missing(field: String)
    case invalid(field: String)
}

extension RPCError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAHash: "the body is not a hash: the agent is no SimpleRPC agent, or the sender no SimpleRPC client"
        case .missing(let field): "the body has no :\(field)"
        case .invalid(let field): "the :\(field) of the body is not what it should be"
        }
    }
}
