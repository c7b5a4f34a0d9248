import BusTransport
import MusterCore
import NIOCore
import SaltProtocol

/// Whose link it is; called on its loop.
protocol NodeLinkOwner: AnyObject {
    /// What goes with the request for the pillar.
    var facts: ValueMap { get }
    /// The node is signed in, for the first time or again.
    func established(_ session: SignInSession)
    func received(pillar: ValueMap)
    /// The controller has heard that the node is there.
    func announced()
}

/// The requests of one simulated node: signs in, sends what the node has to tell, repeats what is not acknowledged.
///
///     new --signIn--> queued --turn--> preparing --> asking --reply--> judging --grant--> signedIn
///                       ^                               |                 |                   |
///                       +----- pausing <--- no reply ---+--- pending -----+--> refused        |
///                       +-------------- session refused, publish sealed with another key -----+
///
/// One request is under way at a time, through the lane. An errand stays in the outbox until it is acknowledged.
///
/// Owner: the fleet's event loop.
final class NodeLink {
    private enum Phase {
        case new, queued, preparing
        case asking(SignInDesk.Attempt, request: [UInt8])
        case judging, pausing, signedIn, refused, stopped
    }

    /// What the lane has sent.
    private enum Sent {
        case signIn
        case errand(Nonce)
    }

    let id: NodeID
    private let keys: KeyPair
    private unowned let fleet: Fleet
    private let lane: RequestLane
    weak var owner: (any NodeLinkOwner)?

    private var phase = Phase.new
    private var container: Container?
    private var controllerKey: PublicKey?
    private var hasSignedIn = false
    private var isPending = false
    /// Sessions that the controller has refused since it last took something.
    private var refusals = 0

    private var outbox = Outbox()
    private var sent: Sent?
    /// An errand waits in the lane, or for its reply, or for a pause to end.
    private var isUnderWay = false

    init(_ id: NodeID, _ keys: KeyPair, lane: RequestLane, fleet: Fleet) {
        self.id = id
        self.keys = keys
        self.lane = lane
        self.fleet = fleet
    }

    /// Tells the controller something, as soon as can be.
    func add(_ errand: Errand) {
        if !outbox.add(errand) { fleet.count { $0.dropped += 1 } }
        sendNext()
    }

    /// Asks and tells nothing more.
    func stop() { phase = .stopped }

    // MARK: Signing in

    /// Gets in line to sign in, unless that is under way.
    func signIn() {
        switch phase {
        case .new, .signedIn: getInLine()
        case .queued, .preparing, .asking, .judging, .pausing, .refused, .stopped: break
        }
    }

    private func getInLine() {
        phase = .queued
        fleet.gate.enter(self)
    }

    /// It is this node's turn; the gate hears when it is done.
    func beginSignIn() {
        guard case .queued = phase else { return fleet.gate.leave() }
        phase = .preparing
        fleet.signIns.begin(id, keys) { attempt, action in
            guard case .preparing = self.phase else { return }
            switch action {
            case .send(let request):
                self.phase = .asking(attempt, request: request)
                self.lane.enter(self)
            case .retry(_, let failure), .stop(let failure): self.signInEnded(.failure(failure))
            case .establish, .ignore: self.signInEnded(.failure(.malformedReply))
            }
        }
    }

    private func judge(_ reply: ByteBuffer, to attempt: SignInDesk.Attempt) {
        phase = .judging
        fleet.signIns.judge(reply, to: attempt) { result in
            guard case .judging = self.phase else { return }
            self.fleet.gate.open()
            self.signInEnded(result)
        }
    }

    private func signInEnded(_ result: Result<SignInSession?, SignInFailure>) {
        fleet.gate.leave()
        switch result {
        case .success(let session):
            setPending(false)
            use(session)
        case .failure(let failure):
            fleet.note(failure)
            setPending(failure == .pending)
            if failure.isFinal {
                phase = .refused
                fleet.count { $0.refused += 1 }
            } else {
                signIn(after: failure == .pending ? fleet.pace.pending : fleet.pace.signIn)
            }
        }
    }

    private func use(_ session: SignInSession?) {
        do throws(CryptographyError) {
            if let session { container = try fleet.container(for: session.sessionKey) }
        } catch {
            fleet.note(.library(error))
            return signIn(after: fleet.pace.signIn)
        }
        controllerKey = session?.controllerKey
        phase = .signedIn
        fleet.count {
            $0.signIns += 1
            if !self.hasSignedIn { $0.signedIn += 1 }
        }
        hasSignedIn = true
        if let session { owner?.established(session) }
        sendNext()
    }

    private func signIn(after pause: Pace.Span) {
        phase = .pausing
        fleet.after(fleet.random(in: pause)) { [weak self] in
            if let self, case .pausing = self.phase { self.getInLine() }
        }
    }

    private func setPending(_ isPending: Bool) {
        guard isPending != self.isPending else { return }
        self.isPending = isPending
        fleet.count { $0.pending += isPending ? 1 : -1 }
    }

    // MARK: Requests

