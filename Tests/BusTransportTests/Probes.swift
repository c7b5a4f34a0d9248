import BusTransport
import NIOCore
import NIOPosix
import Synchronization
import Testing
import ZMTP

/// Events as they come, each of which can be waited for; nothing is polled.
final class EventLog<Event: Sendable>: Sendable {
    private struct Waiter {
        let id: Int
        let matches: @Sendable (Event) -> Bool
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var events: [Event] = []
        var waiting: [Waiter] = []
        var nextID = 0
    }

    private let state = Mutex(State())

    var events: [Event] { state.withLock { $0.events } }

    func append(_ event: Event) {
        let due = state.withLock { state in
            state.events.append(event)
            let due = state.waiting.filter { $0.matches(event) }
            state.waiting.removeAll { $0.matches(event) }
            return due
        }
        for waiter in due { waiter.continuation.resume(returning: true) }
    }

    /// Waits until some event, past or future, matches; a test that runs out of time is told what did come.
    func first(
        sourceLocation: SourceLocation = #_sourceLocation,
        where matches: @escaping @Sendable (Event) -> Bool
    ) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let came = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result: Bool? = state.withLock { state in
                    if state.events.contains(where: matches) { return true }
                    if Task.isCancelled { return false }
                    state.waiting.append(Waiter(id: id, matches: matches, continuation: continuation))
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            let abandoned = state.withLock { state in
                defer { state.waiting.removeAll { $0.id == id } }
                return state.waiting.first { $0.id == id }
            }
            abandoned?.continuation.resume(returning: false)
        }
        if !came { Issue.record("never came; but these did: \(events)", sourceLocation: sourceLocation) }
    }
}

/// Answers requests with themselves.
final class EchoDelegate: RouterServerDelegate {
    enum Event: Sendable, Equatable {
        case opened
        case request(String)
        case readCompleted
        case closed(CloseReason)
        case refused(CloseReason)
    }

    let log = EventLog<Event>()
    private let answersTo: @Sendable (String) -> Bool

    init(answersTo: @escaping @Sendable (String) -> Bool = { _ in true }) {
        self.answersTo = answersTo
    }

    func connectionOpened(_ connection: RouterConnection) {
        log.append(.opened)
    }

    func requestReceived(_ payload: ByteBuffer, from connection: RouterConnection) {
        let text = String(buffer: payload.getSlice(at: payload.readerIndex, length: min(64, payload.readableBytes))!)
        log.append(.request(text))
        if answersTo(text) { connection.reply(payload) }
    }

    func readCompleted(on loop: any EventLoop) {
        log.append(.readCompleted)
    }

    func connectionClosed(_ connection: RouterConnection, reason: CloseReason) {
        log.append(.closed(reason))
    }

    func connectionRefused(from address: SocketAddress?, reason: CloseReason) {
        log.append(.refused(reason))
    }
}

/// Notes new topics.
final class TopicDelegate: PublisherServerDelegate {
    private let log: EventLog<[UInt8]>

    init(log: EventLog<[UInt8]>) {
        self.log = log
    }

    func topicAdded(_ topic: [UInt8], on loop: any EventLoop) {
        log.append(topic)
    }
}

/// A subscriber that notes all it sees.
final class SubscriberProbe: Sendable {
    enum Event: Sendable, Equatable {
        case connected
        case message(Message)
        case disconnected(CloseReason)
    }

    final class Delegate: SubscriberClientDelegate {
        let log = EventLog<Event>()

        func subscriberConnected(to address: SocketAddress?) { log.append(.connected) }
        func subscriberReceived(_ message: Message) { log.append(.message(message)) }
        func subscriberDisconnected(reason: CloseReason) { log.append(.disconnected(reason)) }
    }

    let client: SubscriberClient
    private let delegate = Delegate()

    init(to endpoint: Endpoint, topics: [String], on eventLoop: any EventLoop) {
        var options = SubscriberOptions()
        options.topics = topics.map { ByteBuffer(string: $0) }
        options.reconnect = ReconnectPolicy(first: .milliseconds(1)...(.milliseconds(5)), maximum: .milliseconds(20))
        client = SubscriberClient(connectingTo: endpoint, options: options, on: eventLoop, delegate: delegate)
        client.start()
    }

    var log: EventLog<Event> { delegate.log }

    /// The first frame of each message.
    var topics: [String] {
        log.events.compactMap { if case .message(let message) = $0 { String(buffer: message.first) } else { nil } }
    }
}

extension RouterServer {
    /// Binds to a free port on loopback.
    func bindLoopback() async throws -> Endpoint {
        let addresses = try await bind(to: [Endpoint(host: "127.0.0.1", port: 0)])
        return Endpoint(host: "127.0.0.1", port: addresses[0].port!)
    }
}

extension PublisherServer {
    /// Binds to a free port on loopback.
    func bindLoopback() async throws -> Endpoint {
        let addresses = try await bind(to: [Endpoint(host: "127.0.0.1", port: 0)])
        return Endpoint(host: "127.0.0.1", port: addresses[0].port!)
    }
}

extension Endpoint {
    /// A port that stays free when a server leaves it: below those that the system gives to whoever asks for any.
    ///
    /// - Parameter bind: binds to the port; one that is taken is followed by another.
    static func reserved(_ bind: (Endpoint) async throws -> Void) async throws -> Endpoint {
        var port = Int.random(in: 20_000..<30_000)
        while true {
            let endpoint = Endpoint(host: "127.0.0.1", port: port)
            do {
                try await bind(endpoint)
                return endpoint
            } catch let error as BusError where port < 32_000 {
                guard case .addressInUse = error else { throw error }
                port += 1
            }
        }
    }
}
