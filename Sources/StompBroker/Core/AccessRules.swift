package import STOMP

/// What the user of a connection may do. Asked once for each destination that a connection uses in a row, and for each
/// subscription, never for each message.
package protocol AccessRules: Sendable {
    func maySend(to destination: Destination) -> Bool
    func maySubscribe(to destination: Destination) -> Bool
}

/// Everything is allowed.
package struct FullAccess: AccessRules {
    package init() {}
    package func maySend(to destination: Destination) -> Bool { true }
    package func maySubscribe(to destination: Destination) -> Bool { true }
}
