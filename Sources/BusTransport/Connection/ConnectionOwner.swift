import NIOCore
import ZMTP

/// The pattern behind a connection: what a handler tells, always on the connection's loop.
///
/// For one connection: `activated`, then `opened`, then any number of the others, then `closed`; `opened` may be left
/// out, and nothing comes after `closed`.
protocol ConnectionOwner: AnyObject {
    /// The TCP connection is there, the handshake begins.
    func activated(_ connection: ConnectionHandler)
    func opened(_ connection: ConnectionHandler, peer: PeerProperties)
    /// What is thrown closes the connection.
    func received(_ message: Message, on connection: ConnectionHandler) throws(ZMTPError)
    func subscribed(to topic: ByteBuffer, on connection: ConnectionHandler) throws(ZMTPError)
    func cancelled(_ topic: ByteBuffer, on connection: ConnectionHandler)
    /// Messages can be sent again.
    func becameWritable(_ connection: ConnectionHandler)
    /// - Parameter wasOpen: Whether `opened` was called for it.
    func closed(_ connection: ConnectionHandler, reason: CloseReason, wasOpen: Bool)
}

extension ConnectionOwner {
    func activated(_ connection: ConnectionHandler) {}
    func received(_ message: Message, on connection: ConnectionHandler) throws(ZMTPError) {}
    func subscribed(to topic: ByteBuffer, on connection: ConnectionHandler) throws(ZMTPError) {}
    func cancelled(_ topic: ByteBuffer, on connection: ConnectionHandler) {}
    func becameWritable(_ connection: ConnectionHandler) {}
}
