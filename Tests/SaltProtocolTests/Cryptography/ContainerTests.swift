import MusterCore
import MusterTestSupport
import NIOCore
import Testing

@testable import SaltProtocol

@Suite struct ContainerTests {
    let vector: Vector
    let key: KeyString

    init() throws {
        vector = try Vector.salt("common/crypticle")
        key = try KeyString(vector.text("key_string"))
    }

    @Test("seals and opens the captured blobs", arguments: ["without_nonce", "with_nonce", "block_aligned"])
    func captured(_ name: String) throws {
        let container = try Container(key)
        let nonce = (try? vector.text(name, "nonce")).flatMap { Nonce($0) }
        let plaintext = try vector.bytes(name, "plaintext_hex")
        let blob = try vector.bytes(name, "blob_hex")
        let message = Array(plaintext.dropFirst(8 + (nonce == nil ? 0 : 32)))
        #expect(
            try container.seal(message, nonce: nonce, initializationVector: vector.bytes("iv_hex")) == blob)
        #expect(try container.open(blob, expecting: nonce) == message)
        #expect(Container.sealedCount(of: message.count, nonce: nonce) == blob.count)
    }

    @Test("containers that share a cipher do not disturb each other")
    func sharesCipher() throws {
        let cipher = try ContainerCipher()
        let containers = try (0..<3).map { _ in try Container(.random(), sharing: cipher) }
        let messages = (0..<3).map { [UInt8](repeating: UInt8($0), count: 40) }
        let sealed = try zip(containers, messages).map { try $0.seal($1) }
        for (place, container) in containers.enumerated() {
            #expect(try container.open(sealed[place]) == messages[place])
            #expect(throws: ContainerError.wrongMAC) { try container.open(sealed[(place + 1) % 3]) }
        }
    }

    @Test func opensWhatItSealsOfEveryLength() throws {
        let container = try Container(key)
        let nonce = try Nonce.random()
        var sealed = ByteBuffer()
        var opened = ByteBuffer()
        for count in [0, 1, 7, 8, 15, 16, 17, 23, 24, 25, 63, 255, 256, 4096, 100_001] {
            let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            for nonce in [nonce, nil] {
                sealed.clear()
                sealed.writeInteger(UInt8(9))  // sealing appends
                try container.seal(message.span.bytes, nonce: nonce, into: &sealed)
                #expect(sealed.readInteger(as: UInt8.self) == 9)
                #expect(sealed.readableBytes == Container.sealedCount(of: count, nonce: nonce))
                try container.open(sealed.readableBytesSpan, expecting: nonce, into: &opened)
                #expect(opened.readableBytesView.elementsEqual(message))
                #expect(try container.open(container.seal(message, nonce: nonce), expecting: nonce) == message)
            }
        }
    }

    @Test func neverSealsTheSameBytesTwice() throws {
        let container = try Container(key)
        #expect(try container.seal([1, 2, 3]) != container.seal([1, 2, 3]))
    }

    @Test func refusesEveryChangedByte() throws {
        let container = try Container(key)
        let blob = try vector.bytes("without_nonce", "blob_hex")
        for index in blob.indices {
            var changed = blob
            changed[index] ^= 1
            #expect(throws: ContainerError.wrongMAC) { try container.open(changed) }
        }
        // The container still works after all these failures.
        #expect(try !container.open(blob).isEmpty)
    }

    @Test func refusesEveryLengthThatIsCutOff() throws {
        let container = try Container(key)
        let blob = try vector.bytes("without_nonce", "blob_hex")
        var buffer = ByteBuffer(bytes: [1, 2, 3])
        for count in 0..<blob.count {
            #expect(throws: ContainerError.self) {
                try container.open(Array(blob[..<count]).span.bytes, into: &buffer)
            }
            #expect(buffer.readableBytes == 0)
        }
        #expect(throws: ContainerError.malformed) { try container.open([]) }
        #expect(throws: ContainerError.malformed) { try container.open([UInt8](repeating: 0, count: 48)) }
        #expect(throws: ContainerError.malformed) { try container.open(blob + [0]) }
        #expect(throws: ContainerError.wrongMAC) { try container.open(Array("tls_opt::".utf8) + blob.dropFirst(9)) }
        #expect(throws: ContainerError.malformed) { try container.open(Array("bad load".utf8)) }
    }

    @Test func refusesAnotherKey() throws {
        let other = try Container(KeyString.random())
        let blob = try Container(key).seal([1])
        #expect(throws: ContainerError.wrongMAC) { try other.open(blob) }
    }

    @Test func refusesTheReplyToAnotherRequest() throws {
        let container = try Container(key)
        let nonce = try Nonce.random()
        let reply = try container.seal([0xc0], nonce: nonce)
        #expect(try container.open(reply, expecting: nonce) == [0xc0])
        #expect(throws: ContainerError.wrongNonce) { try container.open(reply, expecting: Nonce.random()) }
        // A publish or a request replayed as a reply has no nonce in front.
        let request = try container.seal([0xc0])
        #expect(throws: ContainerError.wrongNonce) { try container.open(request, expecting: nonce) }
    }

    @Test(
        "refuses wrong padding and a missing marker under the right key",
        arguments: [
            ("7069636b6c653a3ac007070707070706", ContainerError.wrongPadding),
            ("7069636b6c653a3ac007070706070707", .wrongPadding),
            ("7069636b6c653a3ac000000000000000", .wrongPadding),
            ("7069636b6c653a3ac011111111111111", .wrongPadding),
            ("7069636b6c653a3bc007070707070707", .missingMarker),
            ("10101010101010101010101010101010", .missingMarker),
            ("7069636b6c653a090909090909090909", .missingMarker),
        ])
    func refusesContent(_ hex: String, _ error: ContainerError) throws {
        let blob = try ForgedBlob.make(content: #require([UInt8](hex: hex)), key: key)
        #expect(throws: error) { try Container(key).open(blob) }
    }

    @Test func opensAMinimalMessage() throws {
        let blob = try ForgedBlob.make(content: #require([UInt8](hex: "7069636b6c653a3a0808080808080808")), key: key)
        #expect(try Container(key).open(blob).isEmpty)
    }

    @Test func survivesMutatedBlobs() throws {
        let container = try Container(key)
        let blob = try vector.bytes("with_nonce", "blob_hex")
        let nonce = try #require(Nonce(vector.text("with_nonce", "nonce")))
        var random = SeededRandom(seed: 11)
        for _ in 0..<2000 {
            let changed = random.mutate(blob)
            guard changed != blob else { continue }
            #expect(throws: ContainerError.self) { try container.open(changed, expecting: nonce) }
        }
    }

    @Test(
        "reads a key string only in its one form",
        arguments: [
            "", "AAEC", String(repeating: "A", count: 76), String(repeating: "A", count: 75) + "\n",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njd=",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc\n",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc=\n",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1N-c=",
        ])
    func refusesKeyStrings(_ text: String) {
        #expect(throws: CryptographyError.malformedKeyString) { try KeyString(text) }
    }

    @Test func keyStringsAreSecretAndDiffer() throws {
        let random = try KeyString.random()
        #expect(random != key)
        #expect(try KeyString(random.secretText) == random)
        #expect(random.ascii.count == KeyString.characterCount)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("AAEC") && !text.contains("[") && !text.contains("65"))
        }
    }
}
