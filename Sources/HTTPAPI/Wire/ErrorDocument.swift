import MusterCore

/// An error as the API writes it: `{"error": {"code", "message", "details"}}`.
///
/// The code is stable, the message is for people, and the details hold what a client needs to rebuild a
/// `ControllerError` with its values.
struct ErrorDocument: Sendable, Hashable, Codable {
    struct Content: Sendable, Hashable, Codable {
        var code: String
        var message: String
        /// Left out when there are none.
        var details: ValueMap?
    }

    var error: Content

    init(code: String, message: String, details: ValueMap = [:]) {
        error = Content(code: code, message: message, details: details.isEmpty ? nil : details)
    }
}

extension ErrorDocument {
    init(_ error: ControllerError) {
        self.init(code: error.code, message: error.description, details: ErrorDocument.details(of: error))
    }

    private static func details(of error: ControllerError) -> ValueMap {
        switch error {
        case .nothingMatched(let target): ["target": .string(target)]
        case .unknownNodes(let names): ["nodes": .array(names.map(Value.string))]
        case .unknownJob(let job), .jobHasEnded(let job): ["job": .string(job.text)]
        case .unknownNode(let node): ["node": .string(node.text)]
        case .invalidTarget(let expression, let reason): ["target": .string(expression), "reason": .string(reason)]
        case .invalidRequest(let reason), .storeUnavailable(let reason): ["reason": .string(reason)]
        case .noKeyMatched(let globs): ["match": .array(globs.map(Value.string))]
        case .keysUnchanged(let nodes, let reason):
            ["nodes": .array(nodes.map { .string($0.text) }), "reason": .string(reason)]
        case .shuttingDown: [:]
        }
    }

    /// The controller's error, nil when the code is none of its own or a detail is missing.
    var controllerError: ControllerError? {
        func text(_ key: String) -> String? { error.details?[key]?.string }
        func list(_ key: String) -> [String]? { error.details?[key]?.array?.compactMap(\.string) }
        return switch error.code {
        case "nothing-matched": text("target").map { .nothingMatched(target: $0) }
        case "unknown-nodes": list("nodes").map { .unknownNodes($0) }
        case "unknown-job": text("job").flatMap { JobID($0) }.map { .unknownJob($0) }
        case "job-has-ended": text("job").flatMap { JobID($0) }.map { .jobHasEnded($0) }
        case "unknown-node": text("node").flatMap { NodeID($0) }.map { .unknownNode($0) }
        case "invalid-target":
            if let target = text("target"), let reason = text("reason") {
                .invalidTarget(expression: target, reason: reason)
            } else {
                nil
            }
        case "invalid-request": text("reason").map { .invalidRequest(reason: $0) }
        case "store-unavailable": text("reason").map { .storeUnavailable(reason: $0) }
        case "no-key-matched": list("match").map { .noKeyMatched($0) }
        case "keys-unchanged":
            if let nodes = list("nodes"), let reason = text("reason") {
                .keysUnchanged(nodes.compactMap { NodeID($0) }, reason: reason)
            } else {
                nil
            }
        case "shutting-down": .shuttingDown
        default: nil
        }
    }
}
