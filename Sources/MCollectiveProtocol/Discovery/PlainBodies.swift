/// The bodies of the discovery agent, which is older than SimpleRPC.
///
/// Source: MCollective 2.12, `agent/discovery.rb`.
package enum Discovery {
    /// The agent that answers.
    package static let agent = "discovery"
    /// What clients ask.
    package static let ping: RubyValue = "ping"
    /// What nodes answer.
    package static let pong: RubyValue = "pong"

    /// The answer to a body; a body that is no text is asked about as Ruby prints it.
    package static func answer(to body: RubyValue) -> RubyValue {
        body.text == "ping" ? pong : .text("Unknown Request: \(body.text ?? RubyText.inspect(body))")
    }
}

/// The requests by which nodes tell that they are there. They go to the agent `registration` and have no answer.
///
/// Source: MCollective 2.12, `registration/base.rb`, `registration/agentlist.rb`.
package enum Registration {
    /// The agent that receives.
    package static let agent = "registration"

    /// The body of the plugin `agentlist`: the names of the agents.
    package static func body(agents: [String]) -> RubyValue { .array(agents.map { .text($0) }) }

    /// The names of the agents in a body, nil when it is of another plugin.
    package static func agents(in body: RubyValue) -> [String]? {
        guard let names = body.array else { return nil }
        let agents = names.compactMap(\.text)
        return agents.count == names.count ? agents : nil
    }

    /// The filter of the request.
    package static var filter: Filter { Filter(agent: agent) }
}
