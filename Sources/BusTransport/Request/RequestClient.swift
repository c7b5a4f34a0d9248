package import NIOCore
import Synchronization

/// How a `RequestClient` connects and how much may wait in it.
package struct RequestOptions: Sendable {
    package var connection = ConnectionOptions()
    package var reconnect = ReconnectPolicy()
    /// What a ROUTER shall call us; empty to let it invent something.
    package var identity = ByteBuffer()
    /// Requests that may wait for their turn.
    package var maxWaiting = 128

    package init() {}
}

/// A REQ socket that connects: one request at a time, each with its reply.
///
/// The connection is made when a request needs it, and kept. A request that is given up, by its timeout or because its
/// task is cancelled, takes the connection with it, so that a late reply is never taken for the answer to another
/// request. Requests made meanwhile wait for their turn; those on their way when the connection is lost fail and are
/// not sent again, since only the caller knows whether that is safe. A client lives until `shutdown()`.
package final class RequestClient: Sendable {
    private let core: NIOLoopBoundBox<RequestClientCore>
    private let eventLoop: any EventLoop
    private let nextID = Atomic<UInt64>(0)

    /// - Parameter eventLoop: Where all of the client's work is done; it must outlive the client.
    package init(
        connectingTo endpoint: Endpoint,
        options: RequestOptions = RequestOptions(),
        on eventLoop: any EventLoop
    ) {
        self.eventLoop = eventLoop
        core = NIOLoopBoundBox.makeBoxSendingValue(
            RequestClientCore(endpoint: endpoint, options: options, eventLoop: eventLoop), eventLoop: eventLoop)
    }

    /// Sends a request and waits for the reply.
    ///
    /// - Parameter timeout: From the call to the reply, waiting for a connection and for a turn included.
    /// - Throws: `BusError.timedOut`, `.connectionLost`, `.tooManyRequests` or `.shutDown`; `CancellationError`.
    package func request(_ payload: ByteBuffer, timeout: TimeAmount) async throws -> ByteBuffer {
        try Task.checkCancellation()
        let id = nextID.add(1, ordering: .relaxed).newValue
        let promise = eventLoop.makePromise(of: ByteBuffer.self)
        let core = self.core
        eventLoop.execute { core.value.submit(id, payload, timeout: timeout, promise: promise) }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            eventLoop.execute { core.value.giveUp(id, error: CancellationError()) }
        }
    }

    /// The counters of this client.
    package func metrics() async -> BusMetrics {
        let core = self.core
        // Submitting fails only when the group is shut down: then there is nothing to count.
        return (try? await eventLoop.submit { core.value.loop.metrics }.get()) ?? BusMetrics()
    }

    /// Fails what waits, and closes the connection.
    package func shutdown() async {
        let core = self.core
        // As above: a group that is shut down has closed everything.
        try? await eventLoop.flatSubmit { core.value.shutDown() }.get()
    }
}
