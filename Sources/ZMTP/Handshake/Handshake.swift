import NIOCore

/// Takes one connection from greeting to ready with the NULL mechanism.
///
///     awaitingGreeting --greeting--> awaitingReady --READY--> established
///            |                             |
///            +---------- any error --------+--------------> closed
///
/// Both sides send their greeting at once, and READY when they have seen the other's greeting.
/// Spec: ZMTP 3.1 (RFC 37), greeting and "The NULL Security Mechanism".
struct Handshake: Sendable {
    enum Action: Equatable {
        case sendReady
        case established(PeerProperties)
    }

    private enum State: Equatable {
        case awaitingGreeting
        case awaitingReady(Version)
        case established
        case closed
    }

    private let socketType: SocketType
    private let version: Version
    private var state = State.awaitingGreeting

    init(socketType: SocketType, version: Version) {
        self.socketType = socketType
        self.version = version
    }

    /// Whether a greeting is what must come next.
    var wantsGreeting: Bool { state == .awaitingGreeting }

    /// Whether the handshake has ended well.
    var isEstablished: Bool { state == .established }

    /// Whether the peer has shown that it understands an ERROR command.
    var peerTakesCommands: Bool {
        switch state {
        case .awaitingReady, .established: true
        case .awaitingGreeting, .closed: false
        }
    }

    mutating func received(_ greeting: Greeting) throws(ZMTPError) -> Action {
        switch state {
        case .awaitingGreeting:
            guard greeting.mechanism == .null else {
                state = .closed
                throw .mechanismMismatch(peer: greeting.mechanism, ours: .null)
            }
            state = .awaitingReady(min(version, greeting.version))
            return .sendReady
        case .awaitingReady, .established, .closed:
            throw .readyExpected
        }
    }

    mutating func received(_ command: Command) throws(ZMTPError) -> Action {
        switch (state, command) {
        case (.awaitingReady(let version), .ready(let metadata)):
            let peer = try PeerProperties(metadata, version: version, ours: socketType)
            state = .established
            return .established(peer)
        case (.awaitingReady, .error(let reason)):
            state = .closed
            throw .refusedByPeer(reason: reason)
        case (.awaitingReady, _), (.awaitingGreeting, _), (.established, _), (.closed, _):
            throw .readyExpected
        }
    }
}
