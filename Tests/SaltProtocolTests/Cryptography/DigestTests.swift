import MusterTestSupport
import Testing

@testable import SaltProtocol

@Suite struct DigestTests {
    @Test(
        "hashes as the standard says",
        arguments: [
            (DigestAlgorithm.md5, "900150983cd24fb0d6963f7d28e17f72"),
            (.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (.sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ])
    func hashes(_ algorithm: DigestAlgorithm, _ expected: String) throws {
        #expect(try algorithm.hex("abc") == expected)
        var pieces = try Digest(algorithm)
        for byte in "abc".utf8 { try pieces.update([byte]) }
        try pieces.update([])
        #expect(try pieces.finishHex() == expected)
        #expect(try algorithm.hash([]).count == algorithm.byteCount)
    }

    @Test func everyAlgorithmIsThere() throws {
        for algorithm in DigestAlgorithm.allCases {
            #expect(try algorithm.hex("x").utf8.count == 2 * algorithm.byteCount)
            #expect(DigestAlgorithm(rawValue: algorithm.rawValue) == algorithm)
        }
    }

    @Test func randomBytesDiffer() throws {
        #expect(try SecureRandom.bytes(0).isEmpty)
        #expect(try SecureRandom.bytes(32) != SecureRandom.bytes(32))
        #expect(try Nonce.random() != Nonce.random())
        #expect(try Nonce.random().ascii.allSatisfy { "0123456789abcdef".utf8.contains($0) })
    }

    @Test("compares in whole", arguments: [([], [], true), ([1], [1], true), ([1], [2], false), ([1], [1, 1], false)])
    func compares(_ left: [UInt8], _ right: [UInt8], _ expected: Bool) {
        #expect(ConstantTime.areEqual(left, right) == expected)
    }

    @Test(
        "takes 32 printable characters as a nonce and nothing else",
        arguments: [
            ("0123456789abcdef0123456789ABCDEF", true), ("0123456789abcdef0123456789abcde", false), ("", false),
            ("0123456789abcdef0123456789abcdef0", false), ("0123456789abcdef 123456789abcdef", false),
            ("0123456789abcdef0123456789abcdé", false),
        ])
    func nonces(_ text: String, _ isNonce: Bool) {
        let nonce = Nonce(text)
        #expect((nonce != nil) == isNonce)
        #expect(nonce.map { "\($0)" } ?? text == text)
    }
}
