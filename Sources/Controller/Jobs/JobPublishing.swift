package import MusterCore

/// The way from the job engine to the nodes: one fabric, or several behind a switch.
package protocol JobPublishing: Sendable {
    /// Sends the job to nodes it is for.
    ///
    /// - Throws: `PublishFailure` when some of the nodes cannot have it, anything else when none can.
    func publish(_ job: Job, to audience: Audience) async throws

    /// Asks nodes whether they run the job; what they answer is reported to the engine.
    ///
    /// - Parameters:
    ///   - question: The id of the question itself.
    ///   - patience: How long an answer is waited for.
    func ask(_ audience: Audience, about job: Job, as question: JobID, patience: Duration) async throws

    /// Whether a node knows jobs by their ids: it drops one that it has seen, so that it may be published again, and can be
    /// asked what it runs.
    func knowsJobs(_ node: NodeID) -> Bool
}

/// Whom something is published to.
package enum Audience: Sendable, Hashable {
    /// Everybody whom the job's own target means, which are these.
    case everybody([NodeID])
    /// These alone: on the wire their list stands for the target.
    case only([NodeID])

    package var nodes: [NodeID] {
        switch self {
        case .everybody(let nodes), .only(let nodes): nodes
        }
    }

    /// The part of the audience that a predicate accepts.
    func filtered(_ isIncluded: (NodeID) -> Bool) -> Audience {
        switch self {
        case .everybody(let nodes): .everybody(nodes.filter(isIncluded))
        case .only(let nodes): .only(nodes.filter(isIncluded))
        }
    }
}

/// What could not be published to some of the nodes; the others have it.
package struct PublishFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var nodes: [NodeID]
    package var reason: String

    package init(nodes: [NodeID], reason: String) {
        self.nodes = nodes
        self.reason = reason
    }

    package var description: String { reason }
}
