import BusTransport
import MusterCore
import NIOCore
import NIOPosix
import SaltProtocol
import Testing

@testable import Controller

/// A node as far as the request port sees it, made of SaltProtocol's client side.
final class TestNode {
    /// What a request was answered with.
    enum Answer: Equatable {
        case value(Value)
        /// A text instead of a sealed reply.
        case refused(String)
    }

    let id: NodeID
    let key: PrivateKey
    private(set) var session: SignInSession?
    private let now: @Sendable () -> Timestamp
    let client: RequestClient
    private let token: [UInt8]
    private var signInClient: SignInClient

    convenience init(_ id: String, key: PrivateKey = Make.keys[0], at port: TestPort) throws {
        let clock = port.clock
        try self.init(id, key: key, at: port.endpoint) { clock.now }
    }

    init(_ id: String, key: PrivateKey, at endpoint: Endpoint, now: @escaping @Sendable () -> Timestamp) throws {
        self.id = Make.node(id)
        self.key = key
        self.now = now
        client = RequestClient(connectingTo: endpoint, on: MultiThreadedEventLoopGroup.singleton.next())
        token = try ProofToken.make(with: key)
        signInClient = SignInClient(
            .init(id: self.id, key: key), controllerKey: nil, token: try KeyString.random())
    }

    /// Sends bytes and gives the bytes that come back.
    func exchange(_ frame: [UInt8]) async throws -> [UInt8] {
        let reply = try await client.request(ByteBuffer(bytes: frame), timeout: .seconds(30))
        return Array(buffer: reply)
    }

    func signIn() async throws -> SignInClient.Action {
        guard case .send(let frame) = signInClient.started(nonce: try .random()) else { return .ignore }
        let action = signInClient.received(try await exchange(frame))
        if case .establish(let session, _) = action { self.session = session }
        return action
    }

    /// Whether a sign-in gets in, or why not.
    func signInFailure() async throws -> SignInFailure? {
        switch try await signIn() {
        case .establish: nil
        case .retry(_, let failure), .stop(let failure): failure
        case .send, .ignore: .noReply
        }
    }

    /// A sealed request with its nonce.
    func sealed(_ request: NodeRequest, at time: Timestamp? = nil, id outer: String? = nil) throws -> ([UInt8], Nonce) {
        let nonce = try Nonce.random()
        let load = request.encoded(nonce: nonce, now: time ?? now(), token: token)
        return (try envelope(load, id: outer), nonce)
    }

    /// Any load in an envelope, sealed with the session key.
    func envelope(_ load: [UInt8], id outer: String? = nil) throws -> [UInt8] {
        let session = try #require(session)
        return RequestEnvelope.sealed(load: try Container(session.sessionKey).seal(load), id: outer ?? id.text)
    }

    /// The fields that every load has.
    func common(_ command: String, nonce: Nonce) -> ValueMap {
        [
            "cmd": .string(command), "id": .string(id.text), "nonce": .string(nonce.description),
            "ts": .int(now().seconds), "tok": .bytes(token),
        ]
    }

    func open(_ reply: [UInt8], _ nonce: Nonce) throws -> Answer {
        switch try RequestReply(reply) {
        case .sealed(let range):
            let session = try #require(session)
            let value = try Container(session.sessionKey).open(Array(reply[range]), expecting: nonce)
            return .value(try Value(messagePack: value))
        case .refused(let text): return .refused(text)
        case .pillar: return .refused("a pillar")
        }
    }

    func ask(_ request: NodeRequest, at time: Timestamp? = nil) async throws -> Answer {
        let (frame, nonce) = try sealed(request, at: time)
        return try open(try await exchange(frame), nonce)
    }

    func ask(_ command: MinionCommand, _ fields: ValueMap = [:]) async throws -> Answer {
        try await ask(NodeRequest(command, from: id, fields: fields))
    }

    /// A return of `test.ping`.
    func returnRequest(_ job: String, value: Value = true, code: Int = 0) -> NodeRequest {
        NodeRequest(
            .returned, from: id,
            fields: [
                "success": .bool(code == 0), "return": value, "retcode": .int(Int64(code)), "jid": .string(job),
                "fun": "test.ping", "fun_args": [],
            ])
    }
}

extension TestNode {
    /// Goes on with a session from before.
    func resume(_ session: SignInSession) { self.session = session }

    /// The sealed load within a frame of ours.
    func load(of frame: [UInt8]) throws -> [UInt8]? {
        guard case .bytes(let load)? = try Value(messagePack: frame)["load"] else { return nil }
        return load
    }
}
