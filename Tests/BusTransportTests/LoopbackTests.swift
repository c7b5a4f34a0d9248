import BusTransport
import NIOCore
import NIOPosix
import Testing
import ZMTP

/// Real sockets on loopback, ports chosen by the system, no sleeps: every wait is for an event.
@Suite(.timeLimit(.minutes(1))) struct LoopbackTests {
    let group = MultiThreadedEventLoopGroup.singleton

    @Test func repliesGoBackToWhoAsked() async throws {
        let delegate = EchoDelegate()
        let server = RouterServer(group: group, delegate: delegate)
        let endpoint = try await server.bindLoopback()
        let clients = (0..<20).map { _ in RequestClient(connectingTo: endpoint, on: group.next()) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for (number, client) in clients.enumerated() {
                tasks.addTask {
                    for round in 0..<20 {
                        let payload = ByteBuffer(string: "\(number)/\(round)")
                        let reply = try await client.request(payload, timeout: .seconds(20))
                        #expect(reply == payload)
                    }
                }
            }
            try await tasks.waitForAll()
        }
        let metrics = await server.metrics()
        #expect(metrics.receivedMessages == 400)
        #expect(metrics.sentMessages == 400)
        #expect(metrics.openConnections == 20)
        for client in clients { await client.shutdown() }
        await server.shutdown(within: .seconds(5))
    }

    @Test(arguments: [0, 1, 255, 256, 70_000, 3_000_000]) func repliesOfAnySize(_ bytes: Int) async throws {
        let server = RouterServer(group: group, delegate: EchoDelegate())
        let client = RequestClient(connectingTo: try await server.bindLoopback(), on: group.next())
        let payload = ByteBuffer(repeating: 0x5a, count: bytes)
        #expect(try await client.request(payload, timeout: .seconds(20)) == payload)
        #expect(try await client.request(payload, timeout: .seconds(20)) == payload)
        await client.shutdown()
        await server.shutdown(within: .seconds(5))
    }

    @Test func aRequestThatTimesOutTakesItsConnectionWithItAndTheNextOneIsServed() async throws {
        let delegate = EchoDelegate(answersTo: { $0 != "silence" })
        let server = RouterServer(group: group, delegate: delegate)
        let endpoint = try await server.bindLoopback()
        let client = RequestClient(connectingTo: endpoint, on: group.next())
        _ = try await client.request(ByteBuffer(string: "connect"), timeout: .seconds(20))
        await #expect(throws: BusError.timedOut(endpoint, after: .milliseconds(50), lastFailure: nil)) {
            _ = try await client.request(ByteBuffer(string: "silence"), timeout: .milliseconds(50))
        }
        #expect(try await client.request(ByteBuffer(string: "a"), timeout: .seconds(20)) == ByteBuffer(string: "a"))
        #expect(await client.metrics().startedConnections == 2)
        await client.shutdown()
        await server.shutdown(within: .seconds(5))
    }

    @Test func aRequestThatIsCancelledEndsAtOnce() async throws {
        let delegate = EchoDelegate(answersTo: { _ in false })
        let server = RouterServer(group: group, delegate: delegate)
        let client = RequestClient(connectingTo: try await server.bindLoopback(), on: group.next())
        let request = Task { try await client.request(ByteBuffer(string: "silence"), timeout: .hours(1)) }
        await delegate.log.first { $0 == .request("silence") }
        request.cancel()
        await #expect(throws: CancellationError.self) { _ = try await request.value }
        await client.shutdown()
        await server.shutdown(within: .seconds(5))
    }

    @Test func requestsWaitForAServerThatComesLater() async throws {
        let first = RouterServer(group: group, delegate: EchoDelegate())
        let endpoint = try await Endpoint.reserved { _ = try await first.bind(to: [$0]) }
        await first.shutdown(within: .zero)
        let client = RequestClient(connectingTo: endpoint, on: group.next())
        async let reply = client.request(ByteBuffer(string: "a"), timeout: .seconds(20))
        let second = RouterServer(group: group, delegate: EchoDelegate())
        _ = try await second.bind(to: [endpoint])
        #expect(try await reply == ByteBuffer(string: "a"))
        await client.shutdown()
        await second.shutdown(within: .seconds(5))
    }

    @Test func aNewcomerWithAKnownIdentityTakesOver() async throws {
        let delegate = EchoDelegate()
        let server = RouterServer(group: group, delegate: delegate)
        let endpoint = try await server.bindLoopback()
        var options = RequestOptions()
        options.identity = ByteBuffer(string: "minion-1")
        let older = RequestClient(connectingTo: endpoint, options: options, on: group.next())
        let newer = RequestClient(connectingTo: endpoint, options: options, on: group.next())
        _ = try await older.request(ByteBuffer(string: "a"), timeout: .seconds(20))
        let before = try #require(server.connection(RoutingID(ByteBuffer(string: "minion-1"))))
        _ = try await newer.request(ByteBuffer(string: "b"), timeout: .seconds(20))
        await delegate.log.first { $0 == .closed(.replaced) }
        let after = try #require(server.connection(RoutingID(ByteBuffer(string: "minion-1"))))
        #expect(before !== after)
        #expect(await server.metrics().openConnections == 1)
        await older.shutdown()
        await newer.shutdown()
        await server.shutdown(within: .seconds(5))
    }

    @Test func publishesToThoseThatWantTheTopic() async throws {
        let subscribed = EventLog<[UInt8]>()
        let server = PublisherServer(group: group, delegate: TopicDelegate(log: subscribed))
        let endpoint = try await server.bindLoopback()
        let everything = SubscriberProbe(to: endpoint, topics: [""], on: group.next())
        let filtered = SubscriberProbe(to: endpoint, topics: ["broadcast", "abc"], on: group.next())
        await subscribed.first { $0 == [] }
        await subscribed.first { $0 == Array("broadcast".utf8) }
        await subscribed.first { $0 == Array("abc".utf8) }
        for topic in ["broadcast", "syndic", "abcdef", "end"] {
            server.publish([ByteBuffer(string: topic), ByteBuffer(string: "payload of \(topic)")])
        }
        server.publish([ByteBuffer(string: "abc"), ByteBuffer(string: "last")])
        let last = Message([ByteBuffer(string: "abc"), ByteBuffer(string: "last")])
        await everything.log.first { $0 == .message(last) }
        await filtered.log.first { $0 == .message(last) }
        #expect(everything.topics == ["broadcast", "syndic", "abcdef", "end", "abc"])
        #expect(filtered.topics == ["broadcast", "abcdef", "abc"])
        #expect(await server.subscribers().count == 2)
        await everything.client.shutdown()
        await filtered.client.shutdown()
        await server.shutdown(within: .seconds(5))
    }

    @Test func aSubscriberComesBackAfterThePublisherWasRestarted() async throws {
        let first = PublisherServer(group: group)
        let endpoint = try await Endpoint.reserved { _ = try await first.bind(to: [$0]) }
        let probe = SubscriberProbe(to: endpoint, topics: [""], on: group.next())
        await probe.log.first { $0 == .connected }
        await first.shutdown(within: .seconds(5))
        await probe.log.first { $0 == .disconnected(.closedByPeer) }
        let subscribed = EventLog<[UInt8]>()
        let second = PublisherServer(group: group, delegate: TopicDelegate(log: subscribed))
        _ = try await second.bind(to: [endpoint])
        await subscribed.first { $0 == [] }
        second.publish([ByteBuffer(string: "again")])
        await probe.log.first { $0 == .message(Message(ByteBuffer(string: "again"))) }
        await probe.client.shutdown()
        await second.shutdown(within: .seconds(5))
    }

    @Test func shutdownSendsWhatWaits() async throws {
        let subscribed = EventLog<[UInt8]>()
        let server = PublisherServer(group: group, delegate: TopicDelegate(log: subscribed))
        let probe = SubscriberProbe(to: try await server.bindLoopback(), topics: [""], on: group.next())
        await subscribed.first { $0 == [] }
        let big = ByteBuffer(repeating: 7, count: 2_000_000)
        for _ in 0..<5 { server.publish([big]) }
        server.publish([ByteBuffer(string: "last")])
        await server.shutdown(within: .seconds(20))
        await probe.log.first { $0 == .message(Message(ByteBuffer(string: "last"))) }
        #expect(probe.topics.count == 6)
        await probe.client.shutdown()
    }

    @Test func aTakenPortIsNamed() async throws {
        let server = RouterServer(group: group, delegate: EchoDelegate())
        let endpoint = try await server.bindLoopback()
        let second = PublisherServer(group: group)
        await #expect(throws: BusError.addressInUse(endpoint)) { _ = try await second.bind(to: [endpoint]) }
        await server.shutdown(within: .zero)
    }

    @Test func listensOnBothFamiliesAtOnce() async throws {
        let server = RouterServer(group: group, delegate: EchoDelegate())
        let endpoint = try await server.bindLoopback()
        let six = Endpoint(host: "::1", port: endpoint.port)
        guard (try? await server.bind(to: [six])) != nil else { return }  // a machine without IPv6
        for target in [endpoint, six] {
            let client = RequestClient(connectingTo: target, on: group.next())
            #expect(try await client.request(ByteBuffer(string: "a"), timeout: .seconds(20)) == ByteBuffer(string: "a"))
            await client.shutdown()
        }
        await server.shutdown(within: .seconds(5))
    }

    @Test func connectionsOverTheLimitAreClosedAndCounted() async throws {
        let delegate = EchoDelegate()
        var options = ServerOptions()
        options.maxConnections = 1
        let server = RouterServer(group: group, options: options, delegate: delegate)
        let endpoint = try await server.bindLoopback()
        let client = RequestClient(connectingTo: endpoint, on: group.next())
        _ = try await client.request(ByteBuffer(string: "a"), timeout: .seconds(20))
        let excess = try await ClientBootstrap(group: group).connect(host: "127.0.0.1", port: endpoint.port).get()
        try await excess.closeFuture.get()
        #expect(await server.metrics().excessConnections == 1)
        #expect(try await client.request(ByteBuffer(string: "b"), timeout: .seconds(20)) == ByteBuffer(string: "b"))
        await client.shutdown()
        await server.shutdown(within: .seconds(5))
    }
}
