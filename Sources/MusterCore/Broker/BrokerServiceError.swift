/// Why a broker did not do what an operator asked. Codes are stable.
package enum BrokerServiceError: Error, Sendable, Hashable {
    case unknownUser(String)
    case userExists(String)
    case unknownVirtualHost(String)
    case virtualHostExists(String)
    case unknownQueue(String, virtualHost: String)
    case unknownConnection(Int)
    case noPermission(user: String, virtualHost: String)
    /// Options or settings say so, and only they can change it.
    case isConfigured(String)
    /// Messages would be lost.
    case hasMessages(String, count: Int)
    /// What is there of it is still being removed.
    case isBeingRemoved(String)
    case invalid(String)
    /// The broker has no directory for what must survive.
    case notKept
    case cannotStore(String)
    case shuttingDown
}

extension BrokerServiceError: CustomStringConvertible {
    /// A stable word for programs.
    package var code: String {
        switch self {
        case .unknownUser: "unknown-user"
        case .userExists: "user-exists"
        case .unknownVirtualHost: "unknown-vhost"
        case .virtualHostExists: "vhost-exists"
        case .unknownQueue: "unknown-queue"
        case .unknownConnection: "unknown-connection"
        case .noPermission: "no-permission"
        case .isConfigured: "configured"
        case .hasMessages: "has-messages"
        case .isBeingRemoved: "being-removed"
        case .invalid: "invalid-request"
        case .notKept: "not-kept"
        case .cannotStore: "cannot-store"
        case .shuttingDown: "shutting-down"
        }
    }

    package var description: String {
        switch self {
        case .unknownUser(let name): "there is no user '\(name)': 'muster broker users list' shows who there is"
        case .userExists(let name):
            "there is a user '\(name)' already: 'muster broker users password \(name)' gives it another password"
        case .unknownVirtualHost(let name):
            "there is no virtual host '\(name)': 'muster broker vhosts list' shows them"
        case .virtualHostExists(let name): "there is a virtual host '\(name)' already"
        case .unknownQueue(let name, let host):
            "there is no queue '\(name)' in virtual host '\(host)': 'muster broker queues' shows them"
        case .unknownConnection(let id): "there is no connection \(id): 'muster broker connections' shows them"
        case .noPermission(let user, let host): "user '\(user)' has no permissions in virtual host '\(host)'"
        case .isConfigured(let what):
            "\(what) comes from the broker's options or settings: change it there, and start the broker again"
        case .hasMessages(let name, let count):
            "virtual host '\(name)' has \(count) messages, which would be lost: add --force if they may be"
        case .isBeingRemoved(let name): "what virtual host '\(name)' had is still being removed: ask again"
        case .invalid(let reason): reason
        case .notKept:
            "this broker has nowhere to keep users, virtual hosts and permissions: start it with --data DIR, or set data_dir"
        case .cannotStore(let reason): "nothing was changed, because it could not be stored: \(reason)"
        case .shuttingDown: "the broker is shutting down"
        }
    }

    /// The values, for whoever must make the error again from its code.
    package var details: [String] {
        switch self {
        case .unknownUser(let text), .userExists(let text), .unknownVirtualHost(let text), .virtualHostExists(let text),
            .isConfigured(let text), .isBeingRemoved(let text), .invalid(let text), .cannotStore(let text):
            [text]
        case .unknownQueue(let name, let host): [name, host]
        case .noPermission(let user, let host): [user, host]
        case .unknownConnection(let id): ["\(id)"]
        case .hasMessages(let name, let count): [name, "\(count)"]
        case .notKept, .shuttingDown: []
        }
    }

    /// The error of a code and its details; nil when they do not fit.
    package init?(code: String, details: [String]) {
        let (first, second) = (details.first ?? "", details.dropFirst().first ?? "")
        switch code {
        case "unknown-user": self = .unknownUser(first)
        case "user-exists": self = .userExists(first)
        case "unknown-vhost": self = .unknownVirtualHost(first)
        case "vhost-exists": self = .virtualHostExists(first)
        case "unknown-queue": self = .unknownQueue(first, virtualHost: second)
        case "unknown-connection": self = .unknownConnection(Int(first) ?? 0)
        case "no-permission": self = .noPermission(user: first, virtualHost: second)
        case "configured": self = .isConfigured(first)
        case "has-messages": self = .hasMessages(first, count: Int(second) ?? 0)
        case "being-removed": self = .isBeingRemoved(first)
        case "invalid-request": self = .invalid(first)
        case "not-kept": self = .notKept
        case "cannot-store": self = .cannotStore(first)
        case "shutting-down": self = .shuttingDown
        default: return nil
        }
    }
}
