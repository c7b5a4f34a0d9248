/// Why the controller did not do what an operator asked. Codes are stable: scripts and exit codes depend on them.
package enum ControllerError: Error, Sendable, Hashable {
    case nothingMatched(target: String)
    case unknownNodes([String])
    case unknownJob(JobID)
    case unknownNode(NodeID)
    case jobHasEnded(JobID)
    case invalidTarget(expression: String, reason: String)
    case invalidRequest(reason: String)
    case noKeyMatched([String])
    /// These keys could not be changed; the others that were meant are.
    case keysUnchanged([NodeID], reason: String)
    case storeUnavailable(reason: String)
    case shuttingDown

    /// A stable word for programs.
    package var code: String {
        switch self {
        case .nothingMatched: "nothing-matched"
        case .unknownNodes: "unknown-nodes"
        case .unknownJob: "unknown-job"
        case .unknownNode: "unknown-node"
        case .jobHasEnded: "job-has-ended"
        case .invalidTarget: "invalid-target"
        case .invalidRequest: "invalid-request"
        case .noKeyMatched: "no-key-matched"
        case .keysUnchanged: "keys-unchanged"
        case .storeUnavailable: "store-unavailable"
        case .shuttingDown: "shutting-down"
        }
    }
}

extension ControllerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .nothingMatched(let target):
            "no accepted node matches '\(target)': 'muster nodes list' shows who there is"
        case .unknownNodes(let names):
            "no accepted key for \(names.joined(separator: ", ")): accept it with 'muster keys accept', or publish to the "
                + "others with --allow-missing"
        case .unknownJob(let id): "job \(id) is not known here: 'muster jobs list' shows the jobs that are kept"
        case .unknownNode(let id): "node \(id) is not known here: 'muster nodes list' shows who is"
        case .jobHasEnded(let id): "job \(id) has ended already"
        case .invalidTarget(let expression, let reason): "target '\(expression)' cannot be read: \(reason)"
        case .invalidRequest(let reason): reason
        case .noKeyMatched(let globs):
            "no key matches \(globs.joined(separator: ", ")): 'muster keys list' shows them all"
        case .keysUnchanged(let nodes, let reason):
            "the key\(nodes.count == 1 ? "" : "s") of \(nodes.prefix(5).map(\.text).joined(separator: ", "))"
                + (nodes.count > 5 ? " and \(nodes.count - 5) more" : "")
                + " could not be changed (\(reason)); all others that were meant are changed"
        case .storeUnavailable(let reason): "the store takes no writes: \(reason)"
        case .shuttingDown: "the controller is shutting down: ask again when it is back"
        }
    }
}
