import BusTransport
import MessagePack
import MusterCore
import NIOCore
import NIOPosix
import SaltProtocol
import Synchronization

/// A master of one node on loopback, made of the controller's halves of the protocol. Keeps no files.
final class TestMaster: Sendable {
    /// What the node asked for, as the master opened it.
    struct Request: Sendable {
        var command: String
        var fields: ValueMap
    }

    private struct State {
        var publishKey: PublishKey
        var sessionKey: KeyString
        var nodeKey: PublicKey?
        var standing = KeyStanding(stored: nil, autosign: .everyKey)
        var isMute = false
        var tampering: (@Sendable ([UInt8]) throws -> [UInt8])?
        var refused: Set<String> = []
        var signIns = 0
    }

    let key: PrivateKey
    let group: MultiThreadedEventLoopGroup
    private let received = Mutex<[Request]>([])
    private let state: Mutex<State>
    private let router: RouterServer
    private let publisher: PublisherServer
    private let requestHandler: Handler
    private let ports: Mutex<(request: Int, publish: Int)> = Mutex((0, 0))

    init(key: PrivateKey) throws {
        self.key = key
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        state = Mutex(
            State(publishKey: try .random(by: key, at: Timestamp(seconds: 0)), sessionKey: try .random()))
        requestHandler = Handler()
        router = RouterServer(group: group, delegate: requestHandler)
        publisher = PublisherServer(group: group)
    }

    /// Binds both ports; the request port is the answer.
    func start() async throws -> Int {
        requestHandler.master.withLock { $0 = self }
        let published = try await publisher.bind(to: [Endpoint(host: "127.0.0.1", port: 0)])
        let requested = try await router.bind(to: [Endpoint(host: "127.0.0.1", port: 0)])
        let both = (request: requested[0].port ?? 0, publish: published[0].port ?? 0)
        ports.withLock { $0 = both }
        return both.request
    }

    func stop() async throws {
        requestHandler.master.withLock { $0 = nil }
        await router.shutdown(within: .zero)
        await publisher.shutdown(within: .zero)
        try await group.shutdownGracefully()
    }

    /// From now on nothing is answered, or everything again.
    func setMute(_ isMute: Bool) { state.withLock { $0.isMute = isMute } }

    /// Returns of this job are answered as failed commands from now on.
    func refuseReturns(of job: String) { state.withLock { _ = $0.refused.insert(job) } }

    func setStanding(_ standing: KeyStanding) { state.withLock { $0.standing = standing } }

    /// Makes new keys, as a restarted master does.
    func rotate() throws {
        let publishKey = try PublishKey.random(by: key, at: Timestamp(seconds: 0))
        let sessionKey = try KeyString.random()
        state.withLock { state in (state.publishKey, state.sessionKey) = (publishKey, sessionKey) }
    }

    var signIns: Int { state.withLock(\.signIns) }

    /// The next reply to a sign-in is changed on its way.
    func tamper(_ change: @escaping @Sendable ([UInt8]) throws -> [UInt8]) { state.withLock { $0.tampering = change } }

    /// The frame of a job.
    ///
    /// - Parameters:
    ///   - serial: what stands in the place of the next serial.
    ///   - change: changes what is outside.
    func frame(
        _ fields: ValueMap, signedBy signer: PrivateKey? = nil, serial: Value? = nil,
        change: (inout ValueMap) -> Void = { _ in }
    ) throws -> [UInt8] {
        let next = state.withLock { $0.publishKey.takeSerial() }
        var fields = fields
        fields["serial"] = serial ?? .int(next)
        let frame = try frame(load: Value.map(fields).messagePack(), signedBy: signer)
        var outer = try Value(messagePack: frame).map ?? [:]
        change(&outer)
        return Value.map(outer).messagePack()
    }

