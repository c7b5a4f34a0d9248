import BusTransport
import NIOCore
import NIOPosix
import Testing
import ZMTP

/// Every socket type in every direction against unchanged libzmq.
@Suite(
    .serialized, .timeLimit(.minutes(2)),
    Peers.needed(ZeroMQPeer.executable, installedBy: ZeroMQPeer.script))
struct ZeroMQTests {
    let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()

    // MARK: REQ, REP, ROUTER

    @Test func requestsOfLibzmqAreAnsweredInEverySize() async throws {
        let server = RouterServer(group: loop, delegate: Echo())
        let peer = try ZeroMQPeer("REQ", connectingTo: try await server.bindLoopback())
        for bytes in [0, 1, 255, 256, 65_535, 300_000] {
            let message = Message(ByteBuffer(repeating: 0x61, count: bytes))
            try await peer.send(message)
            #expect(try await peer.receiveBytes() == [[UInt8](repeating: 0x61, count: bytes)])
        }
        await server.shutdown(within: .seconds(5))
    }

    @Test func pipelinedRequestsOfADealerAreAnsweredInOrder() async throws {
        let server = RouterServer(group: loop, delegate: Echo())
        let peer = try ZeroMQPeer("DEALER", connectingTo: try await server.bindLoopback())
        for number in 0..<200 { try await peer.send("", "\(number)") }
        for number in 0..<200 { #expect(try await peer.receive() == ["", "\(number)"]) }
        await server.shutdown(within: .seconds(5))
    }

    @Test func aRouterOfOursConnectsToADealer() async throws {
        let (peer, endpoint) = try await ZeroMQPeer.bound("DEALER")
        let server = RouterServer(group: loop, delegate: Echo())
        server.connect(to: endpoint)
        try await peer.send("", "hello")
        #expect(try await peer.receive() == ["", "hello"])
        await server.shutdown(within: .seconds(5))
    }

    @Test(arguments: ["REP", "ROUTER"]) func requestsOfOursAreAnswered(by type: String) async throws {
        let (peer, endpoint) = try await ZeroMQPeer.bound(type)
        var options = RequestOptions()
        options.identity = ByteBuffer(string: "node-1")
        let client = RequestClient(connectingTo: endpoint, options: options, on: loop)
        async let echoed = peer.command("echo 3")
        for bytes in [0, 300, 2_000_000] {
            let payload = ByteBuffer(repeating: 0x62, count: bytes)
            #expect(try await client.request(payload, timeout: .seconds(20)) == payload)
        }
        #expect(try await echoed == "echoed 3")
        await client.shutdown()
    }

    @Test func aRouterSeesTheIdentityOfOurs() async throws {
        let (peer, endpoint) = try await ZeroMQPeer.bound("ROUTER")
        var options = RequestOptions()
        options.identity = ByteBuffer(string: "node-1")
        let client = RequestClient(connectingTo: endpoint, options: options, on: loop)
        async let reply = client.request(ByteBuffer(string: "question"), timeout: .seconds(20))
        #expect(try await peer.receive() == ["node-1", "", "question"])
        try await peer.send("node-1", "", "answer")
        #expect(try await reply == ByteBuffer(string: "answer"))
        await client.shutdown()
    }

    @Test func aNewcomerTakesTheIdentityOver() async throws {
        let echo = Echo()
        let server = RouterServer(group: loop, delegate: echo)
        let endpoint = try await server.bindLoopback()
        let older = try ZeroMQPeer("REQ", connectingTo: endpoint, "IDENTITY=minion", "RECONNECT_IVL=-1")
        try await older.send("first")
        #expect(try await older.receive() == ["first"])
        let newer = try ZeroMQPeer("REQ", connectingTo: endpoint, "IDENTITY=minion")
        try await newer.send("second")
        #expect(try await newer.receive() == ["second"])
        #expect(await server.metrics().replacedConnections == 1)
        #expect(await server.metrics().openConnections == 1)
        await server.shutdown(within: .seconds(5))
    }

    // MARK: PUB, SUB

    @Test(arguments: [Version.v3_0, .v3_1]) func subscribersOfLibzmqGetTheirTopics(_ version: Version) async throws {
        let topics = Topics()
        var options = PublisherOptions()
        options.server.connection.version = version
        let server = PublisherServer(group: loop, options: options, delegate: topics)
        let peer = try ZeroMQPeer("SUB", connectingTo: try await server.bindLoopback(), "SUBSCRIBE=broadcast")
        await topics.wait(for: "broadcast", added: true)
        server.publish([ByteBuffer(string: "syndic"), ByteBuffer(string: "not for you")])
        server.publish([ByteBuffer(string: "broadcast"), ByteBuffer(string: "for all")])
        #expect(try await peer.receive() == ["broadcast", "for all"])
        try await peer.expect("done", from: "subscribe 616263")
        await topics.wait(for: "abc", added: true)
        try await peer.expect("done", from: "cancel 62726f616463617374")
        await topics.wait(for: "broadcast", added: false)
        server.publish([ByteBuffer(string: "broadcast"), ByteBuffer(string: "not any more")])
        server.publish([ByteBuffer(string: "abcdef"), ByteBuffer(repeating: 0x63, count: 200_000)])
        #expect(try await peer.receiveBytes().map(\.count) == [6, 200_000])
        await server.shutdown(within: .seconds(5))
    }

    @Test func aPublisherOfOursConnectsToASubscriber() async throws {
        let (peer, endpoint) = try await ZeroMQPeer.bound("SUB", "SUBSCRIBE=")
        // A listening socket of libzmq takes a new connection over, and subscribes, only while its program calls it.
        async let received = peer.receive()
        let topics = Topics()
        let server = PublisherServer(group: loop, delegate: topics)
        server.connect(to: endpoint)
        await topics.wait(for: "", added: true)
        server.publish([ByteBuffer(string: "one"), ByteBuffer(string: "two")])
        #expect(try await received == ["one", "two"])
        await server.shutdown(within: .seconds(5))
    }

    @Test(arguments: [Version.v3_0, .v3_1], ["PUB", "XPUB"])
    func subscribersOfOursGetTheirTopics(_ version: Version, from type: String) async throws {
        let (peer, endpoint) = try await ZeroMQPeer.bound(type)
        var options = MessageSocketOptions()
        options.server.connection.version = version
        let socket = MessageSocket(.sub(topics: [ByteBuffer(string: "abc")]), options: options, on: loop)
        socket.connect(to: endpoint)
        if type == "XPUB" {
            #expect(try await peer.receive() == ["\u{1}abc"])
            try await peer.send("xyz", "not for us")
            try await peer.send("abcdef", "for us")
        } else {
            // A PUB does not say who has subscribed: what it sends before is lost, so it is sent until one came.
            let first = Task { try await socket.receive() }
            while await socket.metrics().receivedMessages == 0 { try await peer.send("abcdef", "for us") }
            #expect(try await first.value == Message([ByteBuffer(string: "abcdef"), ByteBuffer(string: "for us")]))
            await socket.shutdown(within: .zero)
            return
        }
        let message = try await socket.receive()
        #expect(message == Message([ByteBuffer(string: "abcdef"), ByteBuffer(string: "for us")]))
        await socket.shutdown(within: .zero)
    }

    @Test func aSubscriberOfOursAcceptsAPublisher() async throws {
        let socket = MessageSocket(.sub(topics: [ByteBuffer()]), on: loop)
        let peer = try ZeroMQPeer("XPUB", connectingTo: try await socket.bindLoopback())
        #expect(try await peer.receive() == ["\u{1}"])
        try await peer.send("a", "b", "c")
        #expect(try await socket.receive().frames.map { String(buffer: $0) } == ["a", "b", "c"])
        await socket.shutdown(within: .zero)
    }

    @Test func theReconnectingSubscriberHearsAPublisherThatComesBack() async throws {
        let (first, endpoint) = try await ZeroMQPeer.bound("XPUB")
        let watcher = Watcher()
        var options = SubscriberOptions()
        options.reconnect = ReconnectPolicy(first: .milliseconds(5)...(.milliseconds(20)), maximum: .milliseconds(50))
        let client = SubscriberClient(connectingTo: endpoint, options: options, on: loop, delegate: watcher)
        client.start()
        #expect(try await first.receive() == ["\u{1}"])
        first.end()
        await watcher.disconnected.wait()
        let server = PublisherServer(group: loop, delegate: Topics())
        _ = try await server.bind(to: [endpoint])
        await watcher.connectedAgain.wait()
        await client.shutdown()
        await server.shutdown(within: .zero)
    }

    // MARK: PUSH, PULL, DEALER

    @Test func pushAndPullInBothDirections() async throws {
        let message = Message([ByteBuffer(string: "work"), ByteBuffer(repeating: 0x64, count: 100_000)])
        let pull = MessageSocket(.pull, on: loop)
        let pusher = try ZeroMQPeer("PUSH", connectingTo: try await pull.bindLoopback())
        try await pusher.send(message)
        #expect(try await pull.receive() == message)

        let (boundPusher, pusherEndpoint) = try await ZeroMQPeer.bound("PUSH")
        pull.connect(to: pusherEndpoint)
        try await boundPusher.send("from the bound one")
        #expect(try await pull.receive() == Message(ByteBuffer(string: "from the bound one")))

        let push = MessageSocket(.push, on: loop)
        let puller = try ZeroMQPeer("PULL", connectingTo: try await push.bindLoopback())
        try await push.send(message)
        #expect(try await puller.receiveBytes().map(\.count) == [4, 100_000])

        let (boundPuller, pullerEndpoint) = try await ZeroMQPeer.bound("PULL")
        let second = MessageSocket(.push, on: loop)
        second.connect(to: pullerEndpoint)
        try await second.send(Message(ByteBuffer(string: "to the bound one")))
        #expect(try await boundPuller.receive() == ["to the bound one"])
        for socket in [pull, push, second] { await socket.shutdown(within: .zero) }
    }

    @Test(arguments: ["DEALER", "ROUTER", "REP"]) func aDealerOfOursConnects(to type: String) async throws {
        let (peer, endpoint) = try await ZeroMQPeer.bound(type)
        let socket = MessageSocket(.dealer, on: loop)
        socket.connect(to: endpoint)
        async let echoed = peer.command("echo 100")
        for number in 0..<100 { try await socket.send(Message(request: ByteBuffer(string: "\(number)"))) }
        for number in 0..<100 {
            #expect(try await socket.receive() == Message(request: ByteBuffer(string: "\(number)")))
        }
        #expect(try await echoed == "echoed 100")
        await socket.shutdown(within: .zero)
    }

    @Test(arguments: ["DEALER", "ROUTER"]) func aDealerOfOursAccepts(_ type: String) async throws {
        let socket = MessageSocket(.dealer, on: loop)
        let frames = (0..<20).map { ByteBuffer(repeating: UInt8($0), count: $0 * 1000) }
        let peer = try ZeroMQPeer(type, connectingTo: try await socket.bindLoopback())
        async let echoed = peer.command("echo 1")
        try await socket.send(Message(frames))
        #expect(try await socket.receive() == Message(frames))
        #expect(try await echoed == "echoed 1")
        await socket.shutdown(within: .zero)
    }

    // MARK: Heartbeats and refusals

    @Test func pingsOfLibzmqAreAnswered() async throws {
        let server = RouterServer(group: loop, delegate: Echo())
        let peer = try ZeroMQPeer(
            "REQ", connectingTo: try await server.bindLoopback(),
            "HEARTBEAT_IVL=20", "HEARTBEAT_TIMEOUT=200", "HEARTBEAT_TTL=400")
        try await peer.send("hello")
        #expect(try await peer.receive() == ["hello"])
        try await peer.expect("quiet", from: "quiet 1000")
        await server.shutdown(within: .seconds(5))
    }

    @Test func aPeerThatIsFrozenIsGivenUpAndOneThatLivesIsNot() async throws {
        let echo = Echo()
        var options = ServerOptions()
        options.connection.heartbeat = Heartbeat.Configuration(interval: .milliseconds(50), timeout: .milliseconds(500))
        let server = RouterServer(group: loop, options: options, delegate: echo)
        let endpoint = try await server.bindLoopback()
        let living = try ZeroMQPeer("REQ", connectingTo: endpoint)
        let frozen = try ZeroMQPeer("REQ", connectingTo: endpoint)
        for peer in [living, frozen] {
            try await peer.send("hello")
            #expect(try await peer.receive() == ["hello"])
        }
        frozen.freeze()
        await echo.silent.wait()
        frozen.end()
        try await living.send("still here")
        #expect(try await living.receive() == ["still here"])
        #expect(await server.metrics().heartbeatTimeouts == 1)
        #expect(await server.metrics().startedConnections == 2)
        await server.shutdown(within: .seconds(5))
    }

    @Test func aSocketOfTheWrongTypeIsRefused() async throws {
        let echo = Echo()
        let server = RouterServer(group: loop, delegate: echo)
        let peer = try ZeroMQPeer("SUB", connectingTo: try await server.bindLoopback(), "SUBSCRIBE=")
        await echo.refused.wait()
        #expect(await server.metrics().violations >= 1)
        peer.end()
        await server.shutdown(within: .seconds(5))
    }
}
