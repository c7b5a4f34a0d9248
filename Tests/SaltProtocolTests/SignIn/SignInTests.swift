import MessagePack
import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

/// Both roles against each other, and the node against everything a reply may be.
@Suite struct SignInTests {
    static let keys = Result {
        // Sessions under SHA224 do not fit into 1024 bits; generating longer keys takes long.
        let capture = try Vector.salt("3008/auth-sha1")
        return try [capture.text("minion_private_pem"), capture.text("master_private_pem")].map {
            try PrivateKey(pem: $0)
        }
            + (0..<2).map { _ in try PrivateKey.generate(bits: 1024) }
    }

    let node: PrivateKey
    let controller: PrivateKey
    let stranger: PrivateKey
    let signer: PrivateKey
    let publishKey: KeyString
    let sessionKey: KeyString
    var configuration: SignInClient.Configuration

    init() throws {
        let keys = try SignInTests.keys.get()
        (node, controller) = (keys[0], keys[1])
        (stranger, signer) = (keys[2], keys[3])
        publishKey = try .random()
        sessionKey = try .random()
        configuration = SignInClient.Configuration(id: try #require(NodeID("web1")), key: node)
    }

    private func client(remembering key: PublicKey?) throws -> SignInClient {
        SignInClient(configuration, controllerKey: key, token: try .random())
    }

    /// Sends the client's request through a server, as it would go over the wire.
    private func exchange(
        _ client: inout SignInClient, with controller: PrivateKey, keySignature: ControllerIdentity.KeySignature? = nil,
        standing: KeyStanding? = nil
    ) throws -> [UInt8] {
        guard case .send(let request) = client.started(nonce: try .random()) else {
            throw SignInFailure.malformedRequest
        }
        let server = SignInServer(ControllerIdentity(key: controller, publishPort: 4505, keySignature: keySignature))
        let load = try SignInRequest(load: Envelope.load(of: request))
        let known = KeyStanding(stored: StoredKey(.accepted, pem: node.publicKey.pem))
        switch server.decide(load, standing: { _ in standing ?? known }).answer {
        case .grant(let grant):
            return try server.encode(
                grant, publishKey: VouchedPublishKey(publishKey, by: controller), sessionKey: sessionKey)
        case .refuse(let refusal):
            return try server.encode(refusal)
        }
    }

    private var session: SignInSession {
        SignInSession(
            publishKey: publishKey, sessionKey: sessionKey, publishPort: 4505, controllerKey: controller.publicKey)
    }

    // MARK: Both roles

    @Test("signs in at first contact and again", arguments: EncryptionAlgorithm.allCases, SignatureAlgorithm.allCases)
    mutating func signsIn(_ encryption: EncryptionAlgorithm, _ signature: SignatureAlgorithm) throws {
        configuration.encryption = encryption
        configuration.signature = signature
        var client = try client(remembering: nil)
        let first = try exchange(&client, with: controller)
        #expect(client.received(first) == .establish(session, storing: controller.publicKey))
        #expect(try Envelope.inner(of: first).contains { $0.key == "token" } == false)
        let second = try exchange(&client, with: controller)
        #expect(client.received(second) == .establish(session, storing: nil))
        #expect(try Envelope.inner(of: second).contains { $0.key == "token" })
    }

    @Test("a glance tells grants from refusals, and from what is no reply")
    func glances() throws {
        var client = try client(remembering: controller.publicKey)
        #expect(try SignInGlance(exchange(&client, with: controller)) == .granted)
        for state in [StoredKey.State.pending, .rejected] {
            let standing = KeyStanding(stored: StoredKey(state, pem: node.publicKey.pem))
            #expect(try SignInGlance(exchange(&client, with: controller, standing: standing)) == .refused)
        }
        #expect(SignInGlance(Value.string("bad load").messagePack()) == .unreadable)
        #expect(SignInGlance([]) == .unreadable)
    }

    @Test mutating func waitsGrowWhilePendingAndStartAnewAfterSuccess() throws {
        configuration.retryInterval = .seconds(10)
        configuration.longestRetry = .seconds(25)
        var client = try client(remembering: nil)
        var waits: [Duration] = []
        for _ in 0..<4 {
            let reply = try exchange(&client, with: controller, standing: KeyStanding(stored: nil))
            guard case .retry(let wait, .pending) = client.received(reply) else { continue }
            waits.append(wait)
        }
        #expect(waits == [.seconds(10), .seconds(20), .seconds(25), .seconds(25)])
        let reply = try exchange(&client, with: controller)
        #expect(client.received(reply) == .establish(session, storing: controller.publicKey))
        _ = client.started(nonce: try .random())
        #expect(client.timedOut() == .retry(after: .seconds(10), .noReply))
    }

    @Test func waitsDoNotGrowByDefault() throws {
        var client = try client(remembering: nil)
        for _ in 0..<3 {
            _ = client.started(nonce: try .random())
            #expect(client.timedOut() == .retry(after: .seconds(10), .noReply))
        }
    }

    @Test func aRejectedNodeStops() throws {
        var client = try client(remembering: controller.publicKey)
        let rejected = KeyStanding(stored: StoredKey(.rejected, pem: node.publicKey.pem))
        #expect(client.received(try exchange(&client, with: controller, standing: rejected)) == .stop(.rejected))
        #expect(SignInFailure.rejected.exitStatus == 77)
    }

    @Test mutating func aRejectedNodeGoesOnIfToldTo() throws {
        configuration.retriesWhenRejected = true
        var client = try client(remembering: controller.publicKey)
        let rejected = KeyStanding(stored: StoredKey(.rejected, pem: node.publicKey.pem))
        let reply = try exchange(&client, with: controller, standing: rejected)
        #expect(client.received(reply) == .retry(after: .seconds(10), .rejected))
    }

    @Test func aFullControllerIsAskedAgain() throws {
        var client = try client(remembering: nil)
        let reply = try exchange(&client, with: controller, standing: KeyStanding(stored: nil, isFull: true))
        #expect(client.received(reply) == .retry(after: .seconds(10), .full))
    }

    @Test("a request with an unknown algorithm is answered unsigned, and nothing is stored")
    func unknownAlgorithms() throws {
        let server = SignInServer(ControllerIdentity(key: controller, publishPort: 4505))
        for (encryption, signature, text) in [
            ("OAEP-MD5", "PKCS1v15-SHA1", "bad enc algo"), ("OAEP-SHA1", "PSS-SHA1", "bad sig algo"),
            ("", "", "bad sig algo"),
        ] {
            var request = SignInRequest(id: "web1", nonce: try .random(), publicKey: node.publicKey)
            request.encryption = encryption
            request.signature = signature
            let decision = server.decide(request) { _ in
                Issue.record("looked up")
                return KeyStanding(stored: nil)
            }
            #expect(decision.change == nil && decision.event == nil)
            guard case .refuse(let refusal) = decision.answer else {
                Issue.record("granted")
                continue
            }
            let reply = try server.encode(refusal)
            #expect(
                try MessagePackValue(decoding: reply)
                    == .map([
                        .init(.string("enc"), .string("clear")),
                        .init(.string("load"), .map([.init(.string("ret"), .string(text))])),
                    ]))
            var client = try client(remembering: controller.publicKey)
            _ = client.started(nonce: try .random())
            #expect(client.received(reply) == .retry(after: .seconds(10), .unsupportedAlgorithm(text)))
        }
    }

