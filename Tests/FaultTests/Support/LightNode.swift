import BusTransport
import MusterCore
import NIOCore
import NIOPosix
import SaltProtocol

/// A signed-in node as far as the request port sees it: asks and answers, subscribes to nothing.
struct LightNode: Sendable {
    /// What was wrong with a reply.
    struct Refused: Error { let what: String }

    let id: NodeID
    private let client: RequestClient
    private let token: [UInt8]
    private let sessionKey: KeyString

    /// One pair for all: what is under test does not depend on whose key it is.
    static let key: PrivateKey = {
        do { return try PrivateKey.generate(bits: 2048) } catch { preconditionFailure("no key: \(error)") }
    }()
    private static let token: [UInt8] = {
        do { return try ProofToken.make(with: key) } catch { preconditionFailure("no token: \(error)") }
    }()

    /// Signs a node in; asks again, as nodes do, while it is not answered.
    static func signIn(_ name: String, at endpoint: Endpoint, within limit: Duration = .seconds(60)) async throws
        -> LightNode
    {
        guard let id = NodeID(name) else { throw Refused(what: "'\(name)' is no id") }
        let client = RequestClient(connectingTo: endpoint, on: MultiThreadedEventLoopGroup.singleton.next())
        let end = ContinuousClock.now + limit
        while true {
            do {
                return try await signIn(id, client)
            } catch is BusError where ContinuousClock.now < end {
                // Refused, displaced or not answered: the next try is a connection of its own.
            } catch {
                await client.shutdown()
                throw error
            }
        }
    }

    private static func signIn(_ id: NodeID, _ client: RequestClient) async throws -> LightNode {
        var machine = SignInClient(.init(id: id, key: key), controllerKey: nil, token: try KeyString.random())
        guard case .send(let frame) = machine.started(nonce: try .random()) else {
            throw Refused(what: "nothing to send")
        }
        let reply = try await client.request(ByteBuffer(bytes: frame), timeout: .seconds(10))
        guard case .establish(let session, _) = machine.received(Array(buffer: reply)) else {
            throw Refused(what: "not let in: \(id)")
        }
        return LightNode(id: id, client: client, token: token, sessionKey: session.sessionKey)
    }

    /// Signs many nodes in, some at a time.
    static func signIn(_ names: [String], at endpoint: Endpoint) async throws -> [LightNode] {
        // The key and the token are made once, and not by the first of many threads that want them.
        _ = (key, token)
        return try await withThrowingTaskGroup(of: LightNode.self) { group in
            var nodes: [LightNode] = []
            for (number, name) in names.enumerated() {
                if number >= 64, let node = try await group.next() { nodes.append(node) }
                group.addTask { try await signIn(name, at: endpoint) }
            }
            for try await node in group { nodes.append(node) }
            return nodes.sorted { $0.id < $1.id }
        }
    }

    /// Sends a request, and gives what the controller answered under the session.
    func ask(_ request: NodeRequest, within limit: TimeAmount = .seconds(30)) async throws -> Value {
        let nonce = try Nonce.random()
        let container = try Container(sessionKey)
        let load = try container.seal(request.encoded(nonce: nonce, now: .now, token: token))
        let frame = RequestEnvelope.sealed(load: load, id: id.text)
        let reply = Array(buffer: try await client.request(ByteBuffer(bytes: frame), timeout: limit))
        guard case .sealed(let range) = try RequestReply(reply) else { throw Refused(what: "no sealed reply") }
        return try Value(messagePack: container.open(Array(reply[range]), expecting: nonce))
    }

    /// Something that every controller answers at once, without its store.
    func ping() async throws {
        let answer = try await ask(NodeRequest(.mineGet, from: id))
        guard answer == .map([:]) else { throw Refused(what: "\(answer)") }
    }

    /// Returns an answer to a job; it is stored when this comes back.
    func answer(_ job: JobID, _ value: Value = true, within limit: TimeAmount = .seconds(30)) async throws {
        let fields: ValueMap = [
            "success": true, "return": value, "retcode": 0, "jid": .string(job.text), "fun": "test.ping",
            "fun_args": [],
        ]
        let answer = try await ask(NodeRequest(.returned, from: id, fields: fields), within: limit)
        guard answer == .null else { throw Refused(what: "\(answer)") }
    }

    /// Answers again and again until it is acknowledged, as nodes do.
    func answerUntilAcknowledged(_ job: JobID, _ value: Value = true, tries: Int = 60) async throws {
        for _ in 1..<tries {
            do { return try await answer(job, value, within: .seconds(2)) } catch is BusError { continue }
        }
        try await answer(job, value)
    }

    func leave() async { await client.shutdown() }
}
