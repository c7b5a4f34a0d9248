import MessagePack
import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

@Suite struct PillarReplyTests {
    static let keys = Result {
        let capture = try Vector.salt("3008/auth-sha1")
        return try [capture.text("minion_private_pem"), capture.text("master_private_pem")].map {
            try PrivateKey(pem: $0)
        }
            + [try PrivateKey.generate(bits: 1024)]
    }

    let node: PrivateKey
    let controller: PrivateKey
    let stranger: PrivateKey
    let nonce: Nonce
    static let pillar = MessagePackValue.map([.init(.string("role"), .string("web"))]).encoded(.raw)

    init() throws {
        let keys = try PillarReplyTests.keys.get()
        (node, controller, stranger) = (keys[0], keys[1], keys[2])
        nonce = try .random()
    }

    private func reply(
        for node: PrivateKey? = nil, by controller: PrivateKey? = nil, nonce: Nonce? = nil
    ) throws -> [UInt8] {
        try PillarReply.encoded(
            PillarReplyTests.pillar, for: (node ?? self.node).publicKey, nonce: nonce ?? self.nonce,
            by: controller ?? self.controller, encryption: .oaepSHA1, signature: .pkcs1v15SHA1)
    }

    private func open(_ reply: [UInt8]) throws(PillarRefusal) -> [UInt8] {
        try PillarReply.open(
            reply, nonce: nonce, with: node, from: controller.publicKey, encryption: .oaepSHA1, signature: .pkcs1v15SHA1
        )
    }

    @Test("opens what unchanged masters reply", arguments: ["pillar-sha1", "pillar-sha224"])
    func captured(_ name: String) throws {
        let vectors = try Vector.saltOfEachRelease(name)
        #expect(vectors.count == 3)
        for vector in vectors {
            let isOld = name == "pillar-sha1"
            let nonce = try #require(Nonce(vector.text("request_load_clear", "nonce")))
            let node = try PrivateKey(pem: vector.text("minion_private_pem"))
            let controller = try PublicKey(pem: vector.text("master_public_pem"))
            let pillar = try PillarReply.open(
                vector.bytes("reply_hex"), nonce: nonce, with: node, from: controller,
                encryption: isOld ? .oaepSHA1 : .oaepSHA224, signature: isOld ? .pkcs1v15SHA1 : .pkcs1v15SHA224)
            #expect(try Value(messagePack: pillar) == vector.value("pillar"))
            let other = try Nonce.random()
            #expect(throws: PillarRefusal.wrongNonce) {
                try PillarReply.open(
                    vector.bytes("reply_hex"), nonce: other, with: node, from: controller,
                    encryption: isOld ? .oaepSHA1 : .oaepSHA224, signature: isOld ? .pkcs1v15SHA1 : .pkcs1v15SHA224)
            }
        }
    }

    @Test("both roles understand each other", arguments: EncryptionAlgorithm.allCases, SignatureAlgorithm.allCases)
    func bothRoles(_ encryption: EncryptionAlgorithm, _ signature: SignatureAlgorithm) throws {
        let reply = try PillarReply.encoded(
            PillarReplyTests.pillar, for: node.publicKey, nonce: nonce, by: controller, encryption: encryption,
            signature: signature)
        let pillar = try PillarReply.open(
            reply, nonce: nonce, with: node, from: controller.publicKey, encryption: encryption, signature: signature)
        #expect(pillar == PillarReplyTests.pillar)
        #expect(throws: PillarRefusal.self) {
            try PillarReply.open(
                reply, nonce: nonce, with: node, from: controller.publicKey, encryption: encryption,
                signature: signature == .pkcs1v15SHA1 ? .pkcs1v15SHA224 : .pkcs1v15SHA1)
        }
    }

    @Test func refusesForgedAndMixedUpReplies() throws {
        #expect(try open(reply()) == PillarReplyTests.pillar)
        let forged = try reply(by: stranger)
        #expect(throws: PillarRefusal.invalidSignature) { try open(forged) }
        let foreign = try reply(for: controller)
        #expect(throws: PillarRefusal.unreadableKey) { try open(foreign) }
        let replayed = try reply(nonce: .random())
        #expect(throws: PillarRefusal.wrongNonce) { try open(replayed) }
        for text in ["bad load", ""] {
            let refusal = MessagePackValue.string(text).encoded(.raw)
            #expect(throws: PillarRefusal.notAPillar) { try open(refusal) }
        }
        #expect(throws: PillarRefusal.notAPillar) { try open([]) }
        #expect(throws: PillarRefusal.notAPillar) { try open([0x80]) }
    }

    /// An attacker who knows the node's public key can make a key and seal with it; what is signed names another key.
    @Test func refusesASignedPartUnderAnotherKey() throws {
        let genuine = try reply()
        guard case .map(let entries) = try MessagePackValue(decoding: genuine),
            case .raw(let sealedKey) = entries[0].value,
            case .raw(let sealed) = entries[1].value
        else {
            Issue.record("no pillar reply")
            return
        }
        let key = try KeyString(ascii: node.decrypt(sealedKey, using: .oaepSHA1))
        let inner = try Container(key).open(sealed)
        let otherKey = try KeyString.random()
        let forged = MessagePackValue.map([
            .init(.string("key"), .raw(try node.publicKey.encrypt(otherKey.ascii, using: .oaepSHA1))),
            .init(.string("pillar"), .raw(try Container(otherKey).seal(inner))),
        ]).encoded(.raw)
        #expect(throws: PillarRefusal.wrongKey) { try open(forged) }
    }

    @Test func survivesTruncationAndMutation() throws {
        let reply = try reply()
        for count in 0..<reply.count where count % 7 == 0 {
            #expect(throws: PillarRefusal.self) { try open(Array(reply[..<count])) }
        }
        var random = SeededRandom(seed: 17)
        for _ in 0..<200 {
            // Whatever still opens is what was signed.
            guard let pillar = try? open(random.mutate(reply)) else { continue }
            #expect(pillar == PillarReplyTests.pillar)
        }
    }
}
