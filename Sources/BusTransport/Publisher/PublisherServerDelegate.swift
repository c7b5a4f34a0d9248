package import NIOCore

/// Who is told of a `PublisherServer`'s peers; all methods are called on the connection's event loop, and must not
/// block it.
package protocol PublisherServerDelegate: AnyObject, Sendable {
    /// A subscriber has ended its handshake; it has no topics yet.
    func subscriberConnected(from address: SocketAddress?)
    /// - Parameter droppedMessages: What it did not get, because it did not read fast enough.
    func subscriberDisconnected(from address: SocketAddress?, reason: CloseReason, droppedMessages: Int)
    /// A connection ended before its handshake did, or was not let in.
    func subscriberRefused(from address: SocketAddress?, reason: CloseReason)
    /// The system could not give us a connection that waits, because descriptors or memory ran out. It is tried again.
    func acceptFailed(_ cause: String)
    /// A subscriber does not read: from now on it misses messages, until it has read what waits for it.
    func subscriberFellBehind(at address: SocketAddress?, waitingMessages: Int)
    /// Some peer is the first to want this topic.
    func topicAdded(_ topic: [UInt8], on loop: any EventLoop)
    /// No peer of this loop wants this topic any more.
    func topicRemoved(_ topic: [UInt8], on loop: any EventLoop)
}

extension PublisherServerDelegate {
    package func subscriberConnected(from address: SocketAddress?) {}
    package func subscriberDisconnected(from address: SocketAddress?, reason: CloseReason, droppedMessages: Int) {}
    package func subscriberRefused(from address: SocketAddress?, reason: CloseReason) {}
    package func acceptFailed(_ cause: String) {}
    package func subscriberFellBehind(at address: SocketAddress?, waitingMessages: Int) {}
    package func topicAdded(_ topic: [UInt8], on loop: any EventLoop) {}
    package func topicRemoved(_ topic: [UInt8], on loop: any EventLoop) {}
}
