package import NIOCore
package import ZMTP

/// Who takes requests from a `RouterServer`.
///
/// All methods are called on the connection's event loop, without an async hop, and must not block it. Requests of one
/// tick come one after the other, then `readCompleted(on:)` once: collect in the former, hand over in the latter.
package protocol RouterServerDelegate: AnyObject, Sendable {
    /// A peer has ended its handshake.
    func connectionOpened(_ connection: RouterConnection)
    /// A request came: an empty delimiter and this payload, a slice of what was read.
    ///
    /// Keep a copy rather than the slice when it stays long: it keeps the whole read buffer.
    func requestReceived(_ payload: ByteBuffer, from connection: RouterConnection)
    /// Any message came. By default it is taken for a request, and closes the connection when it is none.
    func messageReceived(_ message: Message, from connection: RouterConnection) throws(ZMTPError)
    /// All that this loop had to read has been read; replies made now go out together.
    func readCompleted(on loop: any EventLoop)
    /// A connection for which `connectionOpened(_:)` was called has ended.
    func connectionClosed(_ connection: RouterConnection, reason: CloseReason)
    /// A connection ended before its handshake did, or was not let in.
    func connectionRefused(from address: SocketAddress?, reason: CloseReason)
    /// The system could not give us a connection that waits, because descriptors or memory ran out. It is tried again.
    func acceptFailed(_ cause: String)
}

extension RouterServerDelegate {
    package func connectionOpened(_ connection: RouterConnection) {}

    package func messageReceived(_ message: Message, from connection: RouterConnection) throws(ZMTPError) {
        guard let payload = message.requestPayload else { throw .malformedEnvelope }
        requestReceived(payload, from: connection)
    }

    package func readCompleted(on loop: any EventLoop) {}
    package func connectionClosed(_ connection: RouterConnection, reason: CloseReason) {}
    package func connectionRefused(from address: SocketAddress?, reason: CloseReason) {}
    package func acceptFailed(_ cause: String) {}
}
