import MusterCore
import NIOCore
import SaltProtocol

/// The sign-ins of a process's nodes: RSA work on threads of its own, everything else on the loop.
///
/// All nodes of a process are one operator's, so they remember one controller key: that of the first reply believed.
///
/// Owner: the fleet's event loop.
final class SignInDesk {
    /// The controller's key as the first node learnt it.
    private(set) var controllerKey: PublicKey?
    private let token: KeyString
    private let isBlind: Bool
    private var sealedToken: [UInt8]?
    private let workers: Workers

    init(_ workers: Workers, isBlind: Bool, token: KeyString) {
        self.workers = workers
        self.isBlind = isBlind
        self.token = token
    }

    /// An attempt of a node between its request and the reply.
    enum Attempt {
        case verified(SignInClient)
        /// Nothing of the reply will be believed.
        case blind
    }

    /// Makes a request; `then` is called later with the attempt and its bytes, or with what went wrong.
    func begin(
        _ node: NodeID, _ pair: KeyPair, then: @escaping (Attempt, SignInClient.Action) -> Void
    ) {
        if isBlind, let controllerKey, let request = blindRequest(node, pair, controllerKey) {
            return then(.blind, .send(request))
        }
        let client = SignInClient(
            SignInClient.Configuration(id: node, key: pair.key), controllerKey: controllerKey, token: token)
        workers.run {
            var client = client
            do throws(CryptographyError) {
                let action = client.started(nonce: try .random())
                return (client, action)
            } catch {
                return (client, SignInClient.Action.retry(after: .seconds(1), .library(error)))
            }
        } then: { client, action in
            then(.verified(client), action)
        }
    }

    /// Judges the reply; `then` is called at once or later. A session is nil when nothing of the reply was verified.
    func judge(
        _ reply: ByteBuffer, to attempt: Attempt, then: @escaping (Result<SignInSession?, SignInFailure>) -> Void
    ) {
        switch attempt {
        case .blind:
            switch SignInGlance(reply.readableBytesSpan) {
            case .granted: then(.success(nil))
            case .refused: then(.failure(.rejected))
            case .unreadable: then(.failure(.malformedReply))
            }
        case .verified(let client):
            workers.run {
                var client = client
                return client.received(reply.readableBytesSpan)
            } then: { action in
                then(self.result(of: action))
            }
        }
    }

    private func result(of action: SignInClient.Action) -> Result<SignInSession?, SignInFailure> {
        switch action {
        case .establish(let session, _):
            // Of several first contacts at once the first decides.
            let known = controllerKey ?? session.controllerKey
            guard known == session.controllerKey else {
                return .failure(.controllerKeyChanged(remembered: "\(known)", received: "\(session.controllerKey)"))
            }
            controllerKey = known
            return .success(session)
        case .retry(_, let failure), .stop(let failure): return .failure(failure)
        case .send, .ignore: return .failure(.malformedReply)
        }
    }

    /// A request whose token is sealed once for all, or nil when the library fails.
    private func blindRequest(_ node: NodeID, _ pair: KeyPair, _ controllerKey: PublicKey) -> [UInt8]? {
        if sealedToken == nil { sealedToken = try? controllerKey.encrypt(token.ascii, using: .saltDefault) }
        guard let sealedToken, let nonce = try? Nonce.random() else { return nil }
        return SignInRequest(id: node.text, nonce: nonce, token: sealedToken, publicKey: pair.key.publicKey).encoded()
    }
}
