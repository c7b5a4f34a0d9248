import BusTransport
import NIOCore
import Synchronization
import ZMTP

/// Opens once; any number may wait for it.
final class Gate: Sendable {
    private let state = Mutex((isOpen: false, waiting: [CheckedContinuation<Void, Never>]()))

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Answers requests with themselves.
final class Echo: RouterServerDelegate {
    let silent = Gate()
    let refused = Gate()

    func requestReceived(_ payload: ByteBuffer, from connection: RouterConnection) {
        connection.reply(payload)
    }

    func connectionClosed(_ connection: RouterConnection, reason: CloseReason) {
        if case .silent = reason { silent.open() }
    }

    func connectionRefused(from address: SocketAddress?, reason: CloseReason) {
        if case .violation(.incompatibleSocketTypes) = reason { refused.open() }
    }
}

/// Lets a test wait until a topic is wanted, or is not any more.
final class Topics: PublisherServerDelegate {
    private let gates = Mutex<[String: Gate]>([:])

    func topicAdded(_ topic: [UInt8], on loop: any EventLoop) {
        gate("+" + String(decoding: topic, as: UTF8.self)).open()
    }

    func topicRemoved(_ topic: [UInt8], on loop: any EventLoop) {
        gate("-" + String(decoding: topic, as: UTF8.self)).open()
    }

    func wait(for topic: String, added: Bool) async {
        await gate((added ? "+" : "-") + topic).wait()
    }

    private func gate(_ name: String) -> Gate {
        gates.withLock { gates in
            let gate = gates[name] ?? Gate()
            gates[name] = gate
            return gate
        }
    }
}

/// Lets a test wait for a subscriber's second connection.
final class Watcher: SubscriberClientDelegate {
    let disconnected = Gate()
    let connectedAgain = Gate()
    private let connections = Mutex(0)

    func subscriberConnected(to address: SocketAddress?) {
        let count = connections.withLock { count in
            count += 1
            return count
        }
        if count == 2 { connectedAgain.open() }
    }

    func subscriberReceived(_ message: Message) {}

    func subscriberDisconnected(reason: CloseReason) {
        disconnected.open()
    }
}

extension RouterServer {
    /// Binds to a free port on loopback.
    func bindLoopback() async throws -> Endpoint {
        try await bind(to: [Endpoint(host: "127.0.0.1", port: 0)]).endpoint
    }
}

extension PublisherServer {
    /// Binds to a free port on loopback.
    func bindLoopback() async throws -> Endpoint {
        try await bind(to: [Endpoint(host: "127.0.0.1", port: 0)]).endpoint
    }
}

extension MessageSocket {
    /// Binds to a free port on loopback.
    func bindLoopback() async throws -> Endpoint {
        try await bind(to: [Endpoint(host: "127.0.0.1", port: 0)]).endpoint
    }
}

extension [SocketAddress] {
    fileprivate var endpoint: Endpoint { Endpoint(host: "127.0.0.1", port: first?.port ?? 0) }
}
