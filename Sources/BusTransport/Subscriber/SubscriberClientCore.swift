import NIOCore
import ZMTP

/// The state of a `SubscriberClient`. Owner: its event loop.
final class SubscriberClientCore: ConnectorOwner {
    let loop: BusLoop
    private let endpoint: Endpoint
    private let options: SubscriberOptions
    private let delegate: any SubscriberClientDelegate
    private var topics: TopicList
    private var connector: Connector?
    private var isShutDown = false

    init(
        endpoint: Endpoint,
        options: SubscriberOptions,
        eventLoop: any EventLoop,
        delegate: any SubscriberClientDelegate
    ) {
        loop = BusLoop(eventLoop: eventLoop)
        self.endpoint = endpoint
        self.options = options
        self.delegate = delegate
        topics = TopicList(options.topics)
        loop.tickEnded = { delegate.subscriberReadCompleted() }
    }

    func start() {
        guard connector == nil, !isShutDown else { return }
        let made = Connector(
            to: endpoint, as: .sub, options: options.connection, policy: options.reconnect, loop: loop, owner: self)
        connector = made
        made.start()
    }

    func subscribe(to topic: ByteBuffer) {
        if topics.subscribe(to: topic) { connector?.connection?.subscribe(to: topic) }
    }

    func cancel(_ topic: ByteBuffer) {
        if topics.cancel(topic) { connector?.connection?.cancel(topic) }
    }

    func reconnect() {
        connector?.drop(.shutDown)
    }

    func shutDown() -> EventLoopFuture<Void> {
        isShutDown = true
        connector?.stop()
        return loop.drain(within: .seconds(1))
    }

    // MARK: ConnectorOwner

    func connected(_ connection: ConnectionHandler, peer: PeerProperties) {
        for topic in topics.topics { connection.subscribe(to: topic) }
        delegate.subscriberConnected(to: connection.remoteAddress)
    }

    func received(_ message: Message, on connection: ConnectionHandler) throws(ZMTPError) {
        if topics.wants(message.first) { delegate.subscriberReceived(message) }
    }

    func disconnected(_ connection: ConnectionHandler?, reason: CloseReason) -> Bool {
        delegate.subscriberDisconnected(reason: reason)
        return !isShutDown
    }
}