    @Test("an invalid id or key is refused, signed, and never looked up", arguments: ["", "..", "a/b", "a\0b", "web1"])
    func invalidIDs(_ id: String) throws {
        let server = SignInServer(ControllerIdentity(key: controller, publishPort: 4505))
        var request = SignInRequest(id: id, nonce: try .random(), publicKey: node.publicKey)
        if id == "web1" { request.publicKey = "no key" }
        let decision = server.decide(request) { _ in
            Issue.record("looked up")
            return KeyStanding(stored: nil)
        }
        #expect(decision.answer == .refuse(.signed(.rejected, request.nonce, .pkcs1v15SHA1)))
        #expect(decision.change == nil && decision.node == nil)
    }

    // MARK: A controller's key that changes

    @Test func refusesAnotherControllersKey() throws {
        var client = try client(remembering: controller.publicKey)
        let reply = try exchange(&client, with: stranger)
        guard case .retry(_, .controllerKeyChanged) = client.received(reply) else {
            Issue.record("accepted a changed key")
            return
        }
        #expect(client.controllerKey == controller.publicKey)
    }

    @Test mutating func followsAChangedKeyThatTheSigningKeyVouchesFor() throws {
        configuration.keySigner = signer.publicKey
        var client = try client(remembering: stranger.publicKey)
        let reply = try exchange(&client, with: controller, keySignature: .made(by: signer))
        // The token was for the old key, so the controller could not return it.
        #expect(try Envelope.inner(of: reply).contains { $0.key == "token" } == false)
        #expect(client.received(reply) == .establish(session, storing: controller.publicKey))
    }

