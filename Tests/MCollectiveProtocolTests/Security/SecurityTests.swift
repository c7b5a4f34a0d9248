import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

/// What each provider notices, and what it cannot: the alterations of the security review.
struct SecurityTests {
    private static let files = CapturedMessage.files

    private func pair(_ file: String) throws -> (request: CapturedMessage, reply: CapturedMessage) {
        let messages = try CapturedMessage.load(file)
        return (
            try #require(messages.first { $0.sender == .client && $0.name == "rpc-get_fact" }),
            try #require(messages.first { $0.sender == .node && $0.name == "rpc-get_fact" })
        )
    }

    @Test("a request whose body or proof was touched is not opened", arguments: files)
    func alteredRequest(_ file: String) throws {
        let message = try pair(file).request
        let node = message.security.node
        let sealed = try SealedRequest(message.bytes, serializer: node.serializer)
        var altered = sealed
        altered.body.bytes[altered.body.bytes.count / 2] ^= 1
        #expect(throws: SecurityError.self) { try node.open(altered) }
        altered = sealed
        altered.proof = nil
        #expect(throws: SecurityError.missingProof) { try node.open(altered) }
        altered.proof =
            switch sealed.proof {
            case .hash(let hash): .hash(String(hash.reversed()))
            case .sealedSecret(let secret, _): .sealedSecret(String(secret.reversed()))
            case nil: nil
            }
        #expect(throws: SecurityError.self) { try node.open(altered) }
        altered.proof = .hash("")
        #expect(throws: SecurityError.self) { try node.open(altered) }
    }

    @Test("a reply whose body was touched is not opened", arguments: files)
    func alteredReply(_ file: String) throws {
        let message = try pair(file).reply
        let client = message.security.client
        var altered = try SealedReply(message.bytes, serializer: client.serializer)
        altered.body.bytes[altered.body.bytes.count / 2] ^= 1
        #expect(throws: SecurityError.self) { try client.open(altered) }
    }

