import BusTransport
import MusterCore
import MusterTestSupport
import NIOCore
import NIOPosix
import SaltProtocol

/// A node made of the protocol's client side: signs in, asks, and expects to be answered.
final class HonestNode {
    let id: NodeID
    private let client: RequestClient
    private let token: [UInt8]
    private var signIn: SignInClient
    private(set) var session: SignInSession?

    init(_ id: String, port: Int) throws {
        guard let id = NodeID(id) else { throw SiteError("'\(id)' is no id") }
        self.id = id
        let key = try PrivateKey.generate(bits: 1024)
        client = RequestClient(
            connectingTo: Endpoint(host: "127.0.0.1", port: port), on: MultiThreadedEventLoopGroup.singleton.next())
        token = try ProofToken.make(with: key)
        signIn = SignInClient(.init(id: id, key: key), controllerKey: nil, token: try .random())
    }

    /// Gets in, or says why not.
    func join() async throws {
        guard case .send(let frame) = signIn.started(nonce: try .random()) else { return }
        let reply = try await client.request(ByteBuffer(bytes: frame), timeout: .seconds(60))
        let action = signIn.received(Array(buffer: reply))
        guard case .establish(let session, _) = action else { throw SiteError("not signed in: \(action)") }
        self.session = session
    }

    /// A sealed request, and what stands in it.
    func request(_ request: NodeRequest) throws -> (frame: [UInt8], load: [UInt8], nonce: Nonce) {
        guard let session else { throw SiteError("\(id) is not signed in") }
        let nonce = try Nonce.random()
        let load = request.encoded(nonce: nonce, now: .now, token: token)
        return (try seal(load, session), load, nonce)
    }

    /// Any load under the session of the node.
    func seal(_ load: [UInt8]) throws -> [UInt8] {
        guard let session else { throw SiteError("\(id) is not signed in") }
        return try seal(load, session)
    }

    private func seal(_ load: [UInt8], _ session: SignInSession) throws -> [UInt8] {
        RequestEnvelope.sealed(load: try Container(session.sessionKey).seal(load), id: id.text)
    }

    /// Asks, and gives the opened answer.
    func ask(_ request: NodeRequest) async throws -> Value {
        let (frame, _, nonce) = try self.request(request)
        let reply = Array(buffer: try await client.request(ByteBuffer(bytes: frame), timeout: .seconds(60)))
        guard let session, case .sealed(let range) = try RequestReply(reply) else {
            throw SiteError("\(id) is answered with \(try RequestReply(reply))")
        }
        return try Value(messagePack: Container(session.sessionKey).open(Array(reply[range]), expecting: nonce))
    }

    func leave() async { await client.shutdown() }
}
