import MusterCore

/// Where messages go and come from, with the headers that they carry, for each connector.
///
/// Source: section 3 of the protocol reference; MCollective 2.12, `plugins/mcollective/connector/`; the legacy connector
/// is that of 2.2.
package struct Destinations: Hashable, Sendable {
    /// Whom a request is for.
    package enum Recipient: Hashable, Sendable {
        /// All nodes that its filter means.
        case everybody
        /// One node by its identity; the filter is then the agent alone.
        case node(String)
    }

    package let connector: Connector
    /// Our own identity, which every message names as its sender.
    package let identity: String
    /// Tells apart programs of one identity: the reply destinations of activemq contain it.
    package let processID: Int32
    /// Whether there is one destination for all agents. Both ends must agree.
    package var multiplexesAgents = false
    /// Whether replies go over the exchange `mcollective_reply`: rabbitmq alone.
    package var usesReplyExchange = false
    /// Sent with requests when it is above zero: activemq and stomp.
    package var priority = 0

    package init(_ connector: Connector, identity: String, processID: Int32) {
        self.connector = connector
        self.identity = identity
        self.processID = processID
    }

    // MARK: Subscriptions

    /// Where a node gets what is directed to it.
    ///
    /// - Throws: `libraryFailure` with the connector stomp where MD5 is forbidden.
    package func directedSubscription(collective: String) throws(SecurityError) -> CollectiveSubscription {
        let arrival = RequestRules.Arrival.directed(collective: collective, identity: identity)
        let destination = try directed(collective, identity)
        switch connector {
        case .rabbitmq:
            return .init(
                destination: destination, id: "\(collective)_\(identity)_directed_to_identity", arrival: arrival)
        case .activemq:
            let quoted = identity.replacing("'", with: "''")
            return .init(
                destination: destination, id: "\(collective)_directed_to_identity",
                selector: "mc_identity = '\(quoted)'", arrival: arrival)
        case .stomp: return .init(destination: destination, id: destination, arrival: arrival)
        }
    }

    /// Where a node gets what is for all; with multiplexing one destination for every agent, subscribed to once.
    package func broadcastSubscription(collective: String, agent: String) -> CollectiveSubscription {
        let destination = broadcast(collective, agent)
        let isMultiplexed = multiplexesAgents && connector != .stomp
        let arrival = RequestRules.Arrival.broadcast(collective: collective, agent: isMultiplexed ? nil : agent)
        switch connector {
        case .rabbitmq:
            return .init(
                destination: destination,
                id: isMultiplexed ? "\(collective)_broadcast" : "\(collective)_broadcast_\(agent)",
                replyTo: "/temp-queue/mcollective_reply_\(agent)", arrival: arrival)
        case .activemq, .stomp: return .init(destination: destination, id: destination, arrival: arrival)
        }
    }

    /// Where a client gets the replies to a request: subscribe before it is sent. Nil when the broker does that itself.
    ///
    /// - Parameter counter: How many requests this program has sent, with this one.
    package func replySubscription(collective: String, agent: String, counter: Int) -> CollectiveSubscription? {
        if connector == .rabbitmq, !usesReplyExchange { return nil }
        let destination = replyDestination(collective, agent, counter)
        return .init(destination: destination, id: destination)
    }

    // MARK: Messages

    /// The headers of a request.
    ///
    /// - Parameters:
    ///   - counter: As in ``replySubscription(collective:agent:counter:)``; zero for registration before any request.
    ///   - replyTo: Where replies shall go instead; no connector but the legacy one is without.
    package func headers(
        of request: CollectiveRequest, to recipient: Recipient, counter: Int, replyTo: String? = nil
    ) throws(SecurityError) -> [FrameHeader] {
        let destination: String
        var node: String?
        switch recipient {
        case .everybody: destination = broadcast(request.collective, request.agent)
        case .node(let identity):
            destination = try directed(request.collective, identity)
            node = identity
        }
        let replies = replyTo ?? replyDestination(request.collective, request.agent, counter)
        switch connector {
        case .rabbitmq:
            return [
                .init("reply-to", replies), .init("expiration", Destinations.relativeExpiry(request.ttl)),
                .init("mc_sender", identity), .init("destination", destination),
            ]
        case .activemq:
            return priorityHeader + Destinations.absoluteExpiry(request.ttl, from: request.time)
                + [.init("reply-to", replies)] + (node.map { [.init("mc_identity", $0)] } ?? [])
                + [.init("mc_sender", identity), .init("destination", destination)]
        case .stomp: return priorityHeader + [.init("destination", destination)]
        }
    }

    /// The headers of a reply; nil when the request did not say where to.
    ///
    /// - Parameters:
    ///   - replyTo: The header `reply-to` of the request as it was delivered.
    ///   - ttl: The node's own ttl, which has nothing to do with that of the request.
    package func headers(
        of reply: CollectiveReply, collective: String, replyTo: String?, ttl: Int64 = 60
    ) -> [FrameHeader]? {
        switch connector {
        case .rabbitmq:
            guard let replyTo else { return nil }
            return [
                .init("expiration", Destinations.relativeExpiry(ttl)), .init("mc_sender", identity),
                .init("destination", replyTo),
            ]
        case .activemq:
            guard let replyTo else { return nil }
            return priorityHeader + Destinations.absoluteExpiry(ttl, from: reply.time)
                + [.init("mc_sender", identity), .init("destination", replyTo)]
        case .stomp:
            return priorityHeader + [.init("destination", "/topic/\(collective).\(reply.agent).reply")]
        }
    }

    // MARK: Names

    private func broadcast(_ collective: String, _ agent: String) -> String {
        switch connector {
        case .rabbitmq: "/exchange/\(collective)_broadcast" + (multiplexesAgents ? "" : "/\(agent)")
        case .activemq: multiplexesAgents ? "/topic/\(collective).agents" : "/topic/\(collective).\(agent).agent"
        case .stomp: "/topic/\(collective).\(agent).command"
        }
    }

    private func directed(_ collective: String, _ node: String) throws(SecurityError) -> String {
        switch connector {
        case .rabbitmq: return "/exchange/\(collective)_directed/\(node)"
        case .activemq: return "/queue/\(collective).nodes"
        case .stomp:
            guard let digest = Digests.md5(Array(node.utf8)) else { throw .libraryFailure("MD5") }
            return "/queue/\(collective).\(Digests.hex(digest))"
        }
    }

    private func replyDestination(_ collective: String, _ agent: String, _ counter: Int) -> String {
        switch connector {
        case .rabbitmq where usesReplyExchange: "/exchange/mcollective_reply/\(identity)_\(processID)_\(counter)"
        case .rabbitmq: "/temp-queue/mcollective_reply_\(agent)"
        case .activemq: "/queue/\(collective).reply.\(identity)_\(processID).\(counter)"
        case .stomp: "/topic/\(collective).\(agent).reply"
        }
    }

    private var priorityHeader: [FrameHeader] { priority > 0 ? [.init("priority", String(priority))] : [] }

    /// Milliseconds from now on: the ttl and ten seconds.
    private static func relativeExpiry(_ ttl: Int64) -> String { String(milliseconds(ttl.addingReportingOverflow(10))) }

    /// Milliseconds since 1970, of whole seconds.
    private static func absoluteExpiry(_ ttl: Int64, from time: Timestamp) -> [FrameHeader] {
        let now = time.seconds
        let end = ttl.addingReportingOverflow(10)
        let expiry = end.overflow ? end : now.addingReportingOverflow(end.partialValue)
        return [
            .init("timestamp", String(milliseconds((now, false)))), .init("expires", String(milliseconds(expiry))),
        ]
    }

    private static func milliseconds(_ seconds: (partialValue: Int64, overflow: Bool)) -> Int64 {
        let (product, overflows) = seconds.partialValue.multipliedReportingOverflow(by: 1000)
        return seconds.overflow || overflows ? .max : product
    }
}
