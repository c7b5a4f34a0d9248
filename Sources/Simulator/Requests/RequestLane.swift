import BusTransport
import DequeModule
import NIOCore
import ZMTP

/// One request connection, of one node or shared by several: one request at a time, each with its reply.
///
///     idle --enter--> connecting --> awaiting reply --reply--> idle
///                          |               |
///                          +--- failure ---+--> whoever waited or asked is told, and comes again
///
/// Owner: the fleet's event loop.
final class RequestLane {
    private let eventLoop: any EventLoop
    private var connection: ClientConnection?
    private var requester = Requester()
    private var waiting: Deque<NodeLink> = []
    private var current: NodeLink?
    private var deadline = NIODeadline.distantFuture

    init(to endpoint: Endpoint, reconnect: ReconnectPolicy, on loop: ClientLoop) {
        eventLoop = loop.eventLoop
        connection = ClientConnection(.req, to: endpoint, reconnect: reconnect, on: loop, delegate: self)
    }

    /// A node has something to ask; it is to come once for each request.
    func enter(_ link: NodeLink) {
        waiting.append(link)
        sendNext()
    }

    /// Gives up the request whose time is over; its connection goes with it, so that a late reply harms nobody.
    func expire(at now: NIODeadline) {
        guard deadline <= now, let link = current else { return }
        deadline = .distantFuture
        current = nil
        connection?.drop()
        link.requestFailed("no reply in time")
    }

    func stop() {
        waiting.removeAll()
        current = nil
        connection?.stop()
    }

    private func sendNext() {
        guard current == nil, !waiting.isEmpty, let connection else { return }
        guard connection.isConnected, requester.isIdle else { return connection.start() }
        while let link = waiting.popFirst() {
            guard let request = link.nextRequest() else { continue }
            current = link
            deadline = eventLoop.now + request.timeout
            // What is not taken is lost with its connection: the node hears of that.
            _ = connection.send(requester.send(request.payload))
            return
        }
    }
}

/// A request on its way to the wire.
struct LaneRequest {
    let payload: ByteBuffer
    let timeout: TimeAmount
}

extension RequestLane: ClientConnectionDelegate {
    func connected(_ connection: ClientConnection) {
        requester = Requester()
        sendNext()
    }

    func received(_ message: Message, on connection: ClientConnection) throws(ZMTPError) {
        let reply = try requester.received(message)
        guard let link = current else { return }
        current = nil
        deadline = .distantFuture
        link.replied(reply)
        sendNext()
    }

    func disconnected(_ connection: ClientConnection, reason: CloseReason, wasConnected: Bool) -> Bool {
        requester = Requester()
        deadline = .distantFuture
        var failed: [NodeLink] = []
        if let link = current { failed.append(link) }
        current = nil
        // Without a connection there is nothing to wait for: all come again after a pause of their own.
        if !wasConnected {
            failed += waiting
            waiting.removeAll()
        }
        for link in failed { link.requestFailed("\(reason)") }
        if !waiting.isEmpty { connection.start() }
        return false
    }
}
