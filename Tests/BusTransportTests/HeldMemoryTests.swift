import BusTransport
import NIOCore
import NIOPosix
import Testing
import ZMTP

/// What unfinished messages of many peers take together. Every wait is for an event.
@Suite(.timeLimit(.minutes(1))) struct HeldMemoryTests {
    let group = MultiThreadedEventLoopGroup.singleton

    /// The head of a request of so many bytes, and the first of them.
    private func beginning(of bytes: Int, sent: Int) -> ByteBuffer {
        var begun = RawPeer.handshake()
        begun.writeRequestHead(payloadBytes: bytes)
        begun.writeBytes(repeatElement(UInt8(ascii: "x"), count: sent))
        return begun
    }

    @Test("half-sent messages are bounded together: the oldest of strangers go, an honest large one comes through")
    func boundsUnfinishedMessages() async throws {
        let delegate = EchoDelegate()
        var options = ServerOptions()
        options.maxHeldBytes = 8 << 20
        let server = RouterServer(group: group.next(), options: options, delegate: delegate)
        let endpoint = try await server.bindLoopback()
        let client = RequestClient(connectingTo: endpoint, on: group.next())
        _ = try await client.request(ByteBuffer(string: "before"), timeout: .seconds(20))

        var peers: [RawPeer] = []
        for _ in 0..<40 {
            let peer = try await RawPeer(to: endpoint)
            // A peer may be closed while it writes: that is what is meant to happen to some of them.
            try? await peer.write(beginning(of: 1 << 20, sent: 1 << 19))
            peers.append(peer)
        }
        // The first one is the oldest.
        await peers[0].log.first { $0 == .closed }
        await delegate.log.first { if case .closed(.memoryNeeded) = $0 { true } else { false } }
        #expect(await server.metrics().heldBytes <= 8 << 20)

        let large = ByteBuffer(repeating: 7, count: 3 << 20)
        #expect(try await client.request(large, timeout: .seconds(20)).readableBytes == large.readableBytes)
        let metrics = await server.metrics()
        #expect(metrics.reclaimedConnections > 0 && metrics.heldBytes <= 8 << 20)
        #expect(await client.metrics().startedConnections == 1)
        for peer in peers { await peer.close() }
        await client.shutdown()
        await server.shutdown(within: .seconds(5))
        #expect(await server.metrics().heldBytes == 0)
    }

    @Test("a peer that is trusted keeps its unfinished message when strangers fill the memory")
    func trustedPeersGoLast() async throws {
        let delegate = TrustingDelegate()
        var options = ServerOptions()
        options.maxHeldBytes = 4 << 20
        let server = RouterServer(group: group.next(), options: options, delegate: delegate)
        let endpoint = try await server.bindLoopback()
        let trusted = try await RawPeer(to: endpoint)
        try await trusted.write(RawPeer.handshake())
        try await trusted.request("trust me")
        await trusted.log.first { if case .message = $0 { true } else { false } }
        var head = ByteBuffer()
        head.writeRequestHead(payloadBytes: 1 << 20)
        head.writeBytes(repeatElement(UInt8(ascii: "t"), count: 1 << 19))
        try await trusted.write(head)

        var strangers: [RawPeer] = []
        for _ in 0..<20 {
            let stranger = try await RawPeer(to: endpoint)
            try? await stranger.write(beginning(of: 1 << 20, sent: 1 << 19))
            strangers.append(stranger)
        }
        await strangers[0].log.first { $0 == .closed }
        try await trusted.write(ByteBuffer(repeating: UInt8(ascii: "t"), count: 1 << 19))
        await trusted.log.first { if case .message(_, let bytes) = $0 { bytes > 1 << 20 } else { false } }
        for peer in strangers + [trusted] { await peer.close() }
        await server.shutdown(within: .seconds(5))
    }

    @Test("a peer that is idle after a large message holds nothing")
    func idlePeersHoldNothing() async throws {
        let server = RouterServer(group: group.next(), delegate: EchoDelegate())
        let client = RequestClient(connectingTo: try await server.bindLoopback(), on: group.next())
        _ = try await client.request(ByteBuffer(repeating: 7, count: 4 << 20), timeout: .seconds(20))
        #expect(await server.metrics().heldBytes == 0)
        await client.shutdown()
        await server.shutdown(within: .seconds(5))
    }

    @Test("a stranger elsewhere that says a peer's identity does not cut it off")
    func identityOfAnotherAddress() async throws {
        let delegate = EchoDelegate()
        let server = RouterServer(group: group.next(), delegate: delegate)
        let addresses = try await server.bind(to: [Endpoint(host: "127.0.0.1", port: 0)])
        let endpoint = Endpoint(host: "127.0.0.1", port: addresses[0].port ?? 0)
        let peer = try await RawPeer(to: endpoint)
        try await peer.write(RawPeer.handshake(identity: "salt-req/minion/web1/1/1"))
        await peer.log.first { $0 == .established }
        let stranger = try await RawPeer(to: endpoint, from: "127.0.0.2")
        try await stranger.write(RawPeer.handshake(identity: "salt-req/minion/web1/1/1"))
        await stranger.log.first { $0 == .established }
        try await peer.request("still here")
        await peer.log.first { if case .message("still here", _) = $0 { true } else { false } }
        #expect(await server.metrics().replacedConnections == 0)
        await peer.close()
        await stranger.close()
        await server.shutdown(within: .seconds(5))
    }
}

/// Answers everything, and trusts whoever asked.
private final class TrustingDelegate: RouterServerDelegate {
    func requestReceived(_ payload: ByteBuffer, from connection: RouterConnection) {
        connection.trust()
        connection.reply(payload)
    }
}