    @Test("both sides must agree on whether the key is signed")
    mutating func keySignatures() throws {
        var client = try client(remembering: nil)
        var reply = try exchange(&client, with: controller, keySignature: .made(by: signer))
        #expect(client.received(reply) == .retry(after: .seconds(10), .keySignatureUnexpected))

        configuration.keySigner = signer.publicKey
        client = try self.client(remembering: nil)
        reply = try exchange(&client, with: controller)
        #expect(client.received(reply) == .retry(after: .seconds(10), .keySignatureMissing))
        reply = try exchange(&client, with: controller, keySignature: .made(by: stranger))
        #expect(client.received(reply) == .retry(after: .seconds(10), .keySignatureInvalid))
        reply = try exchange(&client, with: controller, keySignature: .stored("no base64!"))
        #expect(client.received(reply) == .retry(after: .seconds(10), .keySignatureInvalid))
        let made = try signer.sign(Array(controller.publicKey.pem.utf8), using: .pkcs1v15SHA1)
        reply = try exchange(&client, with: controller, keySignature: .stored(Base64.encode(made)))
        #expect(client.received(reply) == .establish(session, storing: controller.publicKey))
        // Known by now: an invalid signature matters only to those who always verify.
        reply = try exchange(&client, with: controller, keySignature: .made(by: stranger))
        #expect(client.received(reply) == .establish(session, storing: nil))
        configuration.alwaysVerifiesKeySignature = true
        client = try self.client(remembering: controller.publicKey)
        reply = try exchange(&client, with: controller, keySignature: .made(by: stranger))
        #expect(client.received(reply) == .retry(after: .seconds(10), .keySignatureInvalid))
    }

    @Test("checks the configured fingerprint before it stores anything")
    mutating func fingerprints() throws {
        let right = try controller.publicKey.fingerprint()
        for text in [right, right.uppercased(), try PEM.fingerprint(of: controller.publicKey.pem, scope: .wholeText)] {
            configuration.fingerprint = text
            var client = try client(remembering: nil)
            let reply = try exchange(&client, with: controller)
            #expect(client.received(reply) == .establish(session, storing: controller.publicKey))
        }
        configuration.fingerprint = try stranger.publicKey.fingerprint()
        var client = try client(remembering: nil)
        let reply = try exchange(&client, with: controller)
        let failure = SignInFailure.wrongFingerprint(
            configured: try stranger.publicKey.fingerprint(), received: right)
        #expect(client.received(reply) == .stop(failure))
        #expect(failure.exitStatus == 42)
        #expect(client.controllerKey == nil)
    }

    // MARK: Hostile replies

    @Test func refusesAForgedDenialOnceTheControllerIsKnown() throws {
        for standing in [KeyStanding(stored: nil), KeyStanding(stored: StoredKey(.rejected, pem: "x"))] {
            var client = try client(remembering: controller.publicKey)
            let reply = try exchange(&client, with: stranger, standing: standing)
            #expect(client.received(reply) == .retry(after: .seconds(10), .invalidSignature))
        }
    }

    @Test func refusesAnUnsignedDenial() throws {
        for value in [MessagePackValue.bool(false), .string("denied"), .null] {
            var client = try client(remembering: nil)
            _ = client.started(nonce: try .random())
            let reply = MessagePackValue.map([
                .init(.string("enc"), .string("clear")), .init(.string("load"), .map([.init(.string("ret"), value)])),
            ])
            #expect(client.received(reply.encoded(.raw)) == .retry(after: .seconds(10), .malformedReply))
        }
    }

