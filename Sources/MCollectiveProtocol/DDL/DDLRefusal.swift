/// Why a call is refused by the description of its agent. On the wire all of them are ``RPCStatus/invalidData``.
package enum DDLRefusal: Error, Hashable, Sendable {
    case unknownAction(String, agent: String)
    case missingInput(String, action: String)
    /// A value that is not accepted, and what would be.
    case invalidInput(String, InputProblem)

    /// What is wrong with a value.
    package enum InputProblem: Hashable, Sendable {
        case notA(type: String)
        case tooLong(limit: Int)
        case noMatch(pattern: String)
        case notIn([String])
        case notAnAddress(version: Int)
        case unsafe(String)
        case invalidPattern
    }
}

extension DDLRefusal: CustomStringConvertible {
    /// The text that the peers answer, word for word.
    package var description: String {
        switch self {
        case .unknownAction(let action, let agent):
            "Attempted to call action \(action) for \(agent) but it's not declared in the DDL"
        case .missingInput(let input, let action): "Action \(action) needs a \(input) argument"
        case .invalidInput(let input, let problem): "Cannot validate input \(input): \(problem)"
        }
    }
}

extension DDLRefusal.InputProblem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notA(let type): "value should be a \(type)"
        case .tooLong(let limit): "Input string is longer than \(limit) character(s)"
        case .noMatch(let pattern): "value should match \(pattern)"
        case .notIn(let list): "value should be one of \(list.joined(separator: ", "))"
        case .notAnAddress(let version): "value should be an ipv\(version) address"
        case .unsafe(let text): "value should not have \(text) in it"
        case .invalidPattern: "the pattern of the DDL cannot be used"
        }
    }
}
