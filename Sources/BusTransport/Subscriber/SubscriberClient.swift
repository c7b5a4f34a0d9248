package import NIOCore
package import ZMTP

/// How a `SubscriberClient` connects.
package struct SubscriberOptions: Sendable {
    package var connection = ConnectionOptions()
    package var reconnect = ReconnectPolicy()
    /// Prefixes of the first frame; the empty one is everything.
    package var topics: [ByteBuffer] = [ByteBuffer()]

    package init() {}
}

/// Who takes what a `SubscriberClient` receives; all methods are called on its loop, and must not block it.
package protocol SubscriberClientDelegate: AnyObject, Sendable {
    /// The handshake is over, and the topics have been asked for.
    func subscriberConnected(to address: SocketAddress?)
    func subscriberReceived(_ message: Message)
    /// All that had to be read in this tick has been read.
    func subscriberReadCompleted()
    /// The connection has gone, or could not be made; another attempt follows.
    func subscriberDisconnected(reason: CloseReason)
}

extension SubscriberClientDelegate {
    package func subscriberReadCompleted() {}
}

/// A SUB socket that connects, and connects again until `shutdown()`.
package final class SubscriberClient: Sendable {
    private let core: NIOLoopBoundBox<SubscriberClientCore>
    private let eventLoop: any EventLoop

    /// Nothing happens before `start()`.
    ///
    /// - Parameter eventLoop: Where all of the client's work is done; it must outlive the client.
    package init(
        connectingTo endpoint: Endpoint,
        options: SubscriberOptions = SubscriberOptions(),
        on eventLoop: any EventLoop,
        delegate: any SubscriberClientDelegate
    ) {
        self.eventLoop = eventLoop
        core = NIOLoopBoundBox.makeBoxSendingValue(
            SubscriberClientCore(endpoint: endpoint, options: options, eventLoop: eventLoop, delegate: delegate),
            eventLoop: eventLoop)
    }

    /// Begins to connect.
    package func start() {
        onLoop { $0.start() }
    }

    /// Asks for one more topic, now and at every later connection.
    package func subscribe(to topic: ByteBuffer) {
        onLoop { $0.subscribe(to: topic) }
    }

    /// Takes a topic back.
    package func cancel(_ topic: ByteBuffer) {
        onLoop { $0.cancel(topic) }
    }

    /// Ends the connection and makes a new one, for a receiver that believes it dead.
    package func reconnect() {
        onLoop { $0.reconnect() }
    }

    /// Reads no more until `resumeReading()`; what is published meanwhile waits in sockets, then with the publisher.
    package func suspendReading() {
        onLoop { $0.loop.suspendReading() }
    }

    package func resumeReading() {
        onLoop { $0.loop.resumeReading() }
    }

    /// The counters of this client.
    package func metrics() async -> BusMetrics {
        let core = self.core
        // Submitting fails only when the group is shut down: then there is nothing to count.
        return (try? await eventLoop.submit { core.value.loop.metrics }.get()) ?? BusMetrics()
    }

    /// Closes the connection and makes no other.
    package func shutdown() async {
        let core = self.core
        // As above: a group that is shut down has closed everything.
        try? await eventLoop.flatSubmit { core.value.shutDown() }.get()
    }

    private func onLoop(_ body: @escaping @Sendable (SubscriberClientCore) -> Void) {
        let core = self.core
        eventLoop.execute { body(core.value) }
    }
}
