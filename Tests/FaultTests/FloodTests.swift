import BusTransport
import Glibc
import HTTPAPI
import MusterCore
import MusterTestSupport
import NIOCore
import NIOPosix
import SaltProtocol
import Synchronization
import Testing
import ZMTP

/// Peers that are many, slow or silent: memory stays bounded, and a node is served meanwhile.
@Suite(.timeLimit(.minutes(5))) struct FloodTests {
    /// What a flood may cost for good: buffers that the allocator keeps, tables that have grown.
    private static let slackBytes = 48 << 20

    @Test func tenThousandConnectionsThatSayNothingCostLittleAndGoByThemselves() async throws {
        // Both ends have a descriptor of each connection; the test keeps some for itself.
        let count = min(10_000, ProcessFigures.raiseOwnDescriptorLimit() - 500)
        try await FaultSite.with { site in
            let process = try await site.startController("handshake_timeout: 20s")
            let figures = ProcessFigures(pid: process.pid)
            let node = try await LightNode.signIn("web1", at: site.requests)
            let (memory, descriptors) = (try figures.residentBytes, figures.descriptors)
            var silent: [RawConnection] = []
            for number in 0..<count {
                silent.append(try RawConnection(port: number.isMultiple(of: 2) ? site.requestPort : site.publishPort))
                if number.isMultiple(of: 1000) { try await node.ping() }
            }
            try await poll("all are accepted", within: .seconds(30)) {
                let status = try await site.controller.status()
                return status.connections.reduce(0) { $0 + $1.used } >= min(count, status.connections[0].limit)
            }
            try await node.ping()
            let grown = try figures.residentBytes - memory
            #expect(grown < count * (16 << 10) + FloodTests.slackBytes, "\(grown) bytes for \(count) connections")
            let newcomer = try await LightNode.signIn("web2", at: site.requests)
            try await newcomer.ping()

            try await poll("the silent are gone", within: .seconds(60), every: .milliseconds(500)) {
                let status = try await site.controller.status()
                return status.connections.reduce(0) { $0 + $1.used } <= 2
            }
            try await poll("their descriptors are free", within: .seconds(10)) {
                figures.descriptors <= descriptors + 8
            }
            let ended = try await site.counter("muster_salt_handshake_timeouts_total")
            let displaced = try await site.counter("muster_salt_connections_displaced_total")
            #expect(ended + displaced >= min(count, 9000) - 1)
            #expect(site.logLines("connection refused").count <= 2 && site.logLines("subscriber refused").count <= 2)
            for node in [node, newcomer] { await node.leave() }
        }
    }

    @Test(
        "a port that one address has filled lets in others, before and after its handshakes", arguments: [true, false])
    func fullPort(_ isEstablished: Bool) async throws {
        try await FaultSite.with { site in
            try await site.startController("max_connections: 50\nhandshake_timeout: 10m")
            var flood: [RawConnection] = []
            for _ in 0..<50 {
                let connection = try RawConnection(port: site.requestPort, from: "127.0.0.2")
                if isEstablished { connection.send(RawConnection.handshake(.req)) }
                flood.append(connection)
            }
            try await poll("the port is full", within: .seconds(20)) {
                try await site.connections("salt request").used == 50
            }
            // From 127.0.0.1; a connection in its handshake has a second's time before it has to go.
            let node = try await LightNode.signIn("web1", at: site.requests)
            try await node.ping()
            #expect(try await site.connections("salt request").used == 50)
            #expect(try await site.counter("muster_salt_connections_displaced_total") >= 1)
            #expect(flood.contains { $0.isClosed() })
            await node.leave()
        }
    }

    @Test func aHugeFrameAndATrickledGreetingEndTheirOwnConnectionOnly() async throws {
        try await FaultSite.with { site in
            let process = try await site.startController("handshake_timeout: 1s")
            let figures = ProcessFigures(pid: process.pid)
            let node = try await LightNode.signIn("web1", at: site.requests)
            let memory = try figures.residentBytes
            for port in [site.requestPort, site.publishPort] {
                let type: SocketType = port == site.requestPort ? .req : .sub
                for head: [UInt8] in [[0x02, 0x40], [0x03, 0x7f], [0x06, 0x40]] {
                    let connection = try RawConnection(port: port)
                    connection.send(RawConnection.handshake(type) + head + [0, 0, 0, 0, 0, 0, 0])
                    connection.readToEnd()
                }
                // A byte at a time, as long as the other end takes it.
                let trickle = try RawConnection(port: port)
                for byte in RawConnection.handshake(type) where trickle.send([byte]) {
                    try await Task.sleep(for: .milliseconds(100))
                    if trickle.isClosed() { break }
                }
                trickle.readToEnd()
            }
            try await node.ping()
            #expect(try figures.residentBytes - memory < FloodTests.slackBytes)
            #expect(try await site.counter("muster_salt_protocol_violations_total") == 6)
            #expect(try await site.counter("muster_salt_handshake_timeouts_total") == 2)
            await node.leave()
        }
    }

    @Test func subscribersThatDoNotReadMissJobsAndNobodyElseDoes() async throws {
        try await FaultSite.with { site in
            let process = try await site.startController("publish_queue: 20")
            let figures = ProcessFigures(pid: process.pid)
            let node = try await LightNode.signIn("web1", at: site.requests)
            var silent: [RawConnection] = []
            for _ in 0..<20 {
                let connection = try RawConnection(port: site.publishPort, receiveBuffer: 4096)
                connection.send(RawConnection.handshake(.sub))
                silent.append(connection)
            }
            let quick = CountingSubscriber()
            let client = SubscriberClient(
                connectingTo: site.publishes, options: SubscriberOptions(),
                on: MultiThreadedEventLoopGroup.singleton.next(), delegate: quick)
            client.start()
            try await poll("all have subscribed", within: .seconds(20)) {
                try await site.counter("muster_salt_subscribers") == 21
            }
            let memory = try figures.residentBytes
            let bulk = String(repeating: "x", count: 256 << 10)
            var published: Int64 = 0
            while try await site.counter("muster_salt_publish_dropped_total") < 100, published < 500 {
                let receipt = try await site.controller.publish(
                    JobRequest(
                        calls: [FunctionCall("test.echo", arguments: [.string(bulk)])], target: Target(.glob, "*"),
                        user: "root"))
                published += 1
                try await node.answer(receipt.job)
                // One byte a job: as good as nothing.
                #expect(silent[0].receive(1).count == 1)
            }
            let dropped = try await site.counter("muster_salt_publish_dropped_total")
            #expect(dropped >= 100, "after \(published) jobs")
            try await poll("the quick one has every job", within: .seconds(20)) { quick.count >= published }
            // The messages that wait are the same for all: what one of them has waiting, and what the kernel was given.
            let grown = try figures.residentBytes - memory
            #expect(grown < 40 * (256 << 10) + FloodTests.slackBytes + 64 << 20, "\(grown) bytes")
            #expect(site.logLines("subscriber does not read and misses jobs").count == 1)
            await client.shutdown()
            await node.leave()
        }
    }

    @Test func aRequesterThatDoesNotReadIsNotReadFrom() async throws {
        try await FaultSite.with { site in
            let process = try await site.startController()
            let figures = ProcessFigures(pid: process.pid)
            let node = try await LightNode.signIn("web1", at: site.requests)
            let memory = try figures.residentBytes
            let deaf = try RawConnection(port: site.requestPort, receiveBuffer: 4096)
            deaf.send(RawConnection.handshake(.req))
            // Each is answered 'bad load': until the replies fill every buffer on the way, and then ours do.
            let requests = Array(
                buffer: (0..<500).reduce(into: ByteBuffer()) { buffer, _ in
                    buffer.writeImmutableBuffer(Message(request: ByteBuffer(string: "rubbish")).wire)
                })
            var offered = 0
            var isStuck = false
            while !isStuck, offered < 512 << 20 {
                let count = deaf.offer(requests)
                offered += count
                if count > 0 { continue }
                let before = try await site.counter("muster_salt_requests_total")
                try await node.ping()
                // Only our ping has come: what the deaf one still has to say stays with it.
                isStuck = try await site.counter("muster_salt_requests_total") == before + 1
            }
            #expect(isStuck)
            #expect(try figures.residentBytes - memory < FloodTests.slackBytes)
            #expect(site.logLines("request refused").count <= 1)
            await node.leave()
        }
    }
}

/// Counts what a subscriber gets.
private final class CountingSubscriber: SubscriberClientDelegate {
    private let received = Atomic<Int64>(0)

    var count: Int64 { received.load(ordering: .relaxed) }

    func subscriberConnected(to address: SocketAddress?) {}
    func subscriberReceived(_ message: Message) { received.add(1, ordering: .relaxed) }
    func subscriberDisconnected(reason: CloseReason) {}
}