    /// What is to be sent, now that it is this node's turn in its lane; nil when that is nothing any more.
    func nextRequest() -> LaneRequest? {
        switch phase {
        case .asking(_, let request):
            sent = .signIn
            return LaneRequest(payload: ByteBuffer(bytes: request), timeout: fleet.random(in: fleet.pace.signInReply))
        case .signedIn:
            if let request = errandRequest() { return request }
        case .new, .queued, .preparing, .judging, .pausing, .refused, .stopped: break
        }
        isUnderWay = false
        return nil
    }

    /// The reply to what was sent.
    func replied(_ reply: ByteBuffer) {
        let sent = sent
        self.sent = nil
        switch (sent, phase) {
        case (.signIn, .asking(let attempt, _)): judge(reply, to: attempt)
        case (.errand(let nonce), _): errandReplied(reply, nonce)
        case (.signIn, _), (nil, _): break
        }
    }

    /// The lane could not get a reply, or could not send.
    func requestFailed(_ reason: String) {
        sent = nil
        fleet.noteFailure(reason)
        if case .asking = phase {
            fleet.gate.leaveWithoutReply()
            signIn(after: fleet.pace.signIn)
        }
        guard isUnderWay else { return }
        fleet.after(fleet.random(in: fleet.pace.request)) { [weak self] in
            self?.isUnderWay = false
            self?.sendNext()
        }
    }

    private func sendNext() {
        guard case .signedIn = phase, !isUnderWay, !outbox.isEmpty else { return }
        isUnderWay = true
        lane.enter(self)
    }

    private func errandRequest() -> LaneRequest? {
        guard let container, let errand = outbox.first else { return nil }
        do throws(CryptographyError) {
            let nonce = try Nonce.random()
            let payload: ByteBuffer
            let timeout: Pace.Span
            switch errand {
            case .answer(let template, _):
                payload = try fleet.writer.write(template, of: id, token: keys.token, nonce: nonce, sealedBy: container)
                timeout = fleet.pace.acknowledgement
            case .pillar:
                let request = PillarRequest(grains: owner?.facts ?? [:]).request(from: id)
                payload = try fleet.writer.write(request, token: keys.token, nonce: nonce, sealedBy: container)
                timeout = fleet.pace.otherReply
            case .start:
                let text = "Minion \(id) started at \(Timestamp.now.asctime)"
                let request = NodeRequest.event("salt/minion/\(id)/start", data: .string(text), from: id)
                payload = try fleet.writer.write(request, token: keys.token, nonce: nonce, sealedBy: container)
                timeout = fleet.pace.otherReply
            }
            sent = .errand(nonce)
            return LaneRequest(payload: payload, timeout: fleet.random(in: timeout))
        } catch {
            fleet.note(.library(error))
            return nil
        }
    }

    private func errandReplied(_ reply: ByteBuffer, _ nonce: Nonce) {
        guard let container, let found = try? RequestReply(reply.readableBytesSpan) else { return sessionRefused() }
        switch found {
        case .sealed(let range):
            do throws(ContainerError) {
                try container.open(
                    reply.readableBytesSpan.extracting(range), expecting: nonce, into: &fleet.opened)
            } catch {
                return sessionRefused()
            }
            acknowledged()
        case .pillar: open(pillar: reply, nonce)
        case .refused: sessionRefused()
        }
    }

    private func open(pillar reply: ByteBuffer, _ nonce: Nonce) {
        guard let controllerKey else { return sessionRefused() }
        let key = keys.key
        fleet.workers.run {
            // What is wrong with a pillar does not matter here: a new session is the remedy for all of it.
            let encoded = try? PillarReply.open(
                Array(reply.readableBytesView), nonce: nonce, with: key, from: controllerKey, encryption: .saltDefault,
                signature: .saltDefault)
            return encoded.map { (try? Value(messagePack: $0))?.map ?? [:] }
        } then: { pillar in
            guard let pillar else { return self.sessionRefused() }
            self.owner?.received(pillar: pillar)
            self.acknowledged()
        }
    }

    private func acknowledged() {
        refusals = 0
        isUnderWay = false
        switch outbox.removeFirst() {
        case .answer(_, let wasHeld):
            fleet.count { $0.returns += 1 }
            if wasHeld { fleet.acknowledgedHeld() }
        case .start: owner?.announced()
        case .pillar, nil: break
        }
        sendNext()
    }

    /// The controller does not know the session: signs in again, and repeats. The first time at once.
    private func sessionRefused() {
        isUnderWay = false
        refusals += 1
        fleet.count { $0.repeats += 1 }
        guard case .signedIn = phase else { return }
        if refusals == 1 { signIn() } else { signIn(after: fleet.pace.signIn) }
    }
}

extension SignInFailure {
    /// What no waiting heals: somebody must look at the keys.
    fileprivate var isFinal: Bool {
        switch self {
        case .rejected, .controllerKeyChanged, .wrongFingerprint, .keySignatureUnexpected: true
        default: false
        }
    }
}
