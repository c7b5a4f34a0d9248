package import MusterCore

/// How `muster` ends. The numbers are stable: scripts depend on them (docs/operations.md lists them).
///
/// When several are true of one job, the first of this list that is true is taken: a node failed, a node did not answer.
/// The programs under Salt's names end as Salt's do instead.
package enum ExitStatus: Int32, Sendable, Hashable, CaseIterable {
    /// Everything asked for was done, every node answered and succeeded.
    case success = 0
    /// Something went wrong that has no number of its own; the message says what.
    case failure = 1
    /// At least one node answered and failed, or refused the job.
    case nodeFailed = 2
    /// No node failed, but at least one did not answer: unreachable, timed out, cancelled, lost or still running.
    case nodeSilent = 3
    /// Nothing matched: no node for a target, no key for a pattern, no such job or node.
    case nothingMatched = 4
    /// The question was answered with no.
    case declined = 5
    /// A node stops because its controller is not the one whose fingerprint is configured (Salt's number).
    case wrongController = 42
    /// The command line is wrong.
    case usage = 64
    /// The controller cannot be reached.
    case unreachable = 69
    /// The controller cannot do it now: its store takes no writes, or it is shutting down.
    case unavailable = 75
    /// A node stops because its controller rejected its key (Salt's number).
    case keyRejected = 77
    /// A configuration file is wrong or cannot be read.
    case configuration = 78
    /// Ended by Ctrl-C; a job that was waited for goes on.
    case interrupted = 130
    /// The reader of the output has gone.
    case outputClosed = 141

    /// What the outcomes of a job mean for the command that waited for it.
    package init(_ report: JobReport) {
        let counts = report.counts
        func has(_ kinds: Outcome.Kind...) -> Bool { kinds.contains { counts[$0, default: 0] > 0 } }
        if has(.failed, .refused) {
            self = .nodeFailed
        } else if has(.unreachable, .timedOut, .cancelled, .lost, .running, .waiting) {
            self = .nodeSilent
        } else {
            self = .success
        }
    }

    /// What an error of the controller means.
    package init(_ error: ControllerError) {
        self =
            switch error {
            case .nothingMatched, .unknownNodes, .unknownJob, .unknownNode, .noKeyMatched: .nothingMatched
            case .invalidTarget, .invalidRequest: .usage
            case .storeUnavailable, .shuttingDown: .unavailable
            case .jobHasEnded, .keysUnchanged: .failure
            }
    }
}
