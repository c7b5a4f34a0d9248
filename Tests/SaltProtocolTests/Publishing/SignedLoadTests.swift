import MessagePack
import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

@Suite struct SignedLoadTests {
    @Test func checksTheSignedReturnsOfRealMinions() throws {
        let vectors = try Vector.saltOfEachRelease("return-signed")
        #expect(vectors.count == 2)
        for vector in vectors {
            let key = try PublicKey(pem: vector.text("minion_public_pem"))
            let algorithm = try #require(SignatureAlgorithm(rawValue: vector.text("algorithm")))
            let request = try vector.bytes("request_hex")
            let envelope = try RequestEnvelope(request.span.bytes)
            let container = try Container(KeyString(vector.text("session_key_string")))
            let opened = try container.open(Array(request[envelope.load]))
            #expect(try SignedLoad.content(of: opened.span.bytes) == vector.bytes("signed_bytes_hex"))
            #expect(SignedLoad.verdict(on: opened.span.bytes, by: key, using: algorithm) == .valid)

            let stranger = try PrivateKey.generate(bits: 1024)
            #expect(SignedLoad.verdict(on: opened.span.bytes, by: stranger.publicKey, using: algorithm) == .invalid)
            for other in SignatureAlgorithm.allCases where other != algorithm {
                #expect(SignedLoad.verdict(on: opened.span.bytes, by: key, using: other) == .invalid)
            }
            guard case .map(var entries) = try MessagePackValue(decoding: opened) else { continue }
            let index = try #require(entries.firstIndex { $0.key == .string("retcode") })
            entries[index].value = .int(99)
            let changed = MessagePackValue.map(entries).encoded(.raw)
            #expect(SignedLoad.verdict(on: changed.span.bytes, by: key, using: algorithm) == .invalid)
            entries.removeAll { $0.key == .string("sig") }
            let unsigned = MessagePackValue.map(entries).encoded(.raw)
            #expect(SignedLoad.verdict(on: unsigned.span.bytes, by: key, using: algorithm) == .unsigned)
        }
    }

    @Test func signsSoThatItsOwnCheckAgrees() throws {
        let node = try PrivateKey.generate(bits: 1024)
        var entries: [MessagePackValue.Entry] = [
            .init(.string("cmd"), .string("_return")), .init(.string("return"), .raw([0xff, 0x00])),
            .init(.string("stamp"), .string(String(repeating: "x", count: 40))), .init(.int(5), .double(1.5)),
            .init(.string("nonce"), .string("n")), .init(.string("tok"), .raw([0xfe])),
        ]
        for algorithm in SignatureAlgorithm.allCases {
            let load = MessagePackValue.map(entries).encoded(.raw)
            #expect(SignedLoad.verdict(on: load.span.bytes, by: node.publicKey, using: algorithm) == .unsigned)
            let signature = try SignedLoad.signature(for: load.span.bytes, by: node, using: algorithm)
            let signed = MessagePackValue.map(entries + [.init(.string("sig"), .raw(signature))]).encoded(.raw)
            #expect(SignedLoad.verdict(on: signed.span.bytes, by: node.publicKey, using: algorithm) == .valid)
        }
        // The nonce is not covered: a repeated request has a new one and the same signature.
        entries.removeAll { $0.key == .string("nonce") }
        let load = MessagePackValue.map(entries).encoded(.raw)
        #expect(throws: Never.self) { try SignedLoad.signature(for: load.span.bytes, by: node, using: .pkcs1v15SHA1) }
    }

    @Test("what is no map is never valid", arguments: ["", "c0", "90", "81", "81a3736967"])
    func rubbish(_ hex: String) throws {
        let bytes = try #require([UInt8](hex: hex))
        let node = try PrivateKey(pem: PackageFile.text("Tests/Vectors/keys/private-pkcs1.pem"))
        #expect(SignedLoad.verdict(on: bytes.span.bytes, by: node.publicKey, using: .pkcs1v15SHA1) == .invalid)
    }
}
