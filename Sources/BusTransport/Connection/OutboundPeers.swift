import NIOCore
import ZMTP

/// The connections that a socket makes itself, beside those that it accepts: to its owner both look alike.
///
/// Owner: the event loop.
final class OutboundPeers {
    private let loop: BusLoop
    private let socketType: SocketType
    private let options: ConnectionOptions
    private var peers: [OutboundPeer] = []
    private var isStopped = false

    init(_ socketType: SocketType, options: ConnectionOptions, loop: BusLoop) {
        self.socketType = socketType
        self.options = options
        self.loop = loop
    }

    /// Connects, and keeps connecting until `stop()`.
    func connect(to endpoint: Endpoint, identity: ByteBuffer, policy: ReconnectPolicy, owner: any ConnectionOwner) {
        guard !isStopped else { return }
        let peer = OutboundPeer(owner: owner)
        let connector = Connector(
            to: endpoint, as: socketType, identity: identity, options: options, policy: policy, loop: loop, owner: peer)
        peer.connector = connector
        peers.append(peer)
        connector.start()
    }

    /// Makes no further attempts; connections that are there stay, to be drained.
    func stop() {
        isStopped = true
        for peer in peers { peer.connector?.stop() }
    }
}

/// Passes what a connector tells on to the owner of accepted connections.
private final class OutboundPeer: ConnectorOwner {
    var connector: Connector?
    private weak var owner: (any ConnectionOwner)?

    init(owner: any ConnectionOwner) {
        self.owner = owner
    }

    func connected(_ connection: ConnectionHandler, peer: PeerProperties) {
        owner?.opened(connection, peer: peer)
    }

    func received(_ message: Message, on connection: ConnectionHandler) throws(ZMTPError) {
        try owner?.received(message, on: connection)
    }

    func subscribed(to topic: ByteBuffer, on connection: ConnectionHandler) throws(ZMTPError) {
        try owner?.subscribed(to: topic, on: connection)
    }

    func cancelled(_ topic: ByteBuffer, on connection: ConnectionHandler) {
        owner?.cancelled(topic, on: connection)
    }

    func becameWritable(_ connection: ConnectionHandler) {
        owner?.becameWritable(connection)
    }

    func disconnected(_ connection: ConnectionHandler?, reason: CloseReason) -> Bool {
        if let connection { owner?.closed(connection, reason: reason, wasOpen: true) }
        return true
    }
}
