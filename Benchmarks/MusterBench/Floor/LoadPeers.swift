import NIOCore
import NIOPosix

/// Many load connections on one event loop of their own.
final class LoadPeers: Sendable {
    private static let connectingAtOnce = 200

    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let counter: NIOLoopBoundBox<PeerCounter>

    /// Connects them all, and returns when every handshake is over.
    static func connect(_ count: Int, _ role: PeerChannel.Role, to port: Int) async throws -> LoadPeers {
        let peers = LoadPeers()
        do {
            try await peers.connect(count, role, to: port)
        } catch {
            await peers.close()
            throw error
        }
        return peers
    }

    private init() {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        loop = group.next()
        counter = NIOLoopBoundBox.makeBoxSendingValue(PeerCounter(), eventLoop: loop)
    }

    /// Messages received so far.
    func messages() async throws -> Int {
        let counter = self.counter
        return try await loop.submit {
            if let failure = counter.value.failure { throw BenchFailure(failure) }
            return counter.value.messages
        }.get()
    }

    /// Waits for the message that makes so many.
    func waitForMessages(_ count: Int) async throws {
        let counter = self.counter
        try await loop.flatSubmit { [loop] in
            let promise = loop.makePromise(of: Void.self)
            counter.value.notify(at: count, promise)
            // A message that is lost must not hang the run.
            let limit = loop.assumeIsolated().scheduleTask(in: .seconds(60)) {
                counter.value.failed("\(count) messages had not come after 60 s, but \(counter.value.messages)")
            }
            promise.futureResult.whenComplete { _ in limit.cancel() }
            return promise.futureResult
        }.get()
    }

    /// Ends all connections.
    func close() async {
        let counter = self.counter
        try? await loop.submit { counter.value.isStopped = true }.get()
        // What cannot be closed politely ends with the group.
        try? await group.shutdownGracefully()
    }

    private func connect(_ count: Int, _ role: PeerChannel.Role, to port: Int) async throws {
        let counter = self.counter
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PeerChannel(role, counter: counter))
                }
            }
        var channels: [any Channel] = []
        while channels.count < count {
            let wave = min(count - channels.count, LoadPeers.connectingAtOnce)
            let connecting = (0..<wave).map { _ in bootstrap.connect(host: "127.0.0.1", port: port) }
            channels += try await EventLoopFuture.whenAllSucceed(connecting, on: loop).get()
        }
        try await poll("\(count) load connections have ended their handshakes", within: .seconds(60)) {
            let connected = try await loop.submit { counter.value.connected }.get()
            return connected == count ? true : nil
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(PeerChannel.Begin()) }
    }
}
