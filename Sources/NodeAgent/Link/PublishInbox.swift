import BusTransport
import NIOCore
import Synchronization
import ZMTP

/// Hands what a subscriber receives on to the link's task, in order and bounded: what is beyond is dropped and reported.
final class PublishInbox: SubscriberClientDelegate {
    enum Event: Sendable {
        case connected(to: String)
        case received(ByteBuffer)
        case disconnected(String)
    }

    /// Publishes that may wait for the link, while it signs in again for example.
    static let capacity = 4096

    let events: AsyncStream<Event>
    /// Publishes dropped so far, because they came faster than the link could look at them.
    let dropped = Atomic(0)
    private let continuation: AsyncStream<Event>.Continuation

    init() {
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.capacity))
    }

    func finish() { continuation.finish() }

    func subscriberConnected(to address: SocketAddress?) {
        continuation.yield(.connected(to: address.map { "\(Endpoint($0))" } ?? "?"))
    }

    /// With topics the payload is the second frame, else the only one.
    func subscriberReceived(_ message: Message) {
        var payload: ByteBuffer?
        for frame in message.frames { payload = frame }
        guard let payload else { return }
        if case .dropped = continuation.yield(.received(payload)) { dropped.add(1, ordering: .relaxed) }
    }

    func subscriberDisconnected(reason: CloseReason) {
        continuation.yield(.disconnected("\(reason)"))
    }
}
