import BusTransport
package import Logging
import MessagePack
package import MusterCore
package import NIOCore
package import SaltProtocol

/// The request side of one master: signs in, seals requests, opens replies, and signs in again when the master asks for
/// it.
///
/// Owns the session. Signing in happens once for all who need it: those who come meanwhile wait for its outcome.
package actor MasterChannel {
    /// A session with its place in the sequence of sign-ins.
    package struct Established: Sendable {
        package let session: SignInSession
        package let generation: Int
    }

    private let master: NodeConfiguration.Master
    private let configuration: NodeConfiguration
    private let key: PrivateKey
    private let keyPath: String
    private let client: RequestClient
    private let logger: Logger
    private let token: [UInt8]
    private var signInClient: SignInClient
    private var session: SignInSession?
    private var container: Container?
    private var generation = 0
    private var isSigningIn = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private let (end, ended) = AsyncStream.makeStream(of: NodeError.self, bufferingPolicy: .bufferingOldest(1))

    package init(
        _ master: NodeConfiguration.Master, _ configuration: NodeConfiguration, keys: NodeKeys,
        on eventLoop: any EventLoop,
        logger: Logger
    ) throws {
        self.master = master
        self.configuration = configuration
        self.logger = logger
        key = keys.key
        keyPath = keys.masterKeyPath(master, among: configuration.masters.count)
        token = try ProofToken.make(with: keys.key)
        var options = RequestOptions()
        options.connection.keepAlive = KeepAlive(idleSeconds: 300)
        client = RequestClient(connectingTo: master.requestEndpoint, options: options, on: eventLoop)

        var signIn = SignInClient.Configuration(id: configuration.id, key: keys.key)
        signIn.encryption = configuration.signIn.encryption
        signIn.signature = configuration.signIn.signature
        signIn.fingerprint = configuration.signIn.masterFingerprint
        signIn.fingerprintAlgorithm = configuration.signIn.fingerprintDigest
        let autosignFacts = configuration.signIn.autosignFacts
        signIn.autosignGrains = autosignFacts.isEmpty ? nil : autosignFacts.map(MessagePackValue.Entry.init)
        signIn.retriesWhenRejected = configuration.signIn.retriesWhenRejected
        signIn.retryInterval = configuration.signIn.retryInterval
        signIn.longestRetry = configuration.signIn.longestRetry
        signIn.alwaysVerifiesKeySignature = configuration.signIn.alwaysVerifiesKeySignature
        if let path = configuration.signIn.keySignerPath {
            guard let signer = try NodeKeys.publicKey(path) else {
                throw NodeError.keyFile(path: path, reason: "it is missing: copy the master's master_sign.pub there")
            }
            signIn.keySigner = signer
        }
        signInClient = SignInClient(
            signIn, controllerKey: try NodeKeys.publicKey(keyPath), token: try KeyString.random())
    }

    // MARK: Signing in

    /// Whether requests can be made at once: there is a session, and nothing known against it.
    package var isReady: Bool { session != nil && !isSigningIn }

    /// The session, after signing in if there is none.
    package func established() async throws -> Established {
        if let session { return Established(session: session, generation: generation) }
        return try await signIn(after: generation)
    }

    /// Signs in, unless somebody has since the given generation. Waits while the key is pending.
    ///
    /// - Throws: `NodeError.stopped` when the master refuses the node for good or cannot be trusted.
    package func signIn(after old: Int) async throws -> Established {
        while isSigningIn { await withCheckedContinuation { waiting.append($0) } }
        if generation != old, let session { return Established(session: session, generation: generation) }
        isSigningIn = true
        defer {
            isSigningIn = false
            let all = waiting
            waiting = []
            for one in all { one.resume() }
        }
        var lastFailure: SignInFailure?
        var action = signInClient.started(nonce: try Nonce.random())
        while true {
            switch action {
            case .send(let request):
                action = try await answer(to: request)
            case .establish(let session, let newKey):
                return try establish(session, storing: newKey)
            case .retry(_, let failure) where failure.isFatal:
                throw stop(failure)
            case .retry(let wait, let failure):
                log(failure, isNew: failure != lastFailure, wait: wait)
                lastFailure = failure
                try await Task.sleep(for: wait)
                action = signInClient.started(nonce: try Nonce.random())
            case .stop(let failure):
                throw stop(failure)
            case .ignore:
                action = signInClient.started(nonce: try Nonce.random())
            }
        }
    }

    /// Waits until the master refuses the node for good, whoever signed in and learnt it, and throws that.
    package func untilStopped() async throws {
        for await error in end { throw error }
        throw CancellationError()
    }

    private func stop(_ failure: SignInFailure) -> NodeError {
        let error = NodeError.stopped(master: master.description, failure, keyFile: keyPath)
        ended.yield(error)
        return error
    }

    private func answer(to request: [UInt8]) async throws -> SignInClient.Action {
        do {
            let timeout = TimeAmount(configuration.signIn.timeout)
            let reply = try await client.request(ByteBuffer(bytes: request), timeout: timeout)
            return signInClient.received(reply.readableBytesSpan)
        } catch let error as BusError {
            logger.debug("sign-in without answer", metadata: ["error": "\(error)"])
            return signInClient.timedOut()
        }
    }

    private func establish(_ session: SignInSession, storing newKey: PublicKey?) throws -> Established {
        if let newKey { try NodeKeys.store(newKey, at: keyPath) }
        container = try Container(session.sessionKey)
        self.session = session
        generation += 1
        logger.info("signed in", metadata: ["sign_ins": "\(generation)"])
        return Established(session: session, generation: generation)
    }

    /// The same failure again and again is said once.
    private func log(_ failure: SignInFailure, isNew: Bool, wait: Duration) {
        let level: Logger.Level =
            !isNew ? .debug : failure.isSuspicious ? .error : failure == .pending ? .notice : .warning
        logger.log(
            level: level, "not signed in", metadata: ["reason": "\(failure)", "retry_seconds": "\(wait.inSeconds)"])
    }

    // MARK: Requests

    /// Sends a request and opens its reply. When the master no longer knows the session, signs in and repeats it once.
    package func request(_ request: NodeRequest, timeout: Duration? = nil) async throws -> Value {
        for isLast in [false, true] {
            let established = try await established()
            guard let container else { continue }
            let nonce = try Nonce.random()
            let reply = try await send(request, nonce: nonce, container, timeout: timeout)
            do {
                return try open(reply, nonce: nonce, container)
            } catch let error where !isLast {
                logger.debug("session refused, signing in again", metadata: ["reason": "\(error)"])
                _ = try await signIn(after: established.generation)
            }
        }
        throw NodeError.unexpectedReply(master: master.description, reason: "the session is refused although just made")
    }

    /// Asks for the pillar, whose reply is sealed in its own way.
    package func pillar(facts: ValueMap) async throws -> ValueMap {
        let request = PillarRequest(
            grains: facts, environment: configuration.environment, pillarEnvironment: configuration.pillarEnvironment
        ).request(from: configuration.id)
        for isLast in [false, true] {
            let established = try await established()
            guard let container else { continue }
            let nonce = try Nonce.random()
            let reply = try await send(request, nonce: nonce, container, timeout: nil)
            do {
                let encoded = try PillarReply.open(
                    Array(reply.readableBytesView), nonce: nonce, with: key, from: established.session.controllerKey,
                    encryption: configuration.signIn.encryption, signature: configuration.signIn.signature)
                return try Value(messagePack: encoded).map ?? [:]
            } catch let error where !isLast {
                logger.debug("pillar refused, signing in again", metadata: ["reason": "\(error)"])
                _ = try await signIn(after: established.generation)
            }
        }
        throw NodeError.unexpectedReply(master: master.description, reason: "it gives no pillar")
    }

    /// Fails what waits, and closes the connection.
    package func shutdown() async { await client.shutdown() }

    private func send(
        _ request: NodeRequest, nonce: Nonce, _ container: Container, timeout: Duration?
    ) async throws -> ByteBuffer {
        let load = request.encoded(nonce: nonce, now: .now, token: token)
        let frame = RequestEnvelope.sealed(
            load: try container.seal(load), id: configuration.id.text, encryption: configuration.signIn.encryption,
            signature: configuration.signIn.signature)
        return try await client.request(
            ByteBuffer(bytes: frame), timeout: TimeAmount(timeout ?? configuration.requestTimeout))
    }

    private func open(_ reply: ByteBuffer, nonce: Nonce, _ container: Container) throws -> Value {
        switch try RequestReply(reply.readableBytesSpan) {
        case .sealed(let range):
            let sealed = Array(reply.readableBytesView)[range]
            return try Value(messagePack: try container.open(Array(sealed), expecting: nonce))
        case .refused(let text):
            throw NodeError.unexpectedReply(master: master.description, reason: "it answers '\(text)'")
        case .pillar:
            throw NodeError.unexpectedReply(master: master.description, reason: "it answers with a pillar")
        }
    }
}

extension SignInFailure {
    /// What no waiting heals: somebody must look at the keys. Salt's node ends too.
    fileprivate var isFatal: Bool {
        switch self {
        case .controllerKeyChanged, .wrongFingerprint: true
        default: exitStatus != nil && self != .rejected
        }
    }
}

extension NodeConfiguration.Master: CustomStringConvertible {
    package var description: String { requestEndpoint.description }
}

extension MessagePackValue.Entry {
    /// A fact as it travels at sign-in: numbers and booleans as they are, everything else as Python prints it.
    fileprivate init(_ fact: ValueMap.Entry) {
        let value: MessagePackValue =
            switch fact.value {
            case .int(let number): .int(number)
            case .bool(let flag): .bool(flag)
            case .null, .uint, .double, .string, .bytes, .array, .map: .string(fact.value.pythonText)
            }
        self.init(.string(fact.key.pythonText), value)
    }
}
