import BusTransport
import MusterCore
import NIOCore
import NIOPosix
import SaltProtocol

/// The simulated nodes of one process, with all that they share.
///
/// Everything happens on one event loop, in plain calls: no task, actor or lock per message. RSA work alone goes to a
/// small pool, and comes back to the loop.
///
/// Owner: its event loop.
final class Fleet {
    /// A controller that comes back finds its nodes coming in the course of some seconds, and all of them soon.
    static let reconnect = ReconnectPolicy(first: .milliseconds(200)...(.seconds(2)), maximum: .seconds(8))
    /// Between the last held answer and letting them go, so that the publish is over on both sides.
    static let breath = TimeAmount.seconds(1)
    /// How long the first reply may take before the controller counts as not there.
    static let patience = 15.0

    let settings: SimulationSettings
    let pace: Pace
    let connections: ClientLoop
    let workers: Workers
    let gate: SignInGate
    let signIns: SignInDesk
    let writer = RequestWriter()
    /// Where replies are opened.
    var opened = ByteBuffer()

    private let reporter: FleetReporter
    private let finished: EventLoopPromise<Void>
    /// Of all containers here.
    private var cipher: ContainerCipher?
    private var chance: SeededRandom
    private var held: HeldAnswers
    private var desks: [PublishDesk] = []
    private var nodes: [SimulatedNode] = []
    private var lanes: [RequestLane] = []
    private var lastFailure = "nothing came"
    private var isOver = false

    /// - Parameters:
    ///   - token: Any secret of this process.
    ///   - finished: Ends when there is nothing more to do, or with an error when nothing can be done.
    init(
        _ settings: SimulationSettings, pace: Pace, token: KeyString, workers: Workers,
        finished: EventLoopPromise<Void>,
        report: @escaping @Sendable (SimulationEvent) -> Void
    ) {
        self.settings = settings
        self.pace = pace
        self.workers = workers
        self.finished = finished
        connections = ClientLoop(on: workers.eventLoop)
        gate = SignInGate(limit: settings.signIn.concurrency) { delay, body in
            workers.eventLoop.assumeIsolated().scheduleTask(in: delay, body)
        }
        signIns = SignInDesk(workers, isBlind: settings.signIn.isBlind, token: token)
        reporter = FleetReporter(nodes: settings.count, report: report)
        chance = SeededRandom(seed: settings.seed)
        held = HeldAnswers(limit: settings.behaviour.heldAnswers)
    }

    // MARK: Life

    /// Makes the nodes and lets them sign in.
    func start(_ ids: [NodeID], keys: KeyRing) {
        let endpoint = Endpoint(host: settings.host, port: settings.requestPort)
        let characters = NodeCharacter.assigned(to: ids.count, settings.behaviour, using: &chance)
        let laneCount = min(settings.requestConnections ?? ids.count, ids.count)
        lanes = (0..<laneCount).map { _ in RequestLane(to: endpoint, reconnect: Self.reconnect, on: connections) }
        nodes = ids.indices.map { place in
            SimulatedNode(
                ids[place], number: settings.names.first + place, characters[place], keys[place],
                lane: lanes[place % laneCount], fleet: self)
        }
        reporter.tell(.started)
        every(.milliseconds(250)) { $0.sweep() }
        every(.seconds(1)) { $0.reporter.tell(.counts) }
        for node in nodes { node.start() }
    }

    /// Ends all connections.
    func stop() -> EventLoopFuture<Void> {
        isOver = true
        reporter.close()
        gate.close()
        for node in nodes { node.stop() }
        for lane in lanes { lane.stop() }
        return connections.drain(within: .seconds(1))
    }

    /// The last word.
    func tellEnd() { reporter.tell(.ended) }

    /// Does something again and again, until the end.
    private func every(_ interval: TimeAmount, _ body: @escaping (Fleet) -> Void) {
        after(interval) { [weak self] in
            guard let self, !self.isOver else { return }
            body(self)
            self.every(interval, body)
        }
    }

    private func sweep() {
        let now = workers.eventLoop.now
        for lane in lanes { lane.expire(at: now) }
        if !gate.hasContact, reporter.seconds > Self.patience {
            end(
                SimulationError.unreachable(
                    endpoint: "\(Endpoint(host: settings.host, port: settings.requestPort))", reason: lastFailure))
        }
    }

    private func end(_ error: (any Error)? = nil) {
        guard !isOver else { return }
        isOver = true
        if let error { finished.fail(error) } else { finished.succeed() }
    }

    // MARK: What nodes share

    /// What seals and opens a node's requests.
    func container(for key: KeyString) throws(CryptographyError) -> Container {
        if let cipher { return try Container(key, sharing: cipher) }
        let cipher = try ContainerCipher()
        self.cipher = cipher
        return try Container(key, sharing: cipher)
    }

    /// The desk for a session's publish key.
    func desk(for session: SignInSession) throws(CryptographyError) -> PublishDesk {
        if let desk = desks.last(where: {
            $0.publishKey == session.publishKey && $0.controllerKey == session.controllerKey
        }) {
            return desk
        }
        let desk = try PublishDesk(session)
        // The nodes keep the older ones for as long as they need them.
        if desks.count == 4 { desks.removeFirst() }
        desks.append(desk)
        return desk
    }

    /// How long a node takes for a job.
    func delay(of job: SharedJob) -> TimeAmount {
        guard !job.isQuestion else { return .zero }
        let think = settings.behaviour.think
        let pause = think == .zero ? think : think * Double.random(in: 0.5..<1.5, using: &chance)
        return TimeAmount.microseconds((job.duration + pause).microseconds)
    }

    var holdsAnswers: Bool { held.isOn }

    /// Keeps an answer until enough wait.
    func hold(_ answer: ReturnTemplate, of link: NodeLink) {
        guard held.add(answer, of: link) else { return }
        reporter.tell(.held)
        after(Self.breath) { [weak self] in self?.letGo() }
    }

    private func letGo() {
        guard !isOver else { return }
        reporter.tell(.released)
        for (link, answer) in held.letGo() { link.add(.answer(answer, wasHeld: true)) }
    }

    func acknowledgedHeld() {
        if held.acknowledged() { reporter.tell(.acknowledged) }
    }

    func random(in range: ClosedRange<TimeAmount>) -> TimeAmount {
        .nanoseconds(.random(in: range.lowerBound.nanoseconds...range.upperBound.nanoseconds, using: &chance))
    }

    /// Calls a node later.
    @discardableResult
    func after(_ delay: TimeAmount, _ body: @escaping () -> Void) -> Scheduled<Void> {
        workers.eventLoop.assumeIsolated().scheduleTask(in: delay, body)
    }

    // MARK: Counting

    func count(_ change: (inout SimulationCounts) -> Void) {
        reporter.count(change)
        let counts = reporter.counts
        if settings.signIn.isAll, counts.signedIn + counts.refused == counts.nodes { end() }
    }

    /// A job is for a node of this process.
    func note(_ job: SharedJob) {
        guard !job.isCounted else { return }
        job.isCounted = true
        count { $0.jobs += 1 }
    }

    /// A sign-in came to nothing.
    func note(_ failure: SignInFailure) { reporter.trouble = failure.description }

    /// A request got no reply.
    func noteFailure(_ reason: String) {
        lastFailure = reason
        reporter.trouble = reason
        count { $0.repeats += 1 }
    }
}