    @Test func refusesTheReplyToAnEarlierRequest() throws {
        var client = try client(remembering: controller.publicKey)
        let earlier = try exchange(&client, with: controller)
        #expect(client.received(earlier) == .establish(session, storing: nil))
        #expect(client.received(earlier) == .ignore)
        _ = client.started(nonce: try .random())
        #expect(client.received(earlier) == .retry(after: .seconds(10), .wrongNonce))
        #expect(client.timedOut() == .ignore)
    }

    @Test func refusesAReplyForAnotherNode() throws {
        var client = try client(remembering: controller.publicKey)
        guard case .send(let request) = client.started(nonce: try .random()) else { return }
        var load = try SignInRequest(load: Envelope.load(of: request))
        load.publicKey = stranger.publicKey.pem
        let server = SignInServer(ControllerIdentity(key: controller, publishPort: 4505))
        let standing = KeyStanding(stored: StoredKey(.accepted, pem: stranger.publicKey.pem))
        guard case .grant(let grant) = server.decide(load, standing: { _ in standing }).answer else { return }
        let vouched = try VouchedPublishKey(publishKey, by: controller)
        let reply = try server.encode(grant, publishKey: vouched, sessionKey: sessionKey)
        #expect(client.received(reply) == .retry(after: .seconds(10), .unreadableKeys))
    }

    @Test func refusesAPublishKeyThatIsNotVouchedFor() throws {
        var client = try client(remembering: controller.publicKey)
        guard case .send(let request) = client.started(nonce: try .random()) else { return }
        let load = try SignInRequest(load: Envelope.load(of: request))
        let server = SignInServer(ControllerIdentity(key: controller, publishPort: 4505))
        let standing = KeyStanding(stored: StoredKey(.accepted, pem: node.publicKey.pem))
        guard case .grant(let grant) = server.decide(load, standing: { _ in standing }).answer else { return }
        let vouched = try VouchedPublishKey(publishKey, by: stranger)
        let reply = try server.encode(grant, publishKey: vouched, sessionKey: sessionKey)
        #expect(client.received(reply) == .retry(after: .seconds(10), .unprovenPublishKey))
    }

    @Test(
        "refuses a signed reply with a field missing or wrong",
        arguments: [
            ("aes", nil), ("session", nil), ("sig", nil), ("publish_port", nil), ("nonce", nil), ("token", nil),
            ("pub_key", nil), ("publish_port", MessagePackValue.int(0)), ("publish_port", .int(65_536)),
            ("publish_port", .int(-1)), ("publish_port", .string("4505")), ("aes", .int(1)), ("aes", .raw([])),
            ("session", .raw([0xff])), ("token", .raw([0xff])), ("sig", .raw([0xff])), ("pub_key", .string("")),
            ("nonce", .string("")), ("nonce", .int(5)), ("ret", .bool(true)), ("ret", .string("full")),
            ("ret", .map([])),
        ])
    func refusesFields(_ name: String, _ value: MessagePackValue?) throws {
        var client = try client(remembering: controller.publicKey)
        let reply = try exchange(&client, with: controller)
        guard case .signed(let load, _) = SignInReply(reply),
            case .map(var entries) = try MessagePackValue(decoding: load)
        else { return }
        entries.removeAll { $0.key == .string(name) }
        if let value { entries.append(.init(.string(name), value)) }
        let action = client.received(try sign(.map(entries)))
        switch action {
        case .retry: break
        case .stop(let failure): #expect(failure == .rejected && name == "ret")
        case .send, .establish, .ignore: Issue.record("\(name): \(action)")
        }
    }

    private func sign(_ load: MessagePackValue) throws -> [UInt8] {
        let bytes = load.encoded(.raw)
        return MessagePackValue.map([
            .init(.string("enc"), .string("clear")), .init(.string("load"), .raw(bytes)),
            .init(.string("sig"), .raw(try controller.sign(bytes, using: .pkcs1v15SHA1))),
        ]).encoded(.raw)
    }

    @Test func acceptsAKeyWithATrailingNewlineFromAnOlderMaster() throws {
        var client = try client(remembering: controller.publicKey)
        let reply = try exchange(&client, with: controller)
        guard case .signed(let load, _) = SignInReply(reply),
            case .map(var entries) = try MessagePackValue(decoding: load)
        else { return }
        for index in entries.indices where entries[index].key == .string("pub_key") {
            entries[index].value = .string(controller.publicKey.pem + "\n")
        }
        #expect(client.received(try sign(.map(entries))) == .establish(session, storing: nil))
    }

