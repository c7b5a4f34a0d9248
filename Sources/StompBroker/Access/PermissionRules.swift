import MCollectiveProtocol
import MusterCore
import STOMP

/// A user's permissions in a virtual host, ready to be asked.
///
/// Expressions are searched for in linear time, so that no name from the wire costs more than its length.
struct PermissionRules: AccessRules {
    /// A regular expression over names; an empty one matches only the empty name, as with RabbitMQ.
    private struct NamePattern: Sendable {
        let pattern: RubyPattern?

        init(_ text: String) throws(PatternError) { pattern = text.isEmpty ? nil : try RubyPattern(text) }

        func matches(_ name: String) -> Bool { pattern?.isFound(in: name) ?? name.isEmpty }
    }

    private let user: String
    private let virtualHost: String
    private var patterns: [BrokerPermissionKind: NamePattern] = [:]

    /// - Throws: `BrokerServiceError.invalid` that names the expression that cannot be read.
    init(_ permission: BrokerPermission) throws(BrokerServiceError) {
        user = permission.user
        virtualHost = permission.virtualHost
        try add(permission.configure, as: .configure)
        try add(permission.write, as: .write)
        try add(permission.read, as: .read)
        if let text = permission.topicWrite { try add(text, as: .topicWrite) }
        if let text = permission.topicRead { try add(text, as: .topicRead) }
    }

    private mutating func add(_ text: String, as kind: BrokerPermissionKind) throws(BrokerServiceError) {
        do throws(PatternError) {
            patterns[kind] = try NamePattern(text)
        } catch {
            throw .invalid("\(kind.rawValue): \(error)")
        }
    }

    func denial(of use: DestinationUse, _ destination: Destination) -> AccessDenial? {
        // A kind without an expression is one of topics: every key is allowed.
        let missing = destination.needs(for: use).first { patterns[$0.permission]?.matches($0.name) == false }
        return missing.map { need in
            AccessDenial(
                user: user, virtualHost: virtualHost, use: use, destination: destination,
                permission: need.permission, name: need.name)
        }
    }
}
