import NIOCore
import ZMTP

/// The state of a `RequestClient`. Owner: its event loop.
final class RequestClientCore: ConnectorOwner {
    private struct Pending {
        let id: UInt64
        let payload: ByteBuffer
        let timeout: TimeAmount
        let promise: EventLoopPromise<ByteBuffer>
        let timer: Scheduled<Void>
    }

    let loop: BusLoop
    private let endpoint: Endpoint
    private let options: RequestOptions
    private var connector: Connector?
    private var requester = Requester()
    private var waiting = CircularBuffer<Pending>()
    private var current: Pending?
    private var isShutDown = false

    init(endpoint: Endpoint, options: RequestOptions, eventLoop: any EventLoop) {
        self.endpoint = endpoint
        self.options = options
        loop = BusLoop(eventLoop: eventLoop)
    }

    func submit(_ id: UInt64, _ payload: ByteBuffer, timeout: TimeAmount, promise: EventLoopPromise<ByteBuffer>) {
        guard !isShutDown else { return promise.fail(BusError.shutDown) }
        guard waiting.count < options.maxWaiting else {
            return promise.fail(BusError.tooManyRequests(limit: options.maxWaiting))
        }
        let timer = loop.eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.timedOut(id, after: timeout) }
        waiting.append(Pending(id: id, payload: payload, timeout: timeout, promise: promise, timer: timer))
        sendNext()
    }

    /// Ends a request with an error; if it is on its way, its connection ends too.
    func giveUp(_ id: UInt64, error: any Error) {
        if let pending = current, pending.id == id {
            current = nil
            end(pending, .failure(error))
            connector?.drop(.requestAbandoned)
        } else if let index = waiting.firstIndex(where: { $0.id == id }) {
            end(waiting.remove(at: index), .failure(error))
        }
    }

    func shutDown() -> EventLoopFuture<Void> {
        isShutDown = true
        connector?.stop()
        if let pending = current { end(pending, .failure(BusError.shutDown)) }
        current = nil
        for pending in waiting { end(pending, .failure(BusError.shutDown)) }
        waiting.removeAll()
        return loop.drain(within: .seconds(1))
    }

    private func sendNext() {
        guard current == nil, !isShutDown, !waiting.isEmpty else { return }
        let connector = connector ?? makeConnector()
        guard let connection = connector.connection, requester.isIdle else { return connector.start() }
        guard let next = waiting.popFirst() else { return }
        current = next
        _ = connection.send(requester.send(next.payload).wire)
    }

    private func makeConnector() -> Connector {
        let made = Connector(
            to: endpoint, as: .req, identity: options.identity, options: options.connection,
            policy: options.reconnect, loop: loop, owner: self)
        connector = made
        return made
    }

    private func timedOut(_ id: UInt64, after timeout: TimeAmount) {
        giveUp(id, error: BusError.timedOut(endpoint, after: timeout, lastFailure: connector?.lastFailure))
    }

    private func end(_ pending: Pending, _ result: Result<ByteBuffer, any Error>) {
        pending.timer.cancel()
        pending.promise.completeWith(result)
    }

    // MARK: ConnectorOwner

    func connected(_ connection: ConnectionHandler, peer: PeerProperties) {
        requester = Requester()
        sendNext()
    }

    func received(_ message: Message, on connection: ConnectionHandler) throws(ZMTPError) {
        let payload = try requester.received(message)
        guard let pending = current else { return }
        current = nil
        end(pending, .success(payload))
        sendNext()
    }

    func disconnected(_ connection: ConnectionHandler?, reason: CloseReason) -> Bool {
        if let pending = current {
            current = nil
            end(pending, .failure(BusError.connectionLost(endpoint, reason)))
        }
        guard !waiting.isEmpty, !isShutDown else { return false }
        // After a connection that worked there is no reason to wait.
        if connection != nil { connector?.start() }
        return true
    }
}
