/// A ZeroMQ socket type, spelt as in READY.
public enum SocketType: String, Sendable, Hashable, CaseIterable {
    case pair = "PAIR"
    case pub = "PUB"
    case sub = "SUB"
    case xpub = "XPUB"
    case xsub = "XSUB"
    case req = "REQ"
    case rep = "REP"
    case dealer = "DEALER"
    case router = "ROUTER"
    case push = "PUSH"
    case pull = "PULL"
}

extension SocketType {
    /// The socket types this one may be connected to; the relation is symmetric.
    ///
    /// Spec: ZMTP 3.1 (RFC 37), "The Socket-Type Property".
    public var compatiblePeers: Set<SocketType> {
        switch self {
        case .pair: [.pair]
        case .pub, .xpub: [.sub, .xsub]
        case .sub, .xsub: [.pub, .xpub]
        case .req: [.rep, .router]
        case .rep: [.req, .dealer]
        case .dealer: [.rep, .dealer, .router]
        case .router: [.req, .dealer, .router]
        case .push: [.pull]
        case .pull: [.push]
        }
    }

    /// Whether READY carries our identity: libzmq sends it for these three only.
    ///
    /// Source: libzmq 4.3, `mechanism.cpp`, `add_basic_properties`.
    var announcesIdentity: Bool {
        switch self {
        case .req, .dealer, .router: true
        case .pair, .pub, .sub, .xpub, .xsub, .rep, .push, .pull: false
        }
    }

    /// Whether messages from the peer are subscriptions.
    var takesSubscriptions: Bool {
        switch self {
        case .pub, .xpub: true
        case .pair, .sub, .xsub, .req, .rep, .dealer, .router, .push, .pull: false
        }
    }
}