    @Test func understandsTheTokenOfAuthMode2() throws {
        let token = try KeyString.random()
        var client = SignInClient(configuration, controllerKey: controller.publicKey, token: token)
        let nonce = try Nonce.random()
        _ = client.started(nonce: nonce)
        let clear = publishKey.ascii + Array("_|-".utf8) + token.ascii
        let load = MessagePackValue.map([
            .init(.string("pub_key"), .string(controller.publicKey.pem)), .init(.string("publish_port"), .int(4505)),
            .init(.string("aes"), .raw(try node.publicKey.encrypt(clear, using: .oaepSHA1))),
            .init(.string("session"), .raw(try node.publicKey.encrypt(sessionKey.ascii, using: .oaepSHA1))),
            .init(.string("sig"), .raw(try controller.signRecoverably(VouchedPublishKey.digest(of: clear)))),
            .init(.string("nonce"), .string("\(nonce)")),
        ])
        #expect(client.received(try sign(load)) == .establish(session, storing: nil))
    }

    @Test(
        "answers texts and rubbish by asking again",
        arguments: ["a8626164206c6f6164", "c0", "", "80", "90", "ff", "c1"])
    func rubbish(_ hex: String) throws {
        var client = try client(remembering: controller.publicKey)
        _ = client.started(nonce: try .random())
        let expected: SignInFailure = hex.hasPrefix("a8") ? .refused("bad load") : .malformedReply
        #expect(client.received(try #require([UInt8](hex: hex))) == .retry(after: .seconds(10), expected))
    }

    @Test func refusesEveryTruncationAndMutation() throws {
        var client = try client(remembering: controller.publicKey)
        let reply = try exchange(&client, with: controller)
        let waiting = client
        for count in 0..<reply.count {
            var client = waiting
            guard case .retry = client.received(Array(reply[..<count])) else {
                Issue.record("accepted \(count) bytes")
                continue
            }
        }
        var random = SeededRandom(seed: 3)
        for _ in 0..<500 {
            let changed = random.mutate(reply)
            var client = waiting
            guard case .establish(let session, _) = client.received(changed) else { continue }
            // Only what is not signed may change: the outer keys that nobody reads.
            #expect(session == self.session)
            #expect(try Envelope.inner(of: changed) == Envelope.inner(of: reply))
        }
    }

    @Test func requestsSurviveMutation() throws {
        var client = try client(remembering: controller.publicKey)
        guard case .send(let request) = client.started(nonce: try .random()) else { return }
        let load = try Envelope.load(of: request)
        let server = SignInServer(ControllerIdentity(key: controller, publishPort: 4505))
        var random = SeededRandom(seed: 5)
        for _ in 0..<1000 {
            guard let changed = try? SignInRequest(load: random.mutate(load)) else { continue }
            let decision = server.decide(changed) { _ in
                KeyStanding(stored: StoredKey(.accepted, pem: node.publicKey.pem))
            }
            guard case .grant(let grant) = decision.answer else { continue }
            #expect(grant.key == node.publicKey)
        }
    }

    @Test(
        "a request without what it needs is malformed",
        arguments: ["id", "nonce", "pub"])
    func incompleteRequests(_ name: String) throws {
        var client = try client(remembering: nil)
        guard case .send(let request) = client.started(nonce: try .random()),
            case .map(var entries) = try MessagePackValue(decoding: Envelope.load(of: request))
        else { return }
        entries.removeAll { $0.key == .string(name) }
        let load = MessagePackValue.map(entries).encoded(.raw)
        #expect(throws: SignInFailure.malformedRequest) { try SignInRequest(load: load) }
    }

    @Test mutating func autosignGrainsTravelAsPythonPrintsThem() throws {
        configuration.autosignGrains = [
            .init(.string("serial"), .string("4711")), .init(.string("is_vm"), .bool(true)),
            .init(.string("cpus"), .int(4)), .init(.string("none"), .null), .init(.string("list"), .array([])),
        ]
        var client = try client(remembering: nil)
        guard case .send(let request) = client.started(nonce: try .random()) else { return }
        let load = try SignInRequest(load: Envelope.load(of: request))
        #expect(load.autosignGrains == ["serial": "4711", "is_vm": "True", "cpus": "4", "none": "None"])
    }
}
