import MusterCore
import Testing

@Suite struct JobTrackerTests {
    private let start = Timestamp(seconds: 1_000_000)
    private let patience = JobTracker.Patience(timeout: .seconds(5), gatherTimeout: .seconds(10), maxQuestions: 3)

    private func nodes(_ names: String...) throws -> [NodeID] { try names.map { try #require(NodeID($0)) } }

    private func tracker(_ nodes: [NodeID], batch: BatchSize? = nil) throws -> JobTracker {
        JobTracker(job: try job(batch: batch), expected: nodes, patience: patience)
    }

    private func job(batch: BatchSize? = nil) throws -> Job {
        Job(
            id: try #require(JobID("20261121093000123456")), calls: [FunctionCall("test.ping")],
            target: Target(.glob, "*"),
            user: "root", published: start, timeout: .seconds(5), batch: batch)
    }

    private func at(_ seconds: Int64) -> Timestamp { start + .seconds(seconds) }

    /// Every node in exactly one outcome: the sums always match.
    private func check(_ tracker: JobTracker, _ count: Int) {
        #expect(tracker.expectations.count == count)
        let isOver = tracker.expectations.allSatisfy(\.outcome.isFinal)
        #expect((tracker.ended != nil) == isOver)
    }

    @Test("a job whose nodes all answer ends with the last answer")
    func everybodyAnswers() throws {
        let ids = try nodes("a", "b")
        var tracker = try tracker(ids)
        #expect(tracker.begin(at: start).publish == ids)
        #expect(!tracker.received(from: ids[0], returnCode: 0, hasSucceeded: true, at: at(1)).hasEnded)
        check(tracker, 2)
        let last = tracker.received(from: ids[1], returnCode: 2, hasSucceeded: false, at: at(2))
        #expect(last.hasEnded && tracker.ended == at(2))
        #expect(tracker.outcome(of: ids[0]) == .ok && tracker.outcome(of: ids[1]) == .failed(code: 2))
        check(tracker, 2)
    }

    @Test("the second copy of an answer changes nothing")
    func duplicate() throws {
        let ids = try nodes("a", "b")
        var tracker = try tracker(ids)
        _ = tracker.begin(at: start)
        _ = tracker.received(from: ids[0], returnCode: 0, hasSucceeded: true, at: at(1))
        #expect(tracker.received(from: ids[0], returnCode: 1, hasSucceeded: false, at: at(2)) == JobTracker.Step())
        #expect(tracker.outcome(of: ids[0]) == .ok)
    }

    @Test("a stranger's answer changes nothing")
    func stranger() throws {
        var tracker = try tracker(nodes("a"))
        _ = tracker.begin(at: start)
        let stranger = try #require(NodeID("x"))
        #expect(tracker.received(from: stranger, returnCode: 0, hasSucceeded: true, at: at(1)) == JobTracker.Step())
        #expect(tracker.answered(stranger, .runs, at: at(1)) == JobTracker.Step())
        check(tracker, 1)
    }

    @Test("a silent node is asked at the timeout and not before")
    func asks() throws {
        let ids = try nodes("a")
        var tracker = try tracker(ids)
        _ = tracker.begin(at: start)
        #expect(tracker.nextTimer == at(5))
        #expect(tracker.timerFired(at: at(4)) { _ in .never } == JobTracker.Step())
        #expect(tracker.timerFired(at: at(5)) { _ in .heard(start) }.ask == ids)
        #expect(tracker.nextTimer == at(15))
    }

    @Test(
        "silence to the question is explained by the last contact",
        arguments: [
            (JobTracker.Contact.never, Outcome.unreachable(.neverConnected)),
            (.heard(Timestamp(seconds: 999_000)), .unreachable(.offline(since: Timestamp(seconds: 999_000)))),
            (.heard(Timestamp(seconds: 1_000_003)), .timedOut),
        ])
    func silence(_ contact: JobTracker.Contact, _ outcome: Outcome) throws {
        let ids = try nodes("a")
        var tracker = try tracker(ids)
        _ = tracker.begin(at: start)
        _ = tracker.timerFired(at: at(5)) { _ in contact }
        let step = tracker.timerFired(at: at(15)) { _ in contact }
        #expect(step.hasEnded && tracker.outcome(of: ids[0]) == outcome)
        check(tracker, 1)
    }

    @Test("a node that is certainly gone is not asked")
    func gone() throws {
        let ids = try nodes("a")
        var tracker = try tracker(ids)
        _ = tracker.begin(at: start)
        let step = tracker.timerFired(at: at(5)) { _ in .gone(since: at(-60)) }
        #expect(step.ask.isEmpty && step.hasEnded)
        #expect(tracker.outcome(of: ids[0]) == .unreachable(.offline(since: at(-60))))
    }

    @Test("a running node is asked again and again, then its answer counts")
    func running() throws {
        let ids = try nodes("a")
        var tracker = try tracker(ids)
        _ = tracker.begin(at: start)
        for round in 0..<4 {
            let moment = at(Int64(5 + 5 * round))
            #expect(tracker.timerFired(at: moment) { _ in .heard(moment) }.ask == ids)
            _ = tracker.answered(ids[0], .runs, at: moment)
            #expect(tracker.outcome(of: ids[0]) == .running(since: start, lastSeen: moment))
        }
        #expect(tracker.received(from: ids[0], returnCode: 0, hasSucceeded: true, at: at(21)).hasEnded)
        #expect(tracker.outcome(of: ids[0]) == .ok)
    }

    @Test("a node that ran and fell silent is lost after three questions")
    func lost() throws {
        let ids = try nodes("a")
        var tracker = try tracker(ids)
        _ = tracker.begin(at: start)
        _ = tracker.timerFired(at: at(5)) { _ in .heard(start) }
        _ = tracker.answered(ids[0], .runs, at: at(5))
        for second in [10, 20, 30] {
            #expect(tracker.timerFired(at: at(Int64(second))) { _ in .heard(start) }.ask == ids)
        }
        #expect(tracker.timerFired(at: at(40)) { _ in .heard(start) }.hasEnded)
        #expect(tracker.outcome(of: ids[0])?.kind == .lost)
        check(tracker, 1)
    }

    @Test("a node that says it does not run the job gets one more wait for its answer")
    func saysNo() throws {
        let ids = try nodes("a", "b")
        var tracker = try tracker(ids)
        _ = tracker.begin(at: start)
        _ = tracker.timerFired(at: at(5)) { _ in .heard(start) }
        for id in ids { _ = tracker.answered(id, .doesNotRun, at: at(6)) }
        _ = tracker.received(from: ids[0], returnCode: 0, hasSucceeded: true, at: at(7))
        #expect(tracker.timerFired(at: at(10)) { _ in .heard(at(6)) } == JobTracker.Step())
        #expect(tracker.timerFired(at: at(11)) { _ in .heard(at(6)) }.hasEnded)
        #expect(tracker.outcome(of: ids[0]) == .ok && tracker.outcome(of: ids[1]) == .timedOut)
        check(tracker, 2)
    }

    @Test("a late answer still moves its node, and the sums match")
    func late() throws {
        let ids = try nodes("a", "b")
        var tracker = try tracker(ids)
        _ = tracker.begin(at: start)
        _ = tracker.timerFired(at: at(5)) { _ in .gone(since: start) }
        #expect(tracker.ended == at(5))
        let step = tracker.received(from: ids[1], returnCode: 0, hasSucceeded: true, at: at(60))
        #expect(tracker.outcome(of: ids[1]) == .ok && !step.hasEnded && tracker.ended == at(5))
        check(tracker, 2)
    }

    @Test("a node that was given up and says that the job runs begins the waiting again")
    func reopened() throws {
        let ids = try nodes("a")
        var tracker = try tracker(ids)
        _ = tracker.begin(at: start)
        _ = tracker.timerFired(at: at(5)) { _ in .heard(start) }
        #expect(tracker.timerFired(at: at(15)) { _ in .heard(start) }.hasEnded)
        let step = tracker.answered(ids[0], .runs, at: at(16))
        #expect(step.hasReopened && !step.hasEnded)
        check(tracker, 1)
        #expect(tracker.received(from: ids[0], returnCode: 0, hasSucceeded: true, at: at(17)).hasEnded)
        #expect(tracker.ended == at(17))
        check(tracker, 1)
    }

    @Test("nodes that the job could not be sent to are refused; a batch tries the next")
    func notPublished() throws {
        let ids = try nodes("a", "b")
        var tracker = try tracker(ids, batch: .nodes(1))
        #expect(tracker.begin(at: start).publish == [ids[0]])
        let step = tracker.couldNotPublish(to: [ids[0]], reason: "too far behind", at: at(1))
        #expect(tracker.outcome(of: ids[0]) == .refused(reason: "too far behind") && step.publish == [ids[1]])
        check(tracker, 2)
        #expect(tracker.couldNotPublish(to: [ids[1]], reason: "too far behind", at: at(1)).hasEnded)
        check(tracker, 2)
    }

    @Test("a cancelled job ends; an answer that comes all the same counts")
    func cancelled() throws {
        let ids = try nodes("a", "b", "c")
        var tracker = try tracker(ids, batch: .nodes(1))
        _ = tracker.begin(at: start)
        let step = tracker.cancel(at: at(1), by: "root")
        #expect(step.hasEnded && step.changed.map(\.expectation.outcome) == [.cancelled, .cancelled, .cancelled])
        #expect(step.publish.isEmpty)
        let late = tracker.received(from: ids[0], returnCode: 0, hasSucceeded: true, at: at(2))
        #expect(late.publish.isEmpty && tracker.outcome(of: ids[0]) == .ok)
        check(tracker, 3)
    }

    @Test(
        "a batch keeps as many nodes busy as it says, and goes past the silent",
        arguments: [
            (BatchSize.nodes(2), 2), (.percent(50), 2), (.percent(1), 1), (.nodes(9), 4),
        ])
    func batch(_ size: BatchSize, _ width: Int) throws {
        let ids = try nodes("a", "b", "c", "d")
        var tracker = try tracker(ids, batch: size)
        var busy = Set(tracker.begin(at: start).publish)
        var published = busy
        #expect(busy.count == width)
        var second: Int64 = 0
        while tracker.ended == nil {
            second += 5
            #expect(second < 200)
            if second == 5, let first = busy.min() {
                let step = tracker.received(from: first, returnCode: 0, hasSucceeded: true, at: at(second))
                busy.remove(first)
                busy.formUnion(step.publish)
                published.formUnion(step.publish)
            }
            let step = tracker.timerFired(at: at(second)) { _ in .gone(since: start) }
            for change in step.changed { busy.remove(change.expectation.node) }
            busy.formUnion(step.publish)
            published.formUnion(step.publish)
            #expect(busy.count <= width)
        }
        #expect(published == Set(ids))
        check(tracker, 4)
    }

    @Test("a resumed job asks its open nodes at once and keeps what is known")
    func resumed() throws {
        let ids = try nodes("a", "b", "c")
        let stored = StoredJob(job: try job(), sent: start, ended: nil, expectedCount: 3, counts: [:])
        var tracker = JobTracker(
            resuming: stored,
            expectations: [
                Expectation(node: ids[0], outcome: .ok), Expectation(node: ids[1], outcome: .waiting),
                Expectation(node: ids[2], outcome: .running(since: start, lastSeen: start)),
            ], patience: patience, now: at(100))
        #expect(tracker.timerFired(at: at(100)) { _ in .heard(at(50)) }.ask == [ids[1], ids[2]])
        #expect(tracker.received(from: ids[0], returnCode: 1, hasSucceeded: false, at: at(101)) == JobTracker.Step())
        check(tracker, 3)
    }

    @Test("a resumed job gives its nodes time to come back to the controller before it gives them up")
    func resumedPatience() throws {
        let ids = try nodes("a")
        var tracker = JobTracker(
            resuming: StoredJob(job: try job(), sent: start, ended: nil, expectedCount: 1, counts: [:]),
            expectations: [Expectation(node: ids[0], outcome: .waiting)], patience: patience, now: at(100))
        var moment = at(100)
        for _ in 0..<patience.maxQuestions {
            #expect(tracker.timerFired(at: moment) { _ in .never }.ask == ids)
            moment = moment + patience.gatherTimeout
        }
        #expect(tracker.timerFired(at: moment) { _ in .never }.hasEnded)
        #expect(tracker.outcome(of: ids[0])?.kind == .unreachable)
    }

    @Test("a job for nobody is over at once")
    func nobody() throws {
        var tracker = try tracker([])
        #expect(tracker.begin(at: start).hasEnded)
    }

    @Test("a node that cannot say whether it runs the job is waited for as long as one that says that it does")
    func cannotSay() throws {
        let ids = try nodes("a")
        var tracker = try tracker(ids)
        _ = tracker.begin(at: start)
        var moment = at(5)
        for _ in 0..<patience.maxQuestions {
            #expect(tracker.timerFired(at: moment) { _ in .heard(moment) }.ask == ids)
            #expect(tracker.answered(ids[0], .cannotSay, at: moment) == JobTracker.Step())
            #expect(tracker.outcome(of: ids[0]) == .waiting)
            moment = moment + patience.timeout
        }
        #expect(tracker.timerFired(at: moment) { _ in .heard(start) }.hasEnded)
        #expect(tracker.outcome(of: ids[0]) == .timedOut)
        check(tracker, 1)
    }

    @Test("of a resumed batch only nodes that drop what they have seen are published to again")
    func resumedBatch() throws {
        let ids = try nodes("a", "b")
        let job = try job(batch: .nodes(2))
        let expectations = ids.map { Expectation(node: $0, outcome: .waiting) }
        var sent = JobTracker(
            resuming: StoredJob(job: job, sent: start, ended: nil, expectedCount: 2, counts: [:]),
            expectations: expectations, patience: patience, now: at(100), mayRepeat: { $0 == ids[0] })
        #expect(sent.begin(at: at(101)).publish == [ids[0]])
        // What was held went to nobody.
        var held = JobTracker(
            resuming: StoredJob(job: job, ended: nil, expectedCount: 2, counts: [:]),
            expectations: expectations, patience: patience, now: at(100), mayRepeat: { $0 == ids[0] })
        #expect(held.begin(at: at(101)).publish == ids)
    }

    @Test("a resumed job that was held is published to its nodes")
    func resumedHeld() throws {
        let ids = try nodes("a", "b")
        var tracker = JobTracker(
            resuming: StoredJob(job: try job(), ended: nil, expectedCount: 2, counts: [:]),
            expectations: ids.map { Expectation(node: $0, outcome: .waiting) }, patience: patience, now: at(100))
        #expect(tracker.nextTimer == nil)
        #expect(tracker.begin(at: at(101)).publish == ids)
    }
}
