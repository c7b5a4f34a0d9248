import MusterCore
import MusterTestSupport
import NIOCore
import SaltProtocol
import Simulator
import Synchronization
import Testing

/// Simulated nodes against a master of our own on loopback; the real ones are in InteropTests.
@Suite(.serialized, .timeLimit(.minutes(1))) struct FleetTests {
    /// What the simulation said.
    private final class Story: Sendable {
        private let events = Mutex<[SimulationEvent]>([])

        func add(_ event: SimulationEvent) { events.withLock { $0.append(event) } }

        var last: SimulationEvent? { events.withLock(\.last) }

        /// Waits until something was said so many times.
        func heard(_ kind: SimulationEvent.Kind, times: Int = 1) async throws {
            while events.withLock({ $0.count { $0.kind == kind } }) < times {
                try Task.checkCancellation()
                await Task.yield()
            }
        }
    }

    private let master: FleetMaster
    private let story = Story()

    init() throws {
        master = try FleetMaster(key: .generate(bits: 1024))
    }

    /// Runs nodes while the body acts as their master's operator; ends them after it.
    private func simulate(
        _ count: Int, change: (inout SimulationSettings) -> Void = { _ in }, _ body: () async throws -> Void
    ) async throws {
        var settings = SimulationSettings(count: count)
        settings.host = "127.0.0.1"
        settings.requestPort = try await master.start()
        change(&settings)
        var pace = Pace()
        pace.signIn = .milliseconds(10)...(.milliseconds(20))
        pace.request = .milliseconds(10)...(.milliseconds(20))
        pace.acknowledgement = .milliseconds(300)...(.milliseconds(400))
        let finalSettings = settings
        let finalPace = pace
        let story = story
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Simulator.run(finalSettings, at: finalPace) { story.add($0) } }
            try await body()
            if !settings.signIn.isAll { group.cancelAll() }
            try await group.waitForAll()
        }
        try await master.stop()
    }

    private func ids(_ loads: [ValueMap]) -> Set<String> { Set(loads.compactMap { $0["id"]?.string }) }

    @Test func signsInAnnouncesItselfAndAnswers() async throws {
        try await simulate(20) {
            try await story.heard(.connected)
            let pillars = try await master.requests("_pillar", count: 20)
            #expect(ids(pillars).count == 20)
            #expect(pillars.allSatisfy { $0["grains"]?["id"] == $0["id"] })
            let starts = try await master.requests("_minion_event", count: 20)
            #expect(starts.allSatisfy { $0["tag"]?.string == "salt/minion/\($0["id"]?.string ?? "")/start" })
            master.publish(try master.frame(1, "test.ping"))
            master.publish(try master.frame(2, "grains.items", "sim0000[1-3]"))
            let returns = try await master.requests("_return", count: 23)
            let pings = returns.filter { $0["fun"] == "test.ping" }
            #expect(ids(pings).count == 20)
            #expect(pings.allSatisfy { $0["return"] == true && $0["retcode"] == 0 && $0["success"] == true })
            #expect(ids(returns.filter { $0["fun"] == "grains.items" }) == ["sim00001", "sim00002", "sim00003"])
        }
        #expect(story.last?.kind == .ended)
        #expect(story.last?.counts.connected == 20)
        // All but the first knew the master, and had it prove itself.
        #expect(master.signInsWithToken == 19)
    }

    @Test("shares request connections, each in lock-step")
    func sharesConnections() async throws {
        try await simulate(12, change: { $0.requestConnections = 3 }) {
            try await story.heard(.connected)
            master.publish(try master.frame(1, "test.ping"))
            #expect(ids(try await master.requests("_return", count: 12)).count == 12)
        }
    }

    @Test("keeps answers until so many wait, and says when the last of them is acknowledged; questions are not kept")
    func holdsAnswers() async throws {
        try await simulate(3, change: { $0.behaviour.heldAnswers = 6 }) {
            try await story.heard(.connected)
            master.publish(try master.frame(1, "test.ping"))
            master.publish(try master.frame(2, "saltutil.running"))
            let questions = try await master.requests("_return", count: 3)
            #expect(questions.allSatisfy { $0["fun"] == "saltutil.running" })
            master.publish(try master.frame(3, "test.ping"))
            try await story.heard(.held)
            try await story.heard(.acknowledged)
            let returns = try await master.requests("_return", count: 9)
            #expect(returns.count { $0["fun"] == "test.ping" } == 6)
        }
    }

    @Test("signs in again once when the master knows no session, and repeats the return")
    func renewsSessions() async throws {
        try await simulate(5) {
            try await story.heard(.connected)
            master.forgetSessions()
            master.publish(try master.frame(1, "test.ping"))
            #expect(ids(try await master.requests("_return", count: 5)).count == 5)
        }
        #expect(master.signIns.values.allSatisfy { $0 == 2 })
    }

    @Test("a publish that does not open makes nodes sign in, and is run then")
    func followsANewPublishKey() async throws {
        try await simulate(5) {
            try await story.heard(.connected)
            try master.rotate()
            master.publish(try master.frame(1, "test.ping"))
            #expect(ids(try await master.requests("_return", count: 5)).count == 5)
        }
        #expect(master.signIns.values.allSatisfy { $0 == 2 })
    }

    @Test("a return that nobody acknowledges is sent again until somebody does")
    func repeatsReturns() async throws {
        try await simulate(3) {
            try await story.heard(.connected)
            master.ignoreReturns(4)
            master.publish(try master.frame(1, "test.ping"))
            #expect(ids(try await master.requests("_return", count: 3)).count == 3)
        }
        #expect((story.last?.counts.repeats ?? 0) >= 4)
    }

    @Test("a publish sent again, and one that the master did not sign, run nowhere")
    func refusesForgeries() async throws {
        let stranger = try PrivateKey.generate(bits: 1024)
        try await simulate(3) {
            try await story.heard(.connected)
            let frame = try master.frame(1, "test.ping")
            master.publish(frame)
            _ = try await master.requests("_return", count: 3)
            master.publish(frame)
            master.publish(try master.frame(2, "test.ping", signedBy: stranger))
            master.publish(try master.frame(3, "test.version"))
            let returns = try await master.requests("_return", count: 6)
            #expect(returns.count { $0["fun"] == "test.ping" } == 3)
            #expect(returns.count { $0["jid"]?.string?.hasSuffix("000002") == true } == 0)
        }
        #expect(story.last?.counts.publishesRefused == 6)
        #expect(story.last?.counts.jobs == 2)
    }

    @Test func silentNodesAnswerNothingAndFailingOnesFail() async throws {
        try await simulate(
            10,
            change: { settings in
                settings.behaviour.silentPercent = 30
                settings.behaviour.failingPercent = 20
            }
        ) {
            try await story.heard(.connected)
            master.publish(try master.frame(1, "test.ping"))
            _ = try await master.requests("_return", count: 7)
            // Whoever wanted to answer the first job has done so when the second is answered.
            master.publish(try master.frame(2, "test.version"))
            let returns = try await master.requests("_return", count: 14)
            #expect(returns.count { $0["retcode"] == 1 && $0["success"] == false } == 4)
            #expect(ids(returns).count == 7)
        }
    }

    @Test("signs in and ends, with the whole RSA work or without", arguments: [false, true])
    func onlySignsIn(_ isBlind: Bool) async throws {
        try await simulate(
            10,
            change: { settings in
                settings.signIn.isAll = true
                settings.signIn.isBlind = isBlind
                settings.signIn.concurrency = 4
            }
        ) {}
        #expect(story.last?.kind == .ended)
        #expect(story.last?.counts.signedIn == 10)
        #expect(master.signIns.count == 10)
        #expect(try await master.requests("_pillar", count: 0).isEmpty)
    }

    @Test("a key that is refused is told apart from one that waits")
    func countsRefusals() async throws {
        let file = try PrivateKey.generate(bits: 1024)
        master.setStanding(KeyStanding(stored: StoredKey(.rejected, pem: file.publicKey.pem)))
        try await simulate(3, change: { $0.signIn.isAll = true }) {}
        #expect(story.last?.counts.refused == 3)
        #expect(story.last?.counts.signedIn == 0)
    }
}
