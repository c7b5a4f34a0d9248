import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

struct CapturedMessageTests {
    @Test("there are 112 messages of all three providers and both serialisers")
    func count() throws {
        let messages = try CapturedMessage.all()
        #expect(messages.count == 112)
        #expect(Set(messages.map(\.file)).count == 6)
    }

    @Test("the envelope is what MCollective meant", arguments: try CapturedMessage.all())
    func envelope(_ message: CapturedMessage) throws {
        guard let expected = message.envelope else { return }  // the YAML ones, which carry only their text
        let value = try message.security.node.serializer.value(message.bytes)
        for pair in try #require(expected.hash).pairs where pair.key != .symbol("filter") {
            #expect(value.hash?[pair.key] == pair.value)
        }
    }

    @Test("a request opens on the node, and sealed again it is the same bytes", arguments: try requests())
    func request(_ message: CapturedMessage) throws {
        let (client, node) = (message.security.client, message.security.node)
        let sealed = try SealedRequest(message.bytes, serializer: node.serializer)
        #expect(sealed.senderID == message.headers["mc_sender"])
        let request = try node.open(sealed)
        if let body = message.body { #expect(request.body == body.hash?[.symbol("ssl_msg")] ?? body) }
        var random: any RandomNumberGenerator = SeededRandom(seed: 7)
        let again = try client.seal(request, using: &random).bytes(client.serializer)
        if client is AESSecurity {
            #expect(try node.open(SealedRequest(again, serializer: node.serializer)) == request)
            #expect(again.count == message.bytes.count)
        } else {
            #expect(again.readable == message.bytes.readable)
        }
    }

    @Test("a reply opens on the client, and sealed again it is the same bytes", arguments: try replies())
    func reply(_ message: CapturedMessage) throws {
        let (client, node) = (message.security.client, message.security.node)
        let sealed = try SealedReply(message.bytes, serializer: client.serializer)
        #expect(sealed.senderID == message.headers["mc_sender"])
        let reply = try client.open(sealed)
        if let body = message.body { #expect(reply.body == body) }
        let caller = try #require(CallerID("cert=alice"))
        var random: any RandomNumberGenerator = SeededRandom(seed: 7)
        let again = try node.seal(reply, for: caller, using: &random).bytes(node.serializer)
        if node is AESSecurity {
            #expect(try client.open(SealedReply(again, serializer: client.serializer)) == reply)
            #expect(again.count == message.bytes.count)
        } else {
            #expect(again.readable == message.bytes.readable)
        }
    }

    static func requests() throws -> [CapturedMessage] { try CapturedMessage.all().filter { $0.sender == .client } }
    static func replies() throws -> [CapturedMessage] { try CapturedMessage.all().filter { $0.sender == .node } }
}

extension [UInt8] {
    /// The bytes with what is no ASCII as numbers, so that a difference can be seen.
    var readable: String {
        map { (0x20...0x7e).contains($0) ? String(UnicodeScalar($0)) : "<\($0)>" }.joined()
    }
}
