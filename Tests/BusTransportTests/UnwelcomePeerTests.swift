import BusTransport
import NIOCore
import NIOPosix
import Testing
import ZMTP

/// Peers that a server closes or refuses, while it serves the others. Every wait is for an event.
@Suite(.timeLimit(.minutes(1))) struct UnwelcomePeerTests {
    let group = MultiThreadedEventLoopGroup.singleton

    @Test(
        "a peer that does not end its handshake is closed",
        arguments: [
            ByteBuffer(), Greeting().encoded.getSlice(at: 0, length: 10) ?? ByteBuffer(), Greeting().encoded,
        ])
    func handshakeTimeout(_ beginning: ByteBuffer) async throws {
        let delegate = EchoDelegate()
        var options = ServerOptions()
        options.connection.handshakeTimeout = .milliseconds(20)
        let server = RouterServer(group: group, options: options, delegate: delegate)
        let peer = try await RawPeer(to: try await server.bindLoopback())
        // On a busy machine the server may be quicker to close than we are to write: that is a timeout as well.
        try? await peer.write(beginning)
        await peer.log.first { $0 == .closed }
        await delegate.log.first { $0 == .refused(.handshakeTimeout(after: .milliseconds(20))) }
        let metrics = await server.metrics()
        #expect(metrics.handshakeTimeouts == 1)
        #expect((metrics.startedConnections, metrics.openConnections, metrics.probes) == (1, 0, 0))
        await server.shutdown(within: .seconds(5))
    }

    @Test(
        "a huge frame announced on a live port closes that connection only",
        arguments: [
            ([0x02, 0x40, 0, 0, 0, 0, 0, 0, 0], ZMTPError.frameTooLarge(declaredBytes: 1 << 62, limitBytes: 64 << 20)),
            ([0x03, 0x40, 0, 0, 0, 0, 0, 0, 0], .frameTooLarge(declaredBytes: 1 << 62, limitBytes: 64 << 20)),
            ([0x02] + [UInt8](repeating: 0xff, count: 8), .frameTooLarge(declaredBytes: .max, limitBytes: 64 << 20)),
            ([0x06, 0x40, 0, 0, 0, 0, 0, 0, 0], .commandTooLarge(declaredBytes: 1 << 62, limitBytes: 8 << 10)),
        ])
    func hugeFrame(_ head: [UInt8], _ error: ZMTPError) async throws {
        let delegate = EchoDelegate()
        // One loop: whatever the hostile peer did to it would hit the client.
        let server = RouterServer(group: group.next(), delegate: delegate)
        let endpoint = try await server.bindLoopback()
        let client = RequestClient(connectingTo: endpoint, on: group.next())
        _ = try await client.request(ByteBuffer(string: "before"), timeout: .seconds(20))
        let peer = try await RawPeer(to: endpoint)
        var bytes = RawPeer.handshake()
        bytes.writeBytes(head)
        try await peer.write(bytes)
        await peer.log.first { $0 == .closed }
        await delegate.log.first { $0 == .closed(.violation(error)) }
        let after = ByteBuffer(string: "after")
        #expect(try await client.request(after, timeout: .seconds(20)) == after)
        let metrics = await server.metrics()
        #expect((metrics.violations, metrics.openConnections, metrics.receivedMessages) == (1, 1, 2))
        #expect(await client.metrics().startedConnections == 1)
        await client.shutdown()
        await server.shutdown(within: .seconds(5))
    }

    @Test("a subscriber over the limit is refused, counted, and let in when a place is free")
    func tooManySubscribers() async throws {
        let refusals = RefusalDelegate()
        var options = PublisherOptions()
        options.server.maxConnections = 1
        let server = PublisherServer(group: group, options: options, delegate: refusals)
        let endpoint = try await server.bindLoopback()
        let first = SubscriberProbe(to: endpoint, topics: [""], on: group.next())
        await first.log.first { $0 == .connected }
        let second = SubscriberProbe(to: endpoint, topics: [""], on: group.next())
        await refusals.log.first { $0 == .tooManyConnections(limit: 1) }
        #expect(await server.metrics().excessConnections >= 1)
        #expect(await server.metrics().openConnections == 1)
        #expect(!second.log.events.contains(.connected))
        await first.client.shutdown()
        await second.log.first { $0 == .connected }
        await second.client.shutdown()
        await server.shutdown(within: .seconds(5))
    }

    @Test(
        "a peer that falls silent is closed: by our PING, or by the time to live that it promised",
        arguments: [true, false])
    func silence(_ isPinged: Bool) async throws {
        let delegate = EchoDelegate()
        var options = ServerOptions()
        options.connection.heartbeat = isPinged ? Heartbeat.Configuration(interval: .milliseconds(20)) : nil
        let server = RouterServer(group: group, options: options, delegate: delegate)
        let peer = try await RawPeer(to: try await server.bindLoopback())
        var bytes = RawPeer.handshake()
        if !isPinged {
            bytes.writeImmutableBuffer(Command.ping(Command.Ping(timeToLive: .milliseconds(100))).encoded)
        }
        try await peer.write(bytes)
        await peer.log.first { $0 == .closed }
        await delegate.log.first { if case .closed(.silent) = $0 { true } else { false } }
        #expect(await server.metrics().heartbeatTimeouts == 1)
        await server.shutdown(within: .seconds(5))
    }

    @Test("IPv6 loopback alone", .enabled(if: Loopback.hasIPv6))
    func onlyIPv6() async throws {
        let server = RouterServer(group: group, delegate: EchoDelegate())
        let addresses = try await server.bind(to: [Endpoint(host: "::1", port: 0)])
        let address = try #require(addresses.first)
        #expect(address.protocol == .inet6)
        let endpoint = try #require(Endpoint("tcp://[::1]:\(address.port ?? 0)"))
        let client = RequestClient(connectingTo: endpoint, on: group.next())
        let question = ByteBuffer(string: "six")
        #expect(try await client.request(question, timeout: .seconds(20)) == question)
        await client.shutdown()
        await server.shutdown(within: .seconds(5))
    }
}

/// Notes why peers were not let in.
private final class RefusalDelegate: PublisherServerDelegate {
    let log = EventLog<CloseReason>()

    func subscriberRefused(from address: SocketAddress?, reason: CloseReason) {
        log.append(reason)
    }
}

private enum Loopback {
    /// Whether this machine has `::1`.
    static var hasIPv6: Bool {
        // A machine that does not list its interfaces is taken for one without.
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.contains { $0.address?.ipAddress == "::1" }
    }
}
