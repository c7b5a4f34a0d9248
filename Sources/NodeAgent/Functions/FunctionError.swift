/// Why a function gave no result. The description is what the operator reads as the node's answer.
package enum FunctionError: Error, Equatable, Sendable {
    /// No module has a function of this name.
    case notAvailable(function: String)
    /// The arguments do not fit the function.
    case invalidArguments(function: String, reason: String)
    /// Keyword arguments that the function does not have, each as `name=value`.
    case unknownKeywords(function: String, keywords: [String])
    /// The function failed in a way that it did not foresee: Python's exception with its type.
    case exception(type: String, message: String)
    /// The function could not do what it was asked to: a file that is missing, a command that cannot start.
    case failed(reason: String)
    /// The function ran longer than its limit and was ended.
    case timedOut(after: Duration)
    /// The job was killed or terminated by an operator.
    case cancelled
}

extension FunctionError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAvailable(let function): "'\(function)' is not available."
        case .invalidArguments(let function, let reason): "Passed invalid arguments to \(function): \(reason)"
        case .unknownKeywords(_, let keywords):
            "The following keyword arguments are not valid: \(keywords.joined(separator: ", "))"
        case .exception(let type, let message): message.isEmpty ? type : "\(type): \(message)"
        case .failed(let reason): reason
        case .timedOut(let limit): "timed out after \(limit)"
        case .cancelled: "the job was cancelled"
        }
    }
}
