package import NIOCore
package import STOMP

/// Who takes what a `StompClient` receives; all methods are called on its loop, and must not block it.
package protocol StompClientDelegate: AnyObject, Sendable {
    /// The session is open, and the subscriptions have been made.
    func stompConnected(to server: StompServer, properties: ServerProperties)
    func stompReceived(_ delivery: Delivery)
    /// All that had to be read in this tick has been read.
    func stompReadCompleted()
    /// The connection has gone, or could not be made; another attempt follows, unless we gave up or shut down.
    func stompDisconnected(from server: StompServer, because reason: StompFailure)
}

extension StompClientDelegate {
    package func stompReadCompleted() {}
}

/// A session with one broker of a pool, made anew with the next one whenever it is lost, until `shutdown()`.
///
/// Subscriptions outlive connections. What is sent while there is none waits, within bounds, and leaves after the
/// subscriptions were made again.
package final class StompClient: Sendable {
    private let core: NIOLoopBoundBox<StompClientCore>
    private let eventLoop: any EventLoop

    /// Nothing happens before `start()`.
    ///
    /// - Parameter eventLoop: Where all of the client's work is done; it must outlive the client.
    package init(_ options: StompOptions, on eventLoop: any EventLoop, delegate: any StompClientDelegate) {
        self.eventLoop = eventLoop
        core = NIOLoopBoundBox.makeBoxSendingValue(
            StompClientCore(options, eventLoop: eventLoop, delegate: delegate), eventLoop: eventLoop)
    }

    /// Begins to connect.
    package func start() {
        onLoop { $0.start() }
    }

    /// Subscribes, now and at every later connection. Does nothing when there is a subscription of this id.
    package func subscribe(_ subscription: Subscription) {
        onLoop { $0.subscribe(subscription) }
    }

    /// Ends a subscription; its deliveries that are under way still come.
    package func unsubscribe(_ id: String) {
        onLoop { $0.unsubscribe(id) }
    }

    /// Sends messages, one after the other; they wait while there is no broker.
    package func send(_ messages: [StompMessage]) {
        onLoop { $0.send(messages) }
    }

    /// Messages that were dropped because too much waited, or that the session refused.
    package func dropped() async -> Int {
        let core = self.core
        // Submitting fails only when the group is shut down: then there is nothing to count.
        return (try? await eventLoop.submit { core.value.dropped }.get()) ?? 0
    }

    /// Says goodbye when a session is open, waits for the broker's receipt for at most `grace`, and makes no other
    /// connection.
    package func shutdown(within grace: TimeAmount = .seconds(2)) async {
        let core = self.core
        // As above: a group that is shut down has closed everything.
        try? await eventLoop.flatSubmit { core.value.shutDown(within: grace) }.get()
    }

    private func onLoop(_ body: @escaping @Sendable (StompClientCore) -> Void) {
        let core = self.core
        if eventLoop.inEventLoop { body(core.value) } else { eventLoop.execute { body(core.value) } }
    }
}

/// A message to be sent.
package struct StompMessage: Sendable, Equatable {
    package var destination: String
    /// All but `destination` and `content-length`.
    package var headers: Headers
    package var body: ByteBuffer
    /// After this it is not sent any more; nil is for ever.
    package var deadline: NIODeadline?
    /// Whether the body's memory is that of another message, and is counted there.
    package var sharesBody = false

    package init(
        _ body: ByteBuffer, to destination: String, headers: Headers = Headers(), deadline: NIODeadline? = nil
    ) {
        self.destination = destination
        self.headers = headers
        self.body = body
        self.deadline = deadline
    }

    /// What it takes while it waits.
    var bytes: Int { (sharesBody ? 0 : body.readableBytes) + headers.lines.readableBytes + destination.utf8.count }
}
