package import STOMP

/// Why a frame is answered with ERROR, after which the connection is closed.
package enum BrokerError: Error, Hashable, Sendable {
    case missingHeader(String, in: Command)
    case malformedHeader(String, in: Command)
    case invalidDestination(String)
    /// A destination that is there to be sent to, or to be read from, only by others.
    case forbiddenDestination(String, command: Command)
    /// The user may not.
    case accessRefused(AccessDenial)
    case invalidSelector(String, reason: SelectorError)
    case duplicateSubscription(String)
    case unknownSubscription(String)
    case unknownMessage(String)
    case duplicateTransaction(String)
    case unknownTransaction(String)
    /// A bound was reached: what, and which.
    case limit(String, Int)
    /// A message that must not be lost does not fit into its queue.
    case queueFull(String)
    /// The log cannot take anything more.
    case storageFull
    case unexpectedCommand(Command)
}

extension BrokerError: CustomStringConvertible {
    /// A few words for the `message` header.
    package var title: String {
        switch self {
        case .missingHeader(let name, _): "Missing \(name)"
        case .malformedHeader(let name, _): "Bad \(name)"
        case .invalidDestination, .forbiddenDestination: "Invalid destination"
        case .accessRefused: "Access refused"
        case .invalidSelector: "Invalid selector"
        case .duplicateSubscription: "Duplicated subscription identifier"
        case .unknownSubscription: "Subscription not found"
        case .unknownMessage: "Message not found"
        case .duplicateTransaction: "Duplicated transaction identifier"
        case .unknownTransaction: "Transaction not found"
        case .limit: "Limit reached"
        case .queueFull: "Queue full"
        case .storageFull: "Storage full"
        case .unexpectedCommand: "Unexpected frame"
        }
    }

    package var description: String {
        switch self {
        case .missingHeader(let name, let command): "\"\(command.rawValue)\" must include a '\(name)' header"
        case .malformedHeader(let name, let command):
            "\"\(command.rawValue)\" has a '\(name)' header that cannot be read"
        case .invalidDestination(let text): "'\(text)' is not a destination"
        case .forbiddenDestination(let text, let command):
            "'\(text)' is not a valid destination for '\(command.rawValue)'"
        case .accessRefused(let denial): "\(denial)"
        case .invalidSelector(let text, let reason): "\(reason): \(text)"
        case .duplicateSubscription(let id): "A subscription identified by '\(id)' already exists."
        case .unknownSubscription(let id): "There is no subscription '\(id)'."
        case .unknownMessage(let id): "No message '\(id)' waits to be acknowledged on this connection."
        case .duplicateTransaction(let name): "The transaction '\(name)' has begun already."
        case .unknownTransaction(let name): "There is no transaction '\(name)'."
        case .limit(let what, let limit): "at most \(limit) \(what)"
        case .queueFull(let name): "the queue \(name) is full: nothing was stored"
        case .storageFull: "the broker's storage is full: nothing was stored"
        case .unexpectedCommand(let command): "\"\(command.rawValue)\" has no place here"
        }
    }
}