    /// A sealed and signed frame of any load.
    func frame(load: [UInt8], signedBy signer: PrivateKey? = nil) throws -> [UInt8] {
        let sealed = try Container(state.withLock { $0.publishKey.key }).seal(load)
        let algorithm = SignatureAlgorithm.saltDefault
        return PublishEnvelope.encoded(
            load: sealed, signature: try (signer ?? key).sign(sealed, using: algorithm), algorithm: algorithm)
    }

    func publish(_ frame: [UInt8]) { publisher.publish([ByteBuffer(bytes: frame)]) }

    /// Waits for the next request of a command, passing others over.
    func next(_ command: String) async throws -> ValueMap {
        while true {
            let request: Request? = received.withLock { requests in
                guard let index = requests.firstIndex(where: { $0.command == command }) else { return nil }
                defer { requests.removeFirst(index + 1) }
                return requests[index]
            }
            if let request { return request.fields }
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    // MARK: Requests

    fileprivate func answer(_ payload: ByteBuffer) throws -> [UInt8]? {
        let bytes = Array(payload.readableBytesView)
        let envelope = try RequestEnvelope(bytes.span.bytes)
        guard !state.withLock(\.isMute) else { return nil }
        switch envelope.protection {
        case .clear: return try signIn(Array(bytes[envelope.load]))
        case .sealed: return try serve(Array(bytes[envelope.load]))
        }
    }

    private func signIn(_ load: [UInt8]) throws -> [UInt8] {
        let request = try SignInRequest(load: load)
        let port = UInt16(ports.withLock(\.publish))
        let server = SignInServer(ControllerIdentity(key: key, publishPort: port))
        let (standing, publishKey, sessionKey) = state.withLock { state in
            state.signIns += 1
            return (state.standing, state.publishKey, state.sessionKey)
        }
        switch server.decide(request, standing: { _ in standing }).answer {
        case .grant(let grant):
            state.withLock { $0.nodeKey = grant.key }
            let tampering = state.withLock { state in
                defer { state.tampering = nil }
                return state.tampering
            }
            let reply = try server.encode(grant, publishKey: publishKey.vouched, sessionKey: sessionKey)
            return try tampering?(reply) ?? reply
        case .refuse(let refusal): return try server.encode(refusal)
        }
    }

    private func serve(_ sealed: [UInt8]) throws -> [UInt8] {
        let (sessionKey, nodeKey) = state.withLock { ($0.sessionKey, $0.nodeKey) }
        let container = try Container(sessionKey)
        guard let opened = try? container.open(sealed), let map = try Value(messagePack: opened).map,
            let nonce = map["nonce"]?.string.flatMap({ Nonce($0) }), let nodeKey
        else { return Value.string("bad load").messagePack() }
        let command = map["cmd"]?.string ?? ""
        received.withLock { $0.append(Request(command: command, fields: map)) }
        if command == "_pillar" {
            return try PillarReply.encoded(
                Value.map(["role": "web"]).messagePack(), for: nodeKey, nonce: nonce, by: key, encryption: .saltDefault,
                signature: .saltDefault)
        }
        var reply = ByteBuffer()
        let isRefused = command == "_return" && state.withLock { $0.refused.contains(map["jid"]?.string ?? "") }
        let plain = isRefused && map["return"] == "poison" ? RequestReply.Plain.emptyText : RequestReply.Plain.null
        try RequestReply.write(plain.span.bytes, nonce: nonce, sealedBy: container, into: &reply)
        return Array(reply.readableBytesView)
    }
}

/// Works on the one loop of the master, which it does not keep alive.
private final class Handler: RouterServerDelegate {
    let master = Mutex<TestMaster?>(nil)

    func requestReceived(_ payload: ByteBuffer, from connection: RouterConnection) {
        // A node that sends what cannot be read gets no answer, and the test's wait shows it.
        guard let answer = try? master.withLock({ $0 })?.answer(payload) else { return }
        connection.reply(ByteBuffer(bytes: answer))
    }
}
