import MessagePack
import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

@Suite struct PublishVerifierTests {
    static let keys = Result { try (0..<2).map { _ in try PrivateKey.generate(bits: 1024) } }

    let controller: PrivateKey
    let stranger: PrivateKey
    let first: PublishKey
    let second: PublishKey

    init() throws {
        let keys = try PublishVerifierTests.keys.get()
        controller = keys[0]
        stranger = keys[1]
        first = try .random(by: controller, at: Timestamp(seconds: 0))
        second = try .random(by: controller, at: Timestamp(seconds: 60))
    }

    private func session(_ key: PublishKey) throws -> SignInSession {
        SignInSession(
            publishKey: key.key, sessionKey: try .random(), publishPort: 4505, controllerKey: controller.publicKey)
    }

    private func verifier(_ key: PublishKey, _ algorithm: SignatureAlgorithm = .saltDefault) throws -> PublishVerifier {
        try PublishVerifier(session(key), minimumAlgorithm: algorithm)
    }

    private static func load(_ serial: Int64) -> [UInt8] {
        MessagePackValue.map([
            .init(.string("fun"), .string("test.ping")), .init(.string("serial"), .int(serial)),
        ]).encoded(.raw)
    }

    /// A frame under any key, signature and load.
    private func frame(
        _ load: [UInt8], under key: KeyString, by signer: PrivateKey, _ algorithm: SignatureAlgorithm = .saltDefault
    ) throws -> [UInt8] {
        let sealed = try Container(key).seal(load)
        return PublishEnvelope.encoded(
            load: sealed, signature: try signer.sign(sealed, using: algorithm), algorithm: algorithm)
    }

    // MARK: Vectors

    @Test func deliversWhatUnchangedMastersPublish() throws {
        let vectors = try Vector.saltOfEachRelease("publish")
        #expect(vectors.count == 3)
        for vector in vectors {
            let session = SignInSession(
                publishKey: try KeyString(vector.text("aes_key_string")), sessionKey: try .random(), publishPort: 4505,
                controllerKey: try PublicKey(pem: vector.text("master_public_pem")))
            let verifier = try PublishVerifier(session, minimumAlgorithm: .pkcs1v15SHA1)
            let frame = try vector.bytes("frame_hex")
            let load = Array(try vector.bytes("load_plaintext_hex").dropFirst(8))
            #expect(verifier.received(frame) == .deliver(load))
            #expect(try PublishLoad(messagePack: load.span.bytes).job.text == vector.text("job", "jid"))
            let serial = try #require(vector.value("job", "serial").int)
            #expect(verifier.received(frame) == .drop(.replayed(serial: serial, last: serial)))
            let strict = try PublishVerifier(session, minimumAlgorithm: .pkcs1v15SHA224)
            #expect(strict.received(frame) == .drop(.weakAlgorithm(.pkcs1v15SHA1)))
        }
    }

    // MARK: Both roles

    @Test("numbers, seals and signs so that the node delivers each once", arguments: SignatureAlgorithm.allCases)
    func publishes(_ algorithm: SignatureAlgorithm) throws {
        let publisher = try Publisher(first, signer: controller, algorithm: algorithm)
        let verifier = try verifier(first, algorithm)
        for serial in 1...5 {
            let frame = try publisher.publish(PublishVerifierTests.load)
            #expect(publisher.key.serial == Int64(serial))
            #expect(verifier.received(frame) == .deliver(PublishVerifierTests.load(Int64(serial))))
            #expect(verifier.received(frame) == .drop(.replayed(serial: Int64(serial), last: Int64(serial))))
        }
    }

    @Test func acceptsAGapAndNothingOlder() throws {
        let publisher = try Publisher(first, signer: controller)
        let frames = try (0..<3).map { _ in try publisher.publish(PublishVerifierTests.load) }
        let verifier = try verifier(first)
        #expect(verifier.received(frames[2]) == .deliver(PublishVerifierTests.load(3)))
        #expect(verifier.received(frames[0]) == .drop(.replayed(serial: 1, last: 3)))
    }

