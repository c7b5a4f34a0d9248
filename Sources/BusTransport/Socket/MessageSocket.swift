package import NIOCore
import Synchronization
package import ZMTP

/// How a `MessageSocket` connects, listens and waits.
package struct MessageSocketOptions: Sendable {
    package var server = ServerOptions()
    package var reconnect = ReconnectPolicy()
    /// What a ROUTER shall call a DEALER; empty to let it invent something.
    package var identity = ByteBuffer()
    /// Messages of one peer that may wait to be received; then no more is read from it.
    package var receiveQueueMessages = 1000
    /// Senders that may be suspended at once.
    package var maxWaitingSenders = 1000

    package init() {}
}

/// A DEALER, PUSH, PULL or SUB socket: any number of peers, connected or accepted, behind one queue each way.
///
/// Sending takes the peers in turns and suspends while none of them can take a message; receiving takes what they sent
/// in turns, and stops reading from a peer whose queue is full. All work is done on one event loop. A socket lives
/// until `shutdown(within:)`. Spec: RFC 28 (DEALER), RFC 29 (SUB), RFC 30 (PUSH, PULL).
package final class MessageSocket: Sendable {
    /// What the socket is; PUSH cannot receive, PULL and SUB cannot send.
    package enum Kind: Sendable, Hashable {
        case dealer
        case push
        case pull
        /// With the prefixes it wants; the empty one is everything.
        case sub(topics: [ByteBuffer])

        var socketType: SocketType {
            switch self {
            case .dealer: .dealer
            case .push: .push
            case .pull: .pull
            case .sub: .sub
            }
        }
    }

    private let eventLoop: any EventLoop
    private let core: NIOLoopBoundBox<MessageSocketCore>
    private let listener: Listener
    private let nextID = Atomic<UInt64>(0)

    /// - Parameter eventLoop: Where all of the socket's work is done; it must outlive the socket.
    package init(
        _ kind: Kind, options: MessageSocketOptions = MessageSocketOptions(), on eventLoop: any EventLoop
    ) {
        self.eventLoop = eventLoop
        let core = NIOLoopBoundBox.makeBoxSendingValue(
            MessageSocketCore(kind, options: options, eventLoop: eventLoop), eventLoop: eventLoop)
        self.core = core
        listener = Listener(group: eventLoop, options: options.server) { channel in
            try core.value.accept(channel)
        } acceptFailed: { _ in
            // Counted by the listener; a message socket has nobody else to tell.
        }
    }

    /// Listens at all these endpoints, or throws a `BusError` and listens at none of them.
    ///
    /// - Returns: The real addresses, in the same order.
    package func bind(to endpoints: [Endpoint]) async throws -> [SocketAddress] {
        try await listener.bind(to: endpoints)
    }

    /// Connects, and connects again whenever the connection is lost.
    package func connect(to endpoint: Endpoint) {
        let core = self.core
        eventLoop.execute { core.value.connect(to: endpoint) }
    }

    /// Gives a message to the next peer in turn; suspends while none can take it.
    ///
    /// - Throws: `BusError.sendQueueFull` when too many senders wait already, `.shutDown`; `CancellationError`.
    /// - Precondition: The socket is a DEALER or PUSH.
    package func send(_ message: Message) async throws {
        try await onLoop { core, id, promise in
            core.send(message, id: id, promise: promise)
        }
    }

    /// The next message; suspends while there is none.
    ///
    /// - Throws: `BusError.shutDown` after the last one; `CancellationError`.
    /// - Precondition: The socket is a DEALER, PULL or SUB.
    package func receive() async throws -> Message {
        try await onLoop { core, id, promise in
            core.receive(id: id, promise: promise)
        }
    }

    /// What is received until the socket is shut down or the task cancelled.
    package var messages: Messages { Messages(socket: self) }

    /// The counters of this socket.
    package func metrics() async -> BusMetrics {
        let core = self.core
        // Submitting fails only when the group is shut down: then there is nothing to count.
        return (try? await eventLoop.submit { core.value.loop.metrics }.get()) ?? BusMetrics()
    }

    /// Stops to accept and to connect, sends what waits for at most `grace`, and closes.
    package func shutdown(within grace: TimeAmount) async {
        await listener.stop()
        let core = self.core
        // As above: a group that is shut down has closed everything.
        try? await eventLoop.flatSubmit { core.value.shutDown(within: grace) }.get()
    }

    private func onLoop<Result: Sendable>(
        _ body: @escaping @Sendable (MessageSocketCore, UInt64, EventLoopPromise<Result>) -> Void
    ) async throws -> Result {
        try Task.checkCancellation()
        let id = nextID.add(1, ordering: .relaxed).newValue
        let promise = eventLoop.makePromise(of: Result.self)
        let core = self.core
        eventLoop.execute { body(core.value, id, promise) }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            eventLoop.execute { core.value.cancel(id) }
        }
    }

    /// The messages of a socket, one after the other; several iterators share them.
    package struct Messages: AsyncSequence, Sendable {
        package typealias Element = Message

        fileprivate let socket: MessageSocket

        package func makeAsyncIterator() -> Iterator { Iterator(socket: socket) }

        package struct Iterator: AsyncIteratorProtocol {
            fileprivate let socket: MessageSocket

            package mutating func next() async throws -> Message? {
                do {
                    return try await socket.receive()
                } catch BusError.shutDown {
                    return nil
                }
            }
        }
    }
}
