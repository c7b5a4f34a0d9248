/// One thing to store.
package enum StoreWrite: Sendable {
    /// A job with everybody it expects; one transaction, before anything is published. The id must be new.
    case job(Job, expected: [Expectation])
    /// A return, of a known job or not. If the job expects the node, its outcome becomes the return's in the same
    /// commit. The second return of the same job and node changes nothing.
    case nodeReturn(NodeReturn)
    /// The same, but only of a job that expects the node: for one that has sent too much that nobody asked for.
    case expectedReturn(NodeReturn)
    /// New outcomes of expected nodes; nodes that are not expected are left out. An outcome that a return has set
    /// stays: what was decided while the return was on its way comes too late.
    case outcomes(JobID, [Expectation])
    /// A job id was given to something that is not stored itself, a question: `newestJob()` is this one at least.
    case idGiven(JobID)
    /// The job goes out to nodes from now on (or, with nil, it could not go out). Without this it is held.
    case jobSent(JobID, at: Timestamp?)
    /// The waiting is over (or, with nil, begins again after a late sign of life).
    case jobEnded(JobID, at: Timestamp?)
    /// Something worth telling when an operator asks why. Dropped when the job is not known.
    case note(JobID, NodeID, TimelineNote)
    case event(Event)
    /// A node's facts as it reported them.
    case facts(NodeID, NodeReturn.Body, at: Timestamp)
    case contact(NodeID, NodeContact)
    /// Forgets a node (its key was deleted): facts and contact, not its returns.
    case forget(NodeID)
}

/// What became of one submission, write by write.
package struct StoreCommit: Sendable, Hashable {
    package enum Result: Sendable, Hashable {
        /// Stored; events and returns with their sequence number, everything else with 0.
        case stored(sequence: Int64)
        /// A return that nobody expects, of a known job or not: stored all the same.
        case unasked(sequence: Int64)
        /// A return that was there already.
        case duplicate
        /// An `expectedReturn` that nobody expects: not stored.
        case refused
    }

    package var results: [Result]
    package init(results: [Result]) { self.results = results }

    /// The largest sequence number given out, 0 when there was none.
    package var newestSequence: Int64 {
        results.reduce(0) { newest, result in
            switch result {
            case .stored(let sequence), .unasked(let sequence): max(newest, sequence)
            case .duplicate, .refused: newest
            }
        }
    }
}

/// One entry of the store's sequence.
package enum StoredEvent: Sendable, Hashable {
    case event(Event)
    /// A return; subscribers see it as the event `salt/job/JID/ret/NODE`.
    case nodeReturn(sequence: Int64, NodeReturn)

    /// The place in the sequence.
    package var sequence: Int64 {
        switch self {
        case .event(let event): event.sequence
        case .nodeReturn(let sequence, _): sequence
        }
    }
}
