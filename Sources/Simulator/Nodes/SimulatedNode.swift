import BusTransport
import MusterCore
import NIOCore
import SaltProtocol
import ZMTP

/// One simulated node: its session, its subscription, what it has to tell, and the jobs it works at.
///
///     new --signIn--> queued --turn--> preparing --> asking --reply--> judging --grant--> signedIn
///                       ^                               |                 |                   |
///                       +----- pausing <--- no reply ---+--- pending -----+--> refused        |
///                       +-------------- session refused, publish sealed with another key -----+
///
/// One request of a node is under way at a time, through its lane. A return stays in the outbox until it is acknowledged.
///
/// Owner: the fleet's event loop.
final class SimulatedNode {
    private enum Phase {
        case new, queued, preparing
        case asking(SignInDesk.Attempt, request: [UInt8])
        case judging, pausing, signedIn, refused
    }

    /// What the lane has sent for this node.
    private enum Sent {
        case signIn
        case errand(Nonce)
    }

    let id: NodeID
    private let number: Int
    private let character: NodeCharacter
    private let keys: KeyPair
    private unowned let fleet: Fleet
    private let lane: RequestLane

    private var phase = Phase.new
    private var container: Container?
    private var desk: PublishDesk?
    private var hasSignedIn = false
    private var isPending = false
    /// Sessions that the controller has refused since it last took something.
    private var refusals = 0

    private var subscription: ClientConnection?
    private var isSubscribed = false
    private var wasSubscribed = false
    private var isStarted: Bool
    private var isReady = false

    private var outbox = Outbox()
    private var sent: Sent?
    /// An errand waits in the lane, or for its reply, or for a pause to end.
    private var isUnderWay = false

    private var jobs = NodeJobs()
    private var pillar: ValueMap = [:]
    /// Publishes that wait for a sign-in.
    private var held: [ByteBuffer] = []

    private static let heldLimit = 16

    init(_ id: NodeID, number: Int, _ character: NodeCharacter, _ keys: KeyPair, lane: RequestLane, fleet: Fleet) {
        self.id = id
        self.number = number
        self.character = character
        self.keys = keys
        self.lane = lane
        self.fleet = fleet
        isStarted = !fleet.settings.behaviour.startsUp
    }

    // MARK: Signing in

    /// Gets in line to sign in, unless that is under way.
    func signIn() {
        switch phase {
        case .new, .pausing, .signedIn:
            phase = .queued
            fleet.gate.enter(self)
        case .queued, .preparing, .asking, .judging, .refused: break
        }
    }

    /// It is this node's turn; the gate hears when it is done.
    func beginSignIn() {
        phase = .preparing
        fleet.signIns.begin(id, keys) { attempt, action in
            switch action {
            case .send(let request):
                self.phase = .asking(attempt, request: request)
                self.lane.enter(self)
            case .retry(_, let failure), .stop(let failure): self.signInEnded(.failure(failure))
            case .establish, .ignore: self.signInEnded(.failure(.malformedReply))
            }
        }
    }

    private func signInEnded(_ result: Result<SignInSession?, SignInFailure>) {
        fleet.gate.leave()
        switch result {
        case .success(let session):
            setPending(false)
            established(session)
        case .failure(let failure):
            fleet.note(failure)
            setPending(failure == .pending)
            if failure.isFinal {
                phase = .refused
                fleet.count { $0.refused += 1 }
            } else {
                pause(failure == .pending ? fleet.pace.pending : fleet.pace.signIn) { $0.signIn() }
            }
        }
    }

    private func established(_ session: SignInSession?) {
        do throws(CryptographyError) {
            if let session {
                container = try Container(session.sessionKey)
                let desk = try fleet.desk(for: session)
                if desk !== self.desk { jobs.forgetSerial() }
                self.desk = desk
            }
        } catch {
            fleet.note(.library(error))
            return pause(fleet.pace.signIn) { $0.signIn() }
        }
        phase = .signedIn
        fleet.count {
            $0.signIns += 1
            if !self.hasSignedIn { $0.signedIn += 1 }
        }
        hasSignedIn = true
        guard let session, !fleet.settings.signIn.isAll else { return }
        if subscription == nil { subscribe(to: Int(session.publishPort)) }
        let frames = held
        held = []
        for frame in frames { take(frame, mayBeHeld: false) }
        sendNext()
    }

    private func setPending(_ isPending: Bool) {
        guard isPending != self.isPending else { return }
        self.isPending = isPending
        fleet.count { $0.pending += isPending ? 1 : -1 }
    }