    @Test("psk takes a digest in lower case alone, and of the right secret")
    func pskDigest() throws {
        let message = try pair("rabbitmq-psk").request
        var sealed = try SealedRequest(message.bytes, serializer: .marshal)
        #expect(throws: SecurityError.wrongProof) { try PSKSecurity(secret: "other").open(sealed) }
        guard case .hash(let hash)? = sealed.proof else { return #expect(Bool(false)) }
        sealed.proof = .hash(hash.uppercased())
        #expect(throws: SecurityError.wrongProof) { try message.security.node.open(sealed) }
    }

    @Test("psk does not notice another time, filter or caller: the rules must")
    func pskIsOpen() throws {
        let message = try pair("rabbitmq-psk").request
        var sealed = try SealedRequest(message.bytes, serializer: .marshal)
        sealed.time = Timestamp(seconds: 0)
        sealed.ttl = 1_000_000
        sealed.filter = Filter()
        sealed.callerID = try #require(CallerID("uid=99"))
        #expect(try message.security.node.open(sealed).callerID.description == "uid=99")
    }

    @Test("ssl and aes notice another time and another ttl", arguments: files.dropFirst(2))
    func timeIsCovered(_ file: String) throws {
        let message = try pair(file).request
        let node = message.security.node
        let sealed = try SealedRequest(message.bytes, serializer: node.serializer)
        var altered = sealed
        altered.ttl = 600
        #expect(throws: SecurityError.alteredTime) { try node.open(altered) }
        altered = sealed
        altered.time = sealed.time + .seconds(1)
        #expect(throws: SecurityError.alteredTime) { try node.open(altered) }
    }

    @Test("a caller without a key is named", arguments: files.dropFirst(2))
    func unknownCaller(_ file: String) throws {
        let message = try pair(file).request
        var sealed = try SealedRequest(message.bytes, serializer: message.security.node.serializer)
        let mallory = try #require(CallerID("cert=mallory"))
        sealed.callerID = mallory
        #expect(throws: SecurityError.unknownCaller(mallory)) { try message.security.node.open(sealed) }
    }

    @Test("a role without its key says which", arguments: [Serializer.marshal, .yaml])
    func missingKeys(_ serializer: Serializer) throws {
        let ssl = SSLSecurity(serializer: serializer, privateKey: nil)
        let request = try pair("rabbitmq-psk").request
        let opened = try request.security.node.open(SealedRequest(request.bytes, serializer: .marshal))
        var random: any RandomNumberGenerator = SeededRandom(seed: 1)
        #expect(throws: SecurityError.missingKey(.signing)) { try ssl.seal(opened, using: &random) }
        let reply = try SealedReply(try pair("rabbitmq-ssl").reply.bytes, serializer: .marshal)
        #expect(throws: SecurityError.missingKey(.verifyingReplies)) { try ssl.open(reply) }
        let aes = AESSecurity(serializer: serializer, privateKey: nil)
        #expect(throws: SecurityError.missingKey(.signing)) { try aes.seal(opened, using: &random) }
        #expect(throws: SecurityError.missingKey(.signing)) { try aes.open(reply) }
    }

    @Test("the public key goes with aes requests when it is to be learnt")
    func sentPublicKey() throws {
        let capture = try MCollectiveVector.file("messages-rabbitmq-aes")
        let key = try #require(capture["test_keys"]?["alice-private"]?.string)
        let aes = AESSecurity(privateKey: try SecurityPrivateKey(pem: key), sentPublicKey: "PEM")
        let message = try pair("rabbitmq-aes").request
        let request = try message.security.node.open(SealedRequest(message.bytes, serializer: .marshal))
        var random: any RandomNumberGenerator = SeededRandom(seed: 1)
        let bytes = try aes.seal(request, using: &random).bytes(.marshal)
        let sealed = try SealedRequest(bytes, serializer: .marshal)
        guard case .sealedSecret(_, publicKey: "PEM")? = sealed.proof else { return #expect(Bool(false)) }
        #expect(try message.security.node.open(sealed) == request)
    }

    @Test("keys of the wrong half or kind are refused, and none is ever shown")
    func keys() throws {
        let keys = try #require(try MCollectiveVector.file("messages-rabbitmq-ssl")["test_keys"]?.map)
        let secret = try #require(keys["server-private"]?.string)
        let open = try #require(keys["server-public"]?.string)
        #expect(throws: SecurityKeyError.notPrivateKey) { try SecurityPrivateKey(pem: open) }
        #expect(throws: SecurityKeyError.notPublicKey) { try SecurityPublicKey(pem: secret) }
        #expect(throws: SecurityKeyError.notPublicKey) { try SecurityPublicKey(pem: "") }
        #expect(throws: SecurityKeyError.encrypted) {
            try SecurityPrivateKey(pem: "-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
        }
        let key = try SecurityPrivateKey(pem: secret)
        #expect("\(key)" == "private key of 2048 bits")
        #expect(!String(reflecting: key).contains("0x") && Mirror(reflecting: key).children.isEmpty)
        #expect(!String(reflecting: PSKSecurity(secret: "hush")).contains("hush"))
    }

    @Test("mutated messages are refused or opened, by every provider", arguments: files)
    func mutations(_ file: String) throws {
        var random = SeededRandom(seed: 0x7365_6375)
        var opened = 0
        var refused = 0
        for message in try CapturedMessage.load(file).prefix(12) {
            let (client, node) = (message.security.client, message.security.node)
            for _ in 0..<100 {
                let bytes = random.mutate(message.bytes)
                do {
                    if message.sender == .client {
                        _ = try node.open(SealedRequest(bytes, serializer: node.serializer))
                    } else {
                        _ = try client.open(SealedReply(bytes, serializer: client.serializer))
                    }
                    opened += 1
                } catch {
                    #expect(!"\(error)".isEmpty)
                    refused += 1
                }
            }
        }
        #expect(refused > opened)
    }
}
