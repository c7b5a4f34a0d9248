package import NIOCore
package import STOMP

/// What a virtual host wants done with a connection, in this order.
package enum BrokerAction {
    /// A MESSAGE in two parts: what is the subscriber's own, and what all share; write both, one after the other.
    ///
    /// When they have left, ``VirtualHost/flushed(_:bytes:at:)`` must hear of the bytes of both.
    case deliver(head: ByteBuffer, tail: ByteBuffer, Peer)
    /// A RECEIPT, all of it.
    case confirm(ByteBuffer, Peer)
    /// The client said goodbye, and everything before was done: close.
    case close(Peer)
    /// Answer with ERROR, and close.
    case fail(BrokerError, about: Frame, Peer)
}