    @Test func aStrongerAlgorithmThanConfiguredIsFine() throws {
        let publisher = try Publisher(first, signer: controller, algorithm: .pkcs1v15SHA224)
        #expect(
            try verifier(first).received(publisher.publish(PublishVerifierTests.load))
                == .deliver(PublishVerifierTests.load(1)))
    }

    @Test func keysExpireUnlessTheyLiveForEver() {
        #expect(second.expiry(lifetime: .seconds(86_400)) == Timestamp(seconds: 86_460))
        #expect(second.expiry(lifetime: .zero) == nil)
    }

    // MARK: Rotation

    @Test func signsInOnceAfterARotationAndDeliversWhatWaited() throws {
        let publisher = try Publisher(first, signer: controller)
        let verifier = try verifier(first)
        #expect(
            try verifier.received(publisher.publish(PublishVerifierTests.load))
                == .deliver(PublishVerifierTests.load(1)))
        try publisher.rotate(to: second)
        #expect(publisher.key.serial == 0)
        #expect(try verifier.received(publisher.publish(PublishVerifierTests.load)) == .signInAgain)
        #expect(try verifier.received(publisher.publish(PublishVerifierTests.load)) == .wait)
        #expect(
            try verifier.established(session(second)) == [
                .deliver(PublishVerifierTests.load(1)), .deliver(PublishVerifierTests.load(2)),
            ])
        #expect(try verifier.established(session(second)).isEmpty)
        #expect(
            try verifier.received(publisher.publish(PublishVerifierTests.load))
                == .deliver(PublishVerifierTests.load(3)))
    }

    @Test func keepsItsPlaceWhenItSignsInAndTheKeyIsTheSame() throws {
        let publisher = try Publisher(first, signer: controller)
        let frame = try publisher.publish(PublishVerifierTests.load)
        let verifier = try verifier(first)
        #expect(verifier.received(frame) == .deliver(PublishVerifierTests.load(1)))
        // Somebody sends a publish of an earlier key: a sign-in, once, and then it is dropped.
        let old = try self.frame(PublishVerifierTests.load(9), under: second.key, by: controller)
        #expect(verifier.received(old) == .signInAgain)
        #expect(try verifier.established(session(first)) == [.drop(.wrongKey)])
        #expect(verifier.received(frame) == .drop(.replayed(serial: 1, last: 1)))
    }

    @Test func dropsWhatWaitedWhenTheSignInFails() throws {
        let verifier = try verifier(first)
        let frame = try self.frame(PublishVerifierTests.load(1), under: second.key, by: controller)
        #expect(verifier.received(frame) == .signInAgain)
        #expect(verifier.signInFailed() == [.drop(.wrongKey)])
        #expect(verifier.signInFailed().isEmpty)
        #expect(verifier.received(frame) == .signInAgain)
    }

    @Test func keepsOnlySoMany() throws {
        let verifier = try verifier(first)
        let frame = try self.frame(PublishVerifierTests.load(1), under: second.key, by: controller)
        #expect(verifier.received(frame) == .signInAgain)
        for _ in 1..<PublishVerifier.waitingLimit { #expect(verifier.received(frame) == .wait) }
        #expect(verifier.received(frame) == .drop(.tooManyWaiting))
        let actions = try verifier.established(session(second))
        #expect(actions.count == PublishVerifier.waitingLimit)
        #expect(actions.first == .deliver(PublishVerifierTests.load(1)))
        #expect(actions.dropFirst().allSatisfy { $0 == .drop(.replayed(serial: 1, last: 1)) })
    }

    // MARK: Hostile publishes

    @Test func refusesWhatTheControllerDidNotSign() throws {
        let verifier = try verifier(first)
        // A node knows the shared key and can seal; it cannot sign.
        let forged = try frame(PublishVerifierTests.load(1), under: first.key, by: stranger)
        #expect(verifier.received(forged) == .drop(.invalidSignature))
        // Nor can anybody make nodes sign in again by it.
        let unknown = try frame(PublishVerifierTests.load(1), under: second.key, by: stranger)
        #expect(verifier.received(unknown) == .drop(.invalidSignature))
    }

    @Test func refusesUnsignedPublishes() throws {
        let sealed = try Container(first.key).seal(PublishVerifierTests.load(1))
        let signature = try controller.sign(sealed, using: .pkcs1v15SHA1)
        let enc = MessagePackValue.Entry(.string("enc"), .string("aes"))
        let load = MessagePackValue.Entry(.string("load"), .raw(sealed))
        let cases: [([MessagePackValue.Entry], PublishRefusal)] = [
            ([enc, load], .unsigned),
            ([enc, load, .init(.string("sig"), .raw(signature))], .unsigned),
            (
                [enc, load, .init(.string("sig"), .raw(signature)), .init(.string("sig_algo"), .string("none"))],
                .unsigned
            ),
            ([enc, load, .init(.string("sig_algo"), .string("PKCS1v15-SHA1"))], .unsigned),
            ([.init(.string("enc"), .string("clear")), load], .malformed), ([enc], .malformed), ([], .malformed),
        ]
        for (entries, refusal) in cases {
            #expect(try verifier(first).received(MessagePackValue.map(entries).encoded(.raw)) == .drop(refusal))
        }
    }

    @Test func refusesALoadWithoutASerial() throws {
        let loads: [MessagePackValue] = [
            .map([]), .map([.init(.string("serial"), .string("7"))]), .map([.init(.string("serial"), .null)]), .null,
            .array([.int(1)]), .map([.init(.string("fun"), .string("serial"))]),
        ]
        for load in loads {
            let frame = try frame(load.encoded(.raw), under: first.key, by: controller)
            #expect(try verifier(first).received(frame) == .drop(.noSerial))
        }
        for serial in [Int64(0), -1, .min] {
            let frame = try frame(PublishVerifierTests.load(serial), under: first.key, by: controller)
            #expect(try verifier(first).received(frame) == .drop(.replayed(serial: serial, last: 0)))
        }
    }

    @Test func refusesALoadThatIsBrokenInside() throws {
        let blob = try ForgedBlob.make(content: [UInt8](repeating: 0x20, count: 16), key: first.key)
        let frame = PublishEnvelope.encoded(
            load: blob, signature: try controller.sign(blob, using: .pkcs1v15SHA1), algorithm: .pkcs1v15SHA1)
        #expect(try verifier(first).received(frame) == .drop(.unreadable(.wrongPadding)))
        let short = PublishEnvelope.encoded(
            load: [1, 2], signature: try controller.sign([1, 2], using: .pkcs1v15SHA1), algorithm: .pkcs1v15SHA1)
        #expect(try verifier(first).received(short) == .drop(.unreadable(.malformed)))
    }

    @Test func survivesTruncationAndMutation() throws {
        let frame = try frame(PublishVerifierTests.load(1), under: first.key, by: controller)
        let verifier = try verifier(first)
        for count in frame.indices {
            guard case .drop = verifier.received(Array(frame[..<count])) else {
                Issue.record("accepted \(count) bytes")
                continue
            }
        }
        var random = SeededRandom(seed: 13)
        for _ in 0..<1000 {
            switch verifier.received(random.mutate(frame)) {
            case .drop: break
            case .deliver(let load): #expect(load == PublishVerifierTests.load(1))
            case .signInAgain, .wait: Issue.record("a changed publish made the node sign in")
            }
        }
    }
}