    private func pause(_ length: ClosedRange<TimeAmount>, then body: @escaping (SimulatedNode) -> Void) {
        phase = .pausing
        fleet.after(fleet.random(in: length)) { [weak self] in
            if let self { body(self) }
        }
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
        case .new, .queued, .preparing, .judging, .pausing, .refused: break
        }
        isUnderWay = false
        return nil
    }

    /// The reply to what was sent.
    func replied(_ reply: ByteBuffer) {
        let sent = sent
        self.sent = nil
        switch sent {
        case .signIn:
            guard case .asking(let attempt, _) = phase else { return }
            phase = .judging
            fleet.signIns.judge(reply, to: attempt) { result in
                self.fleet.gate.open()
                self.signInEnded(result)
            }
        case .errand(let nonce):
            errandReplied(reply, nonce)
        case nil: break
        }
    }

    /// The lane could not get a reply, or could not send.
    func requestFailed(_ reason: String) {
        sent = nil
        fleet.noteFailure(reason)
        if case .asking = phase {
            // As long as nobody has ever answered, one try a second is enough for all.
            if fleet.gate.hasContact {
                fleet.gate.leave()
            } else {
                fleet.after(.seconds(1)) { [gate = fleet.gate] in gate.leave() }
            }
            pause(fleet.pace.signIn) { $0.signIn() }
        }
        guard isUnderWay else { return }
        fleet.after(fleet.random(in: fleet.pace.request)) { [weak self] in
            self?.isUnderWay = false
            self?.sendNext()
        }
    }

    private func add(_ errand: Errand) {
        if !outbox.add(errand) { fleet.count { $0.dropped += 1 } }
        sendNext()
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
            let writer = fleet.writer
            let isAnswer = if case .answer = errand { true } else { false }
            let payload =
                switch errand {
                case .answer(let template):
                    try writer.write(template, of: id, token: keys.token, nonce: nonce, sealedBy: container)
                case .pillar:
                    try writer.write(
                        PillarRequest(grains: facts).request(from: id), token: keys.token, nonce: nonce,
                        sealedBy: container)
                case .start:
                    try writer.write(
                        .event(
                            "salt/minion/\(id)/start",
                            data: .string("Minion \(id) started at \(Timestamp.now.asctime)"), from: id),
                        token: keys.token, nonce: nonce, sealedBy: container)
                }
            sent = .errand(nonce)
            return LaneRequest(
                payload: payload,
                timeout: fleet.random(in: isAnswer ? fleet.pace.acknowledgement : fleet.pace.otherReply))
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

    private func acknowledged() {
        refusals = 0
        isUnderWay = false
        switch outbox.removeFirst() {
        case .answer: fleet.count { $0.returns += 1 }
        case .start:
            isStarted = true
            updateReady()
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
        if refusals == 1 { signIn() } else { pause(fleet.pace.signIn) { $0.signIn() } }
    }

    private func open(pillar reply: ByteBuffer, _ nonce: Nonce) {
        guard let controllerKey = desk?.controllerKey else { return sessionRefused() }
        let key = keys.key
        fleet.workers.run {
            guard
                let encoded = try? PillarReply.open(
                    Array(reply.readableBytesView), nonce: nonce, with: key, from: controllerKey,
                    encryption: .saltDefault, signature: .saltDefault)
            else { return ValueMap?.none }
            return (try? Value(messagePack: encoded))?.map ?? [:]
        } then: { pillar in
            guard let pillar else { return self.sessionRefused() }
            self.pillar = pillar
            self.acknowledged()
        }
    }

    // MARK: Publishes

    private func subscribe(to port: Int) {
        let made = ClientConnection(
            .sub, to: Endpoint(host: fleet.settings.host, port: port), reconnect: Fleet.reconnect,
            on: fleet.connections, delegate: self)
        subscription = made
        made.start()
    }

    private func take(_ frame: ByteBuffer, mayBeHeld: Bool = true) {
        guard character != .silent, let desk else { return }
        switch desk.read(frame) {
        case .job(let job): consider(job)
        case .otherKey where mayBeHeld:
            if held.count < Self.heldLimit { held.append(ByteBuffer(bytes: frame.readableBytesView)) }
            signIn()
        case .otherKey, .refused: fleet.count { $0.publishesRefused += 1 }
        }
    }

    private func consider(_ job: SharedJob) {
        guard jobs.isNext(job) else { return fleet.count { $0.publishesRefused += 1 } }
        guard job.isFor(id, facts: { self.facts }, pillar: pillar), jobs.isNew(job) else { return }
        fleet.note(job)
        let delay = fleet.delay(of: job)
        guard delay > .zero else { return answer(job) }
        let timer = fleet.after(delay) { [weak self] in
            self?.jobs.ended(job)
            self?.answer(job)
        }
        jobs.began(job, timer)
    }

    private func answer(_ job: SharedJob) {
        let template =
            character == .failing && !job.isQuestion
            ? job.failing()
            : job.answer(of: .init(facts: { self.facts }, running: self.jobs.running(on: self.number)))
        jobs.end(asToldBy: job)
        add(.answer(template))
    }

    private func updateReady() {
        let isReady = isSubscribed && isStarted
        guard isReady != self.isReady else { return }
        self.isReady = isReady
        fleet.count { $0.connected += isReady ? 1 : -1 }
    }

    private var facts: ValueMap { SimulatedFacts.facts(of: id, number: number) }

    // MARK: Closing

    /// Makes no further connections and answers nothing more.
    func stop() {
        subscription?.stop()
        jobs.cancelAll()
        phase = .refused
    }
}

extension SimulatedNode: ClientConnectionDelegate {
    func connected(_ connection: ClientConnection) {
        connection.subscribe(to: ByteBuffer())
        isSubscribed = true
        if wasSubscribed {
            fleet.count { $0.reconnects += 1 }
        } else if !isStarted {
            add(.pillar)
            add(.start)
        }
        wasSubscribed = true
        updateReady()
    }

    /// With topics the payload is the second frame, else the only one.
    func received(_ message: Message, on connection: ClientConnection) throws(ZMTPError) {
        var payload: ByteBuffer?
        for frame in message.frames { payload = frame }
        if let payload { take(payload) }
    }

    func disconnected(_ connection: ClientConnection, reason: CloseReason, wasConnected: Bool) -> Bool {
        isSubscribed = false
        updateReady()
        return true
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
