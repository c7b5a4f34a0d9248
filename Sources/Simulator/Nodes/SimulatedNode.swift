import BusTransport
import MusterCore
import NIOCore
import SaltProtocol
import ZMTP

/// One simulated node: its subscription, the jobs it works at, and whether it counts as connected. Its requests are its
/// link's.
///
/// Owner: the fleet's event loop.
final class SimulatedNode {
    let id: NodeID
    private let number: Int
    private let character: NodeCharacter
    private let link: NodeLink
    private unowned let fleet: Fleet

    private var subscription: ClientConnection?
    private var isSubscribed = false
    private var wasSubscribed = false
    private var isAnnounced: Bool
    private var isReady = false

    private var desk: PublishDesk?
    private var jobs = NodeJobs()
    private var pillar: ValueMap = [:]
    /// Publishes that wait for a sign-in.
    private var held: [ByteBuffer] = []

    private static let heldLimit = 16

    init(_ id: NodeID, number: Int, _ character: NodeCharacter, _ keys: KeyPair, lane: RequestLane, fleet: Fleet) {
        self.id = id
        self.number = number
        self.character = character
        self.fleet = fleet
        link = NodeLink(id, keys, lane: lane, fleet: fleet)
        isAnnounced = !fleet.settings.behaviour.startsUp
        link.owner = self
    }

    /// Signs in, and goes on from there.
    func start() { link.signIn() }

    /// Makes no further connections and answers nothing more.
    func stop() {
        link.stop()
        subscription?.stop()
        jobs.cancelAll()
    }

    // MARK: Publishes

    private func take(_ frame: ByteBuffer, mayBeHeld: Bool = true) {
        guard character != .silent, let desk else { return }
        switch desk.read(frame) {
        case .job(let job): consider(job)
        case .otherKey where mayBeHeld:
            // A copy: the frame is a slice of what was read, which may be large.
            if held.count < Self.heldLimit { held.append(ByteBuffer(bytes: frame.readableBytesView)) }
            link.signIn()
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
        guard fleet.holdsAnswers, !job.isQuestion else { return link.add(.answer(template)) }
        fleet.hold(template, of: link)
    }

    private func updateReady() {
        let isReady = isSubscribed && isAnnounced
        guard isReady != self.isReady else { return }
        self.isReady = isReady
        fleet.count { $0.connected += isReady ? 1 : -1 }
    }
}

extension SimulatedNode: NodeLinkOwner {
    var facts: ValueMap { SimulatedFacts.facts(of: id, number: number) }

    func established(_ session: SignInSession) {
        guard !fleet.settings.signIn.isAll else { return }
        do throws(CryptographyError) {
            let desk = try fleet.desk(for: session)
            if desk !== self.desk { jobs.forgetSerial() }
            self.desk = desk
        } catch {
            return fleet.note(.library(error))
        }
        if subscription == nil { subscribe(to: Int(session.publishPort)) }
        let frames = held
        held = []
        for frame in frames { take(frame, mayBeHeld: false) }
    }

    func received(pillar: ValueMap) { self.pillar = pillar }

    func announced() {
        isAnnounced = true
        updateReady()
    }

    private func subscribe(to port: Int) {
        let made = ClientConnection(
            .sub, to: Endpoint(host: fleet.settings.host, port: port), reconnect: Fleet.reconnect,
            on: fleet.connections, delegate: self)
        subscription = made
        made.start()
    }
}

extension SimulatedNode: ClientConnectionDelegate {
    func connected(_ connection: ClientConnection) {
        connection.subscribe(to: ByteBuffer())
        isSubscribed = true
        if wasSubscribed {
            fleet.count { $0.reconnects += 1 }
        } else if !isAnnounced {
            link.add(.pillar)
            link.add(.start)
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
