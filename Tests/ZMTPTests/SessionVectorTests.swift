import MusterCore
import MusterTestSupport
import NIOCore
import Testing
import ZMTP

/// What unchanged Salt minions and masters (libzmq 4.3.5) sent each other, given to our sessions.
struct SessionVectorTests {
    /// One captured connection.
    struct Capture: Sendable, CustomTestStringConvertible {
        let vector: String
        let link: String
        let client: [UInt8]
        let server: [UInt8]

        var testDescription: String { "\(vector) \(link)" }

        static func all() throws -> [Capture] {
            try Vector.saltOfEachRelease("zmtp-handshake").flatMap { vector in
                guard case .array(let connections) = try vector.value("connections") else { return [Capture]() }
                return try connections.map { connection in
                    func bytes(_ key: String) throws -> [UInt8] {
                        try #require(connection[key]?.string.flatMap { [UInt8](hex: $0) })
                    }
                    return Capture(
                        vector: vector.name, link: try #require(connection["link"]?.string),
                        client: try bytes("client_to_server_first_bytes_hex"),
                        server: try bytes("server_to_client_first_bytes_hex"))
                }
            }
        }
    }

    @Test("takes what a client sent, whole and drip-fed", arguments: try Capture.all())
    func readsTheClient(_ capture: Capture) throws {
        let isRequest = capture.link.hasPrefix("REQ")
        let configuration = Session.Configuration(isRequest ? .router : .pub)
        let whole = try events(of: capture.client, chunk: capture.client.count, as: configuration)
        #expect(try events(of: capture.client, chunk: 1, as: configuration) == whole)
        guard case .established(let peer) = whole.dropFirst().first else {
            Issue.record("no handshake")
            return
        }
        #expect(peer.version == .v3_1)
        if isRequest {
            #expect(peer.socketType == .req)
            let identity = String(buffer: peer.identity)
            #expect(capture.vector.contains("3006") ? identity == "salt-req/minion/zcap/19658/0" : identity.isEmpty)
            guard case .message(let message) = whole.dropFirst(2).first else {
                Issue.record("no request")
                return
            }
            #expect(message.requestPayload?.readableBytes == 0x248)
        } else {
            #expect(peer.socketType == .sub)
            #expect(whole.dropFirst(2).first == .subscribe(topic: ByteBuffer()))
        }
    }

    @Test("takes what a server sent, whole and drip-fed", arguments: try Capture.all())
    func readsTheServer(_ capture: Capture) throws {
        let isRequest = capture.link.hasPrefix("REQ")
        let configuration = Session.Configuration(isRequest ? .req : .sub)
        let whole = try events(of: capture.server, chunk: capture.server.count, as: configuration)
        #expect(try events(of: capture.server, chunk: 1, as: configuration) == whole)
        guard case .established(let peer) = whole.dropFirst().first else {
            Issue.record("no handshake")
            return
        }
        #expect(peer.socketType == (isRequest ? .router : .pub))
        let messages = whole.compactMap { if case .message(let message) = $0 { message } else { nil } }
        if isRequest {
            #expect(messages.first?.requestPayload?.readableBytes == 0x149)
        } else {
            #expect(messages.first?.first.readableBytes == 0x1cf)
            let pings = whole.count { if case .ping = $0 { true } else { false } }
            #expect((pings > 0) == !capture.vector.contains("3007"))
        }
    }

    @Test("sends the bytes that libzmq sends", arguments: try Capture.all())
    func sendsTheSame(_ capture: Capture) throws {
        let isRequest = capture.link.hasPrefix("REQ")
        let identity = capture.vector.contains("3006") && isRequest ? "salt-req/minion/zcap/19658/0" : ""
        let client = Session.Configuration(isRequest ? .req : .sub, identity: ByteBuffer(string: identity))
        let server = Session.Configuration(isRequest ? .router : .pub)
        #expect(try sent(by: client, to: capture.server) == normalised(capture.client, asLongAs: client))
        #expect(try sent(by: server, to: capture.client) == normalised(capture.server, asLongAs: server))
    }

    /// Greeting and READY of our session.
    private func sent(by configuration: Session.Configuration, to peer: [UInt8]) throws -> [UInt8] {
        var session = Session(configuration)
        var bytes = Array(session.start().readableBytesView)
        session.received(ByteBuffer(bytes: peer))
        if case .send(let ready) = try session.next() { bytes += ready.readableBytesView }
        return bytes
    }

    /// The captured greeting and READY, without the length that libzmq puts into the signature for ZMTP 1 peers.
    private func normalised(_ captured: [UInt8], asLongAs configuration: Session.Configuration) throws -> [UInt8] {
        var bytes = Array(captured.prefix(try sent(by: configuration, to: captured).count))
        bytes.replaceSubrange(1..<9, with: repeatElement(0, count: 8))
        return bytes
    }

    private func events(
        of bytes: [UInt8], chunk: Int, as configuration: Session.Configuration
    ) throws -> [Session.Event] {
        var session = Session(configuration)
        var events: [Session.Event] = []
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            session.received(ByteBuffer(bytes: bytes[start..<min(start + chunk, bytes.count)]))
            while let event = try session.next() { events.append(event) }
        }
        return events
    }
}
