package import MusterCore

/// What a node asks of a request beyond its proof: that it is of now, meant for the way it came, and the first of its kind.
///
/// The reference checks only that the ttl is not over. A time in the future, an endless ttl, a second copy and an envelope
/// that names another agent than its destination all pass there.
///
/// Source: the security review in the protocol reference (section 16).
package struct RequestRules: Hashable, Sendable {
    /// Where a request came in.
    package enum Arrival: Hashable, Sendable {
        /// On the destination of an agent; of all agents when the broker multiplexes.
        case broadcast(collective: String, agent: String?)
        /// On the destination of one node.
        case directed(collective: String, identity: String)
    }

    /// The identity of this node.
    package var identity: String
    /// The longest ttl that counts, in seconds; longer ones are taken for this.
    package var maxTTL: Int64
    /// How far the clock of a client may be ahead, in seconds.
    package var maxSkew: Int64
    /// Whether a second copy is refused. Switch off only for peers that send the same bytes twice on purpose.
    package var refusesRepeats: Bool
    /// Whether the envelope must name the collective and agent of its destination.
    package var checksDestination: Bool

    package init(
        identity: String, maxTTL: Int64 = 600, maxSkew: Int64 = 30, refusesRepeats: Bool = true,
        checksDestination: Bool = true
    ) {
        self.identity = identity
        self.maxTTL = maxTTL
        self.maxSkew = maxSkew
        self.refusesRepeats = refusesRepeats
        self.checksDestination = checksDestination
    }

    /// Checks a request that a provider has opened; remembers it when it may be served.
    ///
    /// Call it before the filter is judged: a copy that would be filtered now might not be a second later.
    package func check(
        _ request: SealedRequest, arrival: Arrival, now: Timestamp, memory: inout RequestMemory
    ) throws(RequestRefusal) {
        if checksDestination { try check(request, arrival) }
        let (age, overflows) = now.seconds.subtractingReportingOverflow(request.time.seconds)
        guard !overflows else { throw request.time < now ? .expired(age: .max, ttl: 0) : .fromTheFuture(seconds: .max) }
        guard age >= -maxSkew else { throw .fromTheFuture(seconds: -age) }
        let ttl = min(request.ttl, maxTTL)
        guard age <= ttl else { throw .expired(age: age, ttl: ttl) }
        guard refusesRepeats else { return }
        // An attacker who can alter the ttl raises it: what counts is how long any ttl could let this time pass.
        let forgetAt = Timestamp(seconds: request.time.seconds + maxTTL + 1)
        switch memory.admit(request, forgetAt: forgetAt, now: now) {
        case .fresh: return
        case .repeated: throw .repeated
        case .forgotten: throw .forgotten
        }
    }

    private func check(_ request: SealedRequest, _ arrival: Arrival) throws(RequestRefusal) {
        switch arrival {
        case .broadcast(let collective, let agent):
            guard request.collective == collective else { throw .otherCollective(request.collective) }
            guard agent == nil || request.agent == agent else { throw .otherAgent(request.agent) }
        case .directed(let collective, let identity):
            guard request.collective == collective else { throw .otherCollective(request.collective) }
            guard identity == self.identity else { throw .otherNode(identity) }
        }
    }
}

/// Why a request is not served. The client is told nothing, as by the reference; the log and the statistics of the node are.
package enum RequestRefusal: Error, Hashable, Sendable {
    /// Seconds since it was made, and for how many it may be served.
    case expired(age: Int64, ttl: Int64)
    case fromTheFuture(seconds: Int64)
    /// The same request came before.
    case repeated
    /// As old as requests that had to be forgotten in a flood.
    case forgotten
    case otherCollective(String)
    case otherAgent(String)
    case otherNode(String)
}

extension RequestRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .expired(let age, let ttl):
            "made \(age) seconds ago with \(ttl) to live: compare the clocks, or raise 'ttl' on the client"
        case .fromTheFuture(let seconds): "made \(seconds) seconds in the future: compare the clocks"
        case .repeated: "served before: somebody sends requests again"
        case .forgotten: "too old for a memory that is full: somebody floods this node"
        case .otherCollective(let name):
            "the envelope names the collective '\(name.prefix(80))', not that of its destination"
        case .otherAgent(let name): "the envelope names the agent '\(name.prefix(80))', not that of its destination"
        case .otherNode(let name): "directed to '\(name.prefix(80))': check the selectors of the broker"
        }
    }
}
