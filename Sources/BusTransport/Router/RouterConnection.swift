package import NIOCore
package import ZMTP

/// A peer of a `RouterServer`: where a request came from, and where its reply goes.
///
/// Replies go back on the connection that asked, never to another one of the same identity. Usable from anywhere: on
/// its own loop without delay, from elsewhere by a hop.
package final class RouterConnection: Sendable {
    /// What the peer calls itself, or what we call it.
    package let id: RoutingID
    package let remoteAddress: SocketAddress?
    /// Where its requests are received; reply from here, in batches, to spare hops.
    package let eventLoop: any EventLoop
    private let handler: NIOLoopBound<ConnectionHandler>

    /// Call on the handler's loop.
    init(id: RoutingID, handler: ConnectionHandler) {
        self.id = id
        remoteAddress = handler.remoteAddress
        eventLoop = handler.eventLoop
        self.handler = NIOLoopBound(handler, eventLoop: handler.eventLoop)
    }

    /// Answers a request; sent at the end of the loop's tick, together with others.
    ///
    /// A peer that has gone does not get it, which is counted. One that does not read its replies is closed.
    package func reply(_ payload: ByteBuffer) {
        // Here almost always, and then without a closure on the heap.
        if eventLoop.inEventLoop { return handler.value.reply(payload) }
        eventLoop.execute { self.handler.value.reply(payload) }
    }

    /// Sends a message of any form; dropped and counted when too many wait for the peer.
    package func send(_ message: Message) {
        onLoop { _ = $0.send(message.wire) }
    }

    /// Reads no more from this peer until `resumeReading()`.
    package func pauseReading() {
        onLoop { $0.pauseReading() }
    }

    package func resumeReading() {
        onLoop { $0.resumeReading() }
    }

    /// The peer has proved who it is: of too many unfinished messages, those of others go first.
    package func trust() {
        onLoop { $0.isTrusted = true }
    }

    /// Ends the connection; the delegate is told this reason.
    package func close(_ reason: CloseReason = .shutDown) {
        onLoop { $0.close(reason) }
    }

    private func onLoop(_ body: @escaping @Sendable (ConnectionHandler) -> Void) {
        if eventLoop.inEventLoop {
            body(handler.value)
        } else {
            eventLoop.execute { body(self.handler.value) }
        }
    }
}

extension RouterConnection: Hashable {
    package static func == (left: RouterConnection, right: RouterConnection) -> Bool { left === right }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}

extension RouterConnection: CustomStringConvertible {
    package var description: String { "\(id) at \(remoteAddress.map { "\($0)" } ?? "an unknown address")" }
}
