import BusTransport
import MusterCore
import NIOCore
import NIOPosix
import SaltProtocol
import Synchronization

/// A master of many nodes on loopback, made of the controller's halves of the protocol. Keeps no files, accepts every key.
final class FleetMaster: Sendable {
    private struct State {
        var publishKey: PublishKey
        var sessions: [String: KeyString] = [:]
        var keys: [String: PublicKey] = [:]
        var signIns: [String: Int] = [:]
        var withToken = 0
        var requests: [String: [ValueMap]] = [:]
        var mutedReturns = 0
        var standing = KeyStanding(stored: nil, autosign: .everyKey)
    }

    let key: PrivateKey
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let state: Mutex<State>
    private let router: RouterServer
    private let publisher: PublisherServer
    private let handler = Handler()
    private let publishPort = Mutex(0)

    init(key: PrivateKey) throws {
        self.key = key
        state = Mutex(State(publishKey: try .random(by: key, at: Timestamp(seconds: 0))))
        router = RouterServer(group: group, delegate: handler)
        publisher = PublisherServer(group: group)
    }

    /// Binds both ports; the request port is the answer.
    func start() async throws -> Int {
        handler.master.withLock { $0 = self }
        let published = try await publisher.bind(to: [Endpoint(host: "127.0.0.1", port: 0)])
        publishPort.withLock { $0 = published[0].port ?? 0 }
        return try await router.bind(to: [Endpoint(host: "127.0.0.1", port: 0)])[0].port ?? 0
    }

    func stop() async throws {
        handler.master.withLock { $0 = nil }
        await router.shutdown(within: .zero)
        await publisher.shutdown(within: .zero)
        try await group.shutdownGracefully()
    }

    /// Sign-ins of each node so far.
    var signIns: [String: Int] { state.withLock(\.signIns) }

    /// Sign-ins that proved to know the master.
    var signInsWithToken: Int { state.withLock(\.withToken) }

    func setStanding(_ standing: KeyStanding) { state.withLock { $0.standing = standing } }

    /// Forgets the sessions of all nodes, as a restarted master may.
    func forgetSessions() { state.withLock { $0.sessions = [:] } }

    /// Gives no answer to so many returns, and does not take them.
    func ignoreReturns(_ count: Int) { state.withLock { $0.mutedReturns = count } }

    func rotate() throws {
        let publishKey = try PublishKey.random(by: key, at: Timestamp(seconds: 0))
        state.withLock { $0.publishKey = publishKey }
    }

    /// The frame of a job.
    func frame(_ number: Int, _ function: String, _ target: String = "*", signedBy signer: PrivateKey? = nil) throws
        -> ByteBuffer
    {
        let fields: ValueMap = [
            "fun": .string(function), "arg": [], "tgt": .string(target), "tgt_type": "glob", "ret": "", "user": "root",
            "jid": .string("20261121065700" + number.digits(6)),
        ]
        let sealed = try state.withLock { state in
            var fields = fields
            fields["serial"] = .int(state.publishKey.takeSerial())
            return try Container(state.publishKey.key).seal(Value.map(fields).messagePack())
        }
        let algorithm = SignatureAlgorithm.saltDefault
        return ByteBuffer(
            bytes: PublishEnvelope.encoded(
                load: sealed, signature: try (signer ?? key).sign(sealed, using: algorithm), algorithm: algorithm))
    }

    func publish(_ frame: ByteBuffer) { publisher.publish([frame]) }

    /// Waits until so many requests of a command have come, and gives all of them.
    func requests(_ command: String, count: Int) async throws -> [ValueMap] {
        while true {
            let found = state.withLock { $0.requests[command] ?? [] }
            if found.count >= count { return found }
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    // MARK: Requests

    fileprivate func answer(_ payload: ByteBuffer) throws -> [UInt8]? {
        let bytes = Array(payload.readableBytesView)
        let envelope = try RequestEnvelope(bytes.span.bytes)
        let load = Array(bytes[envelope.load])
        switch envelope.protection {
        case .clear: return try signIn(load)
        case .sealed: return try serve(load, id: envelope.id.map { String(decoding: bytes[$0], as: UTF8.self) } ?? "")
        }
    }

    private func signIn(_ load: [UInt8]) throws -> [UInt8] {
        let request = try SignInRequest(load: load)
        let server = SignInServer(ControllerIdentity(key: key, publishPort: UInt16(publishPort.withLock { $0 })))
        let fresh = try KeyString.random()
        let (standing, publishKey, sessionKey) = state.withLock { state in
            state.signIns[request.id, default: 0] += 1
            if request.token != nil { state.withToken += 1 }
            let session = state.sessions[request.id] ?? fresh
            state.sessions[request.id] = session
            return (state.standing, state.publishKey, session)
        }
        switch server.decide(request, standing: { _ in standing }).answer {
        case .grant(let grant):
            state.withLock { $0.keys[request.id] = grant.key }
            return try server.encode(grant, publishKey: publishKey.vouched, sessionKey: sessionKey)
        case .refuse(let refusal): return try server.encode(refusal)
        }
    }

    private func serve(_ sealed: [UInt8], id: String) throws -> [UInt8]? {
        let (session, nodeKey) = state.withLock { ($0.sessions[id], $0.keys[id]) }
        guard let session, let nodeKey, case let container = try Container(session),
            let opened = try? container.open(sealed), let map = try Value(messagePack: opened).map,
            let nonce = map["nonce"]?.string.flatMap({ Nonce($0) }), let command = map["cmd"]?.string
        else { return Value.string("bad load").messagePack() }
        let isIgnored = state.withLock { state in
            if command == "_return", state.mutedReturns > 0 {
                state.mutedReturns -= 1
                return true
            }
            state.requests[command, default: []].append(map)
            return false
        }
        if isIgnored { return nil }
        if command == "_pillar" {
            return try PillarReply.encoded(
                Value.map(["role": "web"]).messagePack(), for: nodeKey, nonce: nonce, by: key, encryption: .saltDefault,
                signature: .saltDefault)
        }
        var reply = ByteBuffer()
        let null = RequestReply.Plain.null
        try RequestReply.write(null.span.bytes, nonce: nonce, sealedBy: container, into: &reply)
        return Array(reply.readableBytesView)
    }
}

/// Works on the one loop of the master, which it does not keep alive.
private final class Handler: RouterServerDelegate {
    let master = Mutex<FleetMaster?>(nil)

    func requestReceived(_ payload: ByteBuffer, from connection: RouterConnection) {
        // A node that sends what cannot be read gets no answer, and the test's wait shows it.
        guard let answer = try? master.withLock({ $0 })?.answer(payload) else { return }
        connection.reply(ByteBuffer(bytes: answer))
    }
}
