import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

struct EnvelopeTests {
    @Test(
        "callers are matched as a whole",
        arguments: [
            ("uid=0", true), ("cert=alice.example-1", true), ("identity=node_1", true), ("uid=", false), ("=0", false),
            ("uid", false), ("uid=0=1", false), ("junk\nuid=0\nmore", false), ("uid=0\n", false), (" uid=0", false),
            ("u id=0", false), ("cert=../alice", false), ("cert=álice", false), ("", false),
        ])
    func callers(_ text: String, _ isCaller: Bool) {
        #expect((CallerID(text) != nil) == isCaller)
        if isCaller { #expect(CallerID(text)?.description == text) }
    }

    @Test("the caller of a key file is its name without .pem")
    func callerOfFile() {
        #expect(CallerID(publicKeyFile: "/etc/mcollective/alice.pem")?.description == "cert=alice")
        #expect(CallerID(publicKeyFile: "bob")?.description == "cert=bob")
        #expect(CallerID(publicKeyFile: "/etc/a b.pem") == nil)
    }

    @Test(
        "identities are names without a path",
        arguments: [
            ("web-1.example.com", true), ("node_1", true), ("", false), ("a/b", false), ("a b", false), ("a\n", false),
        ])
    func identities(_ text: String, _ isValid: Bool) { #expect(Identity.isValid(text) == isValid) }

    @Test(
        "times and ttls that nobody can mean are refused, not computed with",
        arguments: ["msgtime", "ttl"], [Int64.min, -1 << 57, 1 << 57, .max])
    func absurd(_ field: String, _ seconds: Int64) throws {
        var hash = try #require(envelope().hash)
        hash[.symbol(field)] = .int(seconds)
        let bytes = Serializer.marshal.bytes(.hash(hash))
        #expect(throws: EnvelopeError.invalid(field: field)) { try SealedRequest(bytes, serializer: .marshal) }
    }

    @Test(
        "an envelope that lacks something is refused by its name",
        arguments: [
            "body", "senderid", "requestid", "filter", "collective", "agent", "callerid", "ttl", "msgtime",
        ])
    func missing(_ field: String) throws {
        var hash = try #require(envelope().hash)
        hash[.symbol(field)] = nil
        #expect(throws: EnvelopeError.missing(field: field)) { try request(hash) }
    }

    @Test(
        "an envelope with something of the wrong kind is refused by its name",
        arguments: [
            ("ttl", RubyValue.text("60")), ("ttl", .double(.nan)), ("msgtime", .bool(true)), ("body", .int(1)),
            ("agent", .symbol("rpcutil")), ("callerid", "junk\nuid=0"), ("senderid", .bytes([0xff])), ("hash", 7),
        ])
    func invalid(_ field: String, _ value: RubyValue) throws {
        var hash = try #require(envelope().hash)
        hash[.symbol(field)] = value
        #expect(throws: EnvelopeError.invalid(field: field)) { try request(hash) }
    }

    @Test("a ttl may be a float, and other keys are passed over")
    func tolerances() throws {
        var hash = try #require(envelope().hash)
        hash[.symbol("ttl")] = .double(59.9)
        hash[.symbol("other")] = 1
        #expect(try request(hash).ttl == 59)
    }

    @Test("what is no hash, or no Marshal, is no envelope")
    func noEnvelope() {
        #expect(throws: EnvelopeError.notAHash) {
            try SealedRequest(MarshalWriter.bytes([1]), serializer: .marshal)
        }
        #expect(throws: EnvelopeError.unreadable(.marshal(.unknownVersion))) {
            try SealedReply(Array("---\n:body: x\n".utf8), serializer: .marshal)
        }
        #expect { _ = try SealedReply([0x09], serializer: .yaml) } throws: { error in
            "\(error)".hasPrefix("the envelope")
        }
    }

    @Test("request ids are fresh hex digits of a UUID")
    func requestIDs() {
        var random = SeededRandom(seed: 3)
        let ids = (0..<100).map { _ in CollectiveRequest.makeID(using: &random) }
        #expect(Set(ids).count == 100)
        #expect(ids.allSatisfy { $0.utf8.count == 32 && Array($0)[12] == "5" && "89ab".contains(Array($0)[16]) })
    }

    private func envelope() -> RubyValue {
        .hash([
            (.symbol("body"), .bytes([4, 8, 0x30])), (.symbol("senderid"), "admin1"), (.symbol("requestid"), "r1"),
            (.symbol("filter"), .hash([])), (.symbol("collective"), "mcollective"), (.symbol("agent"), "discovery"),
            (.symbol("callerid"), "uid=0"), (.symbol("ttl"), 60), (.symbol("msgtime"), 1_795_243_163),
            (.symbol("hash"), "00"),
        ])
    }

    private func request(_ hash: RubyHash) throws -> SealedRequest {
        try SealedRequest(MarshalWriter.bytes(.hash(hash)), serializer: .marshal)
    }
}
