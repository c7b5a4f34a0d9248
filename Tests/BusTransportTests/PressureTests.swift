import BusTransport
import NIOCore
import NIOPosix
import Testing
import ZMTP

/// Peers that are too slow, and owners that are: neither harms anybody else. Every wait is for an event.
@Suite(.timeLimit(.minutes(1))) struct PressureTests {
    let group = MultiThreadedEventLoopGroup.singleton

    /// Kernels differ in how much they buffer: more rounds than any of them can take.
    static let maxRounds = 2000
    static let payload = ByteBuffer(repeating: 0x61, count: 128 << 10)

    @Test func aSubscriberThatDoesNotReadLosesMessagesAndTheOthersNone() async throws {
        let topics = EventLog<[UInt8]>()
        var options = PublisherOptions()
        options.server.connection.sendQueue = SendQueueLimits(messages: 4)
        let server = PublisherServer(group: group, options: options, delegate: TopicDelegate(log: topics))
        let endpoint = try await server.bindLoopback()
        let slow = try await RawPeer(.sub, to: endpoint, reads: false)
        var hello = RawPeer.handshake(.sub)
        hello.writeImmutableBuffer(Command.subscribe(topic: ByteBuffer(string: "n")).encoded)
        try await slow.write(hello)
        await topics.first { $0 == Array("n".utf8) }
        let quick = SubscriberProbe(to: endpoint, topics: [""], on: group.next())
        await topics.first { $0 == [] }

        var published: [String] = []
        while await server.metrics().droppedMessages < 3, published.count < PressureTests.maxRounds {
            let topic = "n\(published.count)"
            server.publish([ByteBuffer(string: topic), PressureTests.payload])
            await quick.log.first { $0.topic == topic }
            published.append(topic)
        }
        let dropped = await server.metrics().droppedMessages
        #expect(dropped == 3)
        #expect(quick.topics == published)
        let subscribers = await server.subscribers()
        let slowOne = try #require(subscribers.first { $0.topics == [Array("n".utf8)] })
        let quickOne = try #require(subscribers.first { $0.topics == [[]] })
        #expect((slowOne.waitingMessages, slowOne.droppedMessages) == (4, 3))
        #expect((quickOne.waitingMessages, quickOne.droppedMessages) == (0, 0))
        #expect(await server.metrics().sentMessages == 2 * published.count - dropped)

        // Once it reads it gets what waited, whole and in order, and is served again.
        try await slow.beginReading()
        let kept = Array(published.dropLast(dropped))
        await slow.log.first { $0.topic == kept.last }
        #expect(slow.received == kept)
        server.publish([ByteBuffer(string: "new"), PressureTests.payload])
        await slow.log.first { $0.topic == "new" }
        #expect(slow.received == kept + ["new"])
        #expect(await server.metrics().droppedMessages == dropped)

        await slow.close()
        await quick.client.shutdown()
        await server.shutdown(within: .seconds(5))
    }

    @Test func aPeerThatDoesNotReadItsRepliesIsClosedAndTheOthersAreServed() async throws {
        let delegate = EchoDelegate()
        var options = ServerOptions()
        let limits = SendQueueLimits(messages: 2)
        options.connection.sendQueue = limits
        let server = RouterServer(group: group, options: options, delegate: delegate)
        let endpoint = try await server.bindLoopback()
        let slow = try await RawPeer(to: endpoint, reads: false)
        try await slow.write(RawPeer.handshake(identity: "slow"))
        await delegate.log.first { $0 == .opened }
        let slowID = RoutingID(ByteBuffer(string: "slow"))
        let connection = try #require(server.connection(slowID))
        let client = RequestClient(connectingTo: endpoint, on: group.next())

        var rounds = 0
        while server.connection(slowID) != nil, rounds < PressureTests.maxRounds {
            connection.reply(PressureTests.payload)
            let question = ByteBuffer(string: "\(rounds)")
            #expect(try await client.request(question, timeout: .seconds(20)) == question)
            rounds += 1
        }
        await delegate.log.first { $0 == .closed(.sendQueueFull(limits)) }
        let metrics = await server.metrics()
        #expect(metrics.sendQueueOverflows == 1)
        #expect(metrics.droppedMessages >= 3, "the reply that was too many, and the two that waited")
        #expect(metrics.openConnections == 1)
        #expect(await client.metrics().startedConnections == 1)

        await slow.close()
        await client.shutdown()
        await server.shutdown(within: .seconds(5))
    }

    @Test func aSuspendedRouterDeliversNothingUntilItResumes() async throws {
        let delegate = EchoDelegate()
        // One loop, so that what is done for a later connection is done after the earlier ones were served.
        let server = RouterServer(group: group.next(), delegate: delegate)
        let endpoint = try await server.bindLoopback()
        let early = try await openPeer(to: endpoint)
        await delegate.log.first { $0 == .opened }
        await suspend(server)

        try await early.request("early")
        let late = try await openPeer(to: endpoint)
        try await late.request("late")
        let last = try await openPeer(to: endpoint)
        #expect(delegate.requests.isEmpty)

        server.resumeReading()
        await early.log.first { $0.topic == "early" }
        await late.log.first { $0.topic == "late" }
        try await last.request("last")
        await last.log.first { $0.topic == "last" }
        #expect(delegate.requests.count == 3)
        for peer in [early, late, last] { await peer.close() }
        await server.shutdown(within: .seconds(5))
    }

    @Test func aPausedPeerStaysPausedWhenTheRouterResumes() async throws {
        let delegate = EchoDelegate()
        let server = RouterServer(group: group.next(), delegate: delegate)
        let endpoint = try await server.bindLoopback()
        let peer = try await openPeer(to: endpoint, identity: "paused")
        await delegate.log.first { $0 == .opened }
        let connection = try #require(server.connection(RoutingID(ByteBuffer(string: "paused"))))
        connection.pauseReading()
        await suspend(server)
        server.resumeReading()

        try await peer.request("a")
        let other = try await openPeer(to: endpoint)
        try await other.request("b")
        await other.log.first { $0.topic == "b" }
        #expect(delegate.requests == ["b"])
        connection.resumeReading()
        await peer.log.first { $0.topic == "a" }
        for peer in [peer, other] { await peer.close() }
        await server.shutdown(within: .seconds(5))
    }

    @Test func whatAPeerSaidBeforeItLeftCountsEvenWhileSuspended() async throws {
        let delegate = EchoDelegate()
        let server = RouterServer(group: group.next(), delegate: delegate)
        let peer = try await openPeer(to: try await server.bindLoopback())
        await delegate.log.first { $0 == .opened }
        await suspend(server)
        try await peer.request("farewell")
        await peer.close()
        await delegate.log.first { $0 == .closed(.closedByPeer) }
        #expect(delegate.requests == ["farewell"])
        await server.shutdown(within: .seconds(5))
    }

    private func openPeer(to endpoint: Endpoint, identity: String = "") async throws -> RawPeer {
        let peer = try await RawPeer(to: endpoint)
        try await peer.write(RawPeer.handshake(identity: identity))
        await peer.log.first { $0 == .established }
        return peer
    }

    /// Returns when all loops have been told.
    private func suspend(_ server: RouterServer) async {
        server.suspendReading()
        _ = await server.metrics()
    }
}

extension RawPeer.Event {
    fileprivate var topic: String? { if case .message(let text, _) = self { text } else { nil } }
}

extension SubscriberProbe.Event {
    fileprivate var topic: String? {
        if case .message(let message) = self { String(buffer: message.first) } else { nil }
    }
}

extension EchoDelegate {
    fileprivate var requests: [String] {
        log.events.compactMap { if case .request(let text) = $0 { text } else { nil } }
    }
}
