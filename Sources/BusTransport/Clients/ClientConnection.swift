package import NIOCore
package import ZMTP

/// Who uses a `ClientConnection`; called on its loop.
package protocol ClientConnectionDelegate: AnyObject {
    /// The handshake is over.
    func connected(_ connection: ClientConnection)
    /// What is thrown closes the connection.
    func received(_ message: Message, on connection: ClientConnection) throws(ZMTPError)
    /// The connection has gone, or could not be made.
    ///
    /// - Parameter wasConnected: Whether its handshake had ended.
    /// - Returns: Whether to try again by itself; else `start()` does.
    func disconnected(_ connection: ClientConnection, reason: CloseReason, wasConnected: Bool) -> Bool
}

/// A connection to an endpoint for programs that hold thousands of them on one loop and do everything there.
///
/// The bare thing under `RequestClient` and `SubscriberClient`: no task, no promise, no lock. Whoever uses it keeps the
/// pattern's rules (`ZMTP.Requester`) and a queue of its own. Not Sendable. Owner: the event loop of its `ClientLoop`.
package final class ClientConnection {
    private weak var delegate: (any ClientConnectionDelegate)?
    private var connector: Connector?

    /// Nothing happens before `start()`.
    ///
    /// - Parameter delegate: Kept weakly.
    package init(
        _ socketType: SocketType, to endpoint: Endpoint, options: ConnectionOptions = ConnectionOptions(),
        reconnect: ReconnectPolicy = ReconnectPolicy(), on loop: ClientLoop, delegate: any ClientConnectionDelegate
    ) {
        self.delegate = delegate
        connector = Connector(
            to: endpoint, as: socketType, options: options, policy: reconnect, loop: loop.loop, owner: self)
    }

    /// Begins to connect: at once, or when the delay after the last failure is over. Does nothing if that is under way.
    package func start() { connector?.start() }

    /// Whether the handshake is over.
    package var isConnected: Bool { connector?.connection != nil }

    /// Sends a message.
    ///
    /// - Returns: False when it was dropped, because there is no connection or its queue is full.
    package func send(_ message: Message) -> Bool { connector?.connection?.send(message.wire) ?? false }

    /// Asks the publisher at the other end for a topic, for as long as this connection lasts.
    package func subscribe(to topic: ByteBuffer) { connector?.connection?.subscribe(to: topic) }

    /// Ends the connection, if there is one; the delegate is asked whether to make another.
    package func drop() { connector?.drop(.requestAbandoned) }

    /// Makes no further attempts; a connection that is there stays, to be drained by the loop.
    package func stop() { connector?.stop() }
}

extension ClientConnection: ConnectorOwner {
    func connected(_ connection: ConnectionHandler, peer: PeerProperties) {
        delegate?.connected(self)
    }

    func received(_ message: Message, on connection: ConnectionHandler) throws(ZMTPError) {
        try delegate?.received(message, on: self)
    }

    func disconnected(_ connection: ConnectionHandler?, reason: CloseReason) -> Bool {
        delegate?.disconnected(self, reason: reason, wasConnected: connection != nil) ?? false
    }
}
