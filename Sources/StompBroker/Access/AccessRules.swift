package import STOMP

/// What the user of a connection may do. Asked once for each destination that a connection uses in a row, and for each
/// subscription, never for each message.
package protocol AccessRules: Sendable {
    /// Why the user may not use a destination so; nil when it may.
    func denial(of use: DestinationUse, _ destination: Destination) -> AccessDenial?
}

/// What a destination is used for.
package enum DestinationUse: Sendable, Hashable {
    case send, subscribe
}

/// Everything is allowed.
package struct FullAccess: AccessRules {
    package init() {}
    package func denial(of use: DestinationUse, _ destination: Destination) -> AccessDenial? { nil }
}
