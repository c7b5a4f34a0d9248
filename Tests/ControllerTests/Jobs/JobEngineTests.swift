import MusterCore
import Testing

@testable import Controller

@Suite(.timeLimit(.minutes(1))) struct JobEngineTests {
    let test: TestEngine

    init() throws { test = try TestEngine() }

    @Test("a job is stored with everybody it expects before it is published")
    func publishes() async throws {
        let nodes = Make.nodes("a", "b")
        try await test.engine.begin(Make.job(), expected: nodes)
        #expect(test.publisher.publishes == [.init(job: Make.jobID(1), function: "test.ping", nodes: nil)])
        #expect(test.publisher.unstoredCount == 0)
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.waiting, .waiting])
        #expect(test.signal.value > 0)
        #expect(await test.engine.openCount == 1)
        try await test.expectAgreement(on: Make.jobID(1), count: 2)
    }

    @Test("a store that refuses the job keeps it from being published")
    func refusedByTheStore() async throws {
        test.store.fail(.full(place: "test"))
        await #expect(throws: StoreError.full(place: "test")) {
            try await test.engine.begin(Make.job(), expected: Make.nodes("a"))
        }
        #expect(test.publisher.publishes.isEmpty)
        #expect(await test.engine.report(on: Make.jobID(1)) == nil)
    }

    @Test("a job ends with its last answer, in memory and in the store")
    func everybodyAnswers() async throws {
        let nodes = Make.nodes("a", "b")
        try await test.engine.begin(Make.job(), expected: nodes)
        try await test.answer(Make.jobID(1), nodes[0])
        #expect(await test.engine.openCount == 1)
        test.clock.advance(.seconds(1))
        try await test.answer(Make.jobID(1), nodes[1], code: 2)
        #expect(try await test.store.job(Make.jobID(1))?.ended == test.clock.now)
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.ok, .failed])
        #expect(await test.engine.openCount == 0)
        try await test.expectAgreement(on: Make.jobID(1), count: 2)
    }

    @Test("a report that comes twice is told once, of strangers too")
    func duplicates() async throws {
        let (a, x) = (Make.node("a"), Make.node("x"))
        try await test.engine.begin(Make.job(), expected: [a, Make.node("b")])
        for _ in 0..<2 {
            await test.engine.handle(.stored([a, x].map { .init(Make.answer(Make.jobID(1), $0)) }))
        }
        #expect(
            await test.engine.log(of: Make.jobID(1), from: 0, limit: 10)
                == .entries([.answered(a), .answered(x)], isOver: false))
    }

    @Test("the silent are asked at the timeout, and the answer to the question decides")
    func asks() async throws {
        let nodes = Make.nodes("gone", "idle", "quick", "runs", "silent")
        for node in nodes where node.text != "gone" { _ = test.nodes.heard(node, from: "10.0.0.1", at: test.clock.now) }
        _ = test.nodes.heard(nodes[0], from: "10.0.0.2", at: test.clock.now)
        for host in ["10.0.0.1", "10.0.0.2"] { test.nodes.subscribed(from: host) }
        try await test.engine.begin(Make.job(), expected: nodes)
        _ = test.publisher.take()
        try await test.answer(Make.jobID(1), nodes[2])
        _ = test.nodes.unsubscribed(from: "10.0.0.2", at: test.clock.now)

        await test.pass(.seconds(4))
        #expect(test.publisher.publishes.isEmpty)
        await test.pass(.seconds(1))
        let question = try #require(test.publisher.take().first)
        #expect(question.function == "saltutil.find_job" && question.nodes == Make.nodes("idle", "runs", "silent"))
        #expect(test.questions.job(askedBy: question.job) == Make.jobID(1))
        try await test.expectAgreement(on: Make.jobID(1), count: 5)

        await test.say(Make.jobID(1), Make.node("runs"), .runs)
        await test.say(Make.jobID(1), Make.node("idle"), .doesNotRun)
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.unreachable, .waiting, .ok, .running, .waiting])
        await test.pass(.seconds(5))
        #expect(test.publisher.take().map(\.nodes) == [Make.nodes("runs")])
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.unreachable, .timedOut, .ok, .running, .waiting])
        await test.say(Make.jobID(1), Make.node("runs"), .runs)
        await test.pass(.seconds(5))
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.unreachable, .timedOut, .ok, .running, .timedOut])
        try await test.expectAgreement(on: Make.jobID(1), count: 5)

        try await test.answer(Make.jobID(1), Make.node("runs"), code: 1)
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.unreachable, .timedOut, .ok, .failed, .timedOut])
        try await test.expectAgreement(on: Make.jobID(1), count: 5)
        let notes = try await test.store.notes(of: Make.jobID(1), node: Make.node("idle")).map(\.text)
        #expect(
            notes == [
                "silent: asked whether the job runs",
                "given up: the node is there, but says that it does not run the job",
            ])
    }

    @Test("many silent nodes are asked by the job's own target, few by their names")
    func asksMany() async throws {
        for (number, count) in [(1, 200), (2, 201)] {
            let nodes = Make.numbered(count)
            try await test.engine.begin(Make.job(number), expected: nodes)
            await test.pass(.seconds(5))
            #expect(test.publisher.take().last?.nodes == (count == 200 ? nodes : nil))
            _ = await test.engine.cancel(Make.jobID(number), by: "root")
        }
    }

    @Test("a node that was given up and then says that it runs the job opens the job again")
    func reopens() async throws {
        let a = Make.node("a")
        _ = test.nodes.heard(a, from: "10.0.0.1", at: test.clock.now)
        test.nodes.subscribed(from: "10.0.0.1")
        try await test.engine.begin(Make.job(), expected: [a])
        await test.pass(.seconds(5))
        await test.pass(.seconds(10))
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.timedOut])
        try await test.expectAgreement(on: Make.jobID(1), count: 1)
        await test.say(Make.jobID(1), a, .runs)
        try await test.expectAgreement(on: Make.jobID(1), count: 1)
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.running])
        #expect(await test.engine.openCount == 1)
        // The afterglow of the first end does not take it away.
        for _ in 0..<8 {
            await test.say(Make.jobID(1), a, .runs)
            await test.pass(.seconds(5))
        }
        #expect(await test.engine.openCount == 1)
        try await test.answer(Make.jobID(1), a)
        try await test.expectAgreement(on: Make.jobID(1), count: 1)
        #expect(try await test.store.job(Make.jobID(1))?.ended == test.clock.now)
    }

    @Test("a batch publishes to as many as it says, and to the next as they answer")
    func batch() async throws {
        let nodes = Make.nodes("a", "b", "c")
        try await test.engine.begin(Make.job(batch: .nodes(2)), expected: nodes)
        #expect(test.publisher.take().map(\.nodes) == [Make.nodes("a", "b")])
        try await test.answer(Make.jobID(1), nodes[1])
        #expect(test.publisher.take().map(\.nodes) == [Make.nodes("c")])
        try await test.answer(Make.jobID(1), nodes[0])
        try await test.answer(Make.jobID(1), nodes[2])
        #expect(test.publisher.take().isEmpty)
        try await test.expectAgreement(on: Make.jobID(1), count: 3)
    }

    @Test("cancelling ends the waiting once; what comes all the same counts")
    func cancel() async throws {
        let nodes = Make.nodes("a", "b")
        try await test.engine.begin(Make.job(), expected: nodes)
        try await test.answer(Make.jobID(1), nodes[0])
        #expect(await test.engine.cancel(Make.jobID(1), by: "root") == [nodes[1]])
        #expect(await test.engine.cancel(Make.jobID(1), by: "root") == nil)
        #expect(await test.engine.cancel(Make.jobID(2), by: "root") == nil)
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.ok, .cancelled])
        try await test.expectAgreement(on: Make.jobID(1), count: 2)
        try await test.answer(Make.jobID(1), nodes[1])
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.ok, .ok])
        try await test.expectAgreement(on: Make.jobID(1), count: 2)
    }

    @Test("a late return lands, while the job is in memory and after")
    func late() async throws {
        let nodes = Make.nodes("a", "b")
        try await test.engine.begin(Make.job(), expected: nodes)
        await test.pass(.seconds(5))
        await test.pass(.seconds(10))
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.unreachable, .unreachable])
        let ended = try await test.store.job(Make.jobID(1))?.ended
        try await test.answer(Make.jobID(1), nodes[0])
        try await test.expectAgreement(on: Make.jobID(1), count: 2)
        await test.pass(.seconds(60))
        #expect(await test.engine.report(on: Make.jobID(1)) == nil)
        try await test.answer(Make.jobID(1), nodes[1])
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.ok, .ok])
        #expect(try await test.store.job(Make.jobID(1))?.ended == ended)
    }

    @Test("outcomes that the store refused are stored when it works again, and the job stays in memory until then")
    func storeFailsInBetween() async throws {
        let nodes = Make.nodes("a", "b")
        try await test.engine.begin(Make.job(), expected: nodes)
        await test.pass(.seconds(5))
        test.store.fail(.full(place: "test"))
        await test.pass(.seconds(10))
        #expect(
            await test.engine.report(on: Make.jobID(1))?.expectations.map(\.outcome.kind) == [
                .unreachable, .unreachable,
            ])
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.waiting, .waiting])
        await test.pass(.seconds(60))
        test.store.fail(nil)
        await test.pass(.seconds(5))
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.unreachable, .unreachable])
        try await test.expectAgreement(on: Make.jobID(1), count: 2)
        await test.pass(.seconds(1))
        #expect(await test.engine.report(on: Make.jobID(1)) == nil)
    }

    @Test("nodes that a job could not be sent to are not waited for", arguments: [nil, BatchSize.nodes(1)])
    func publishFails(_ batch: BatchSize?) async throws {
        test.publisher.fail(true)
        try await test.engine.begin(Make.job(batch: batch), expected: Make.nodes("a", "b"))
        let outcomes = try await test.store.expectations(of: Make.jobID(1)).map(\.outcome)
        #expect(outcomes == Array(repeating: .refused(reason: "the fake port is behind"), count: 2))
        try await test.expectAgreement(on: Make.jobID(1), count: 2)
    }

    @Test("a job without nodes is over at once")
    func nobody() async throws {
        try await test.engine.begin(Make.job(), expected: [])
        #expect(await test.engine.log(of: Make.jobID(1), from: 0, limit: 1) == .entries([], isOver: true))
        #expect(try await test.store.job(Make.jobID(1))?.ended != nil)
    }

    // MARK: Restart

    @Test("a restarted controller asks the open nodes and keeps what is known")
    func resumes() async throws {
        let nodes = Make.nodes("a", "b")
        try await test.engine.begin(Make.job(), expected: nodes)
        try await test.answer(Make.jobID(1), nodes[0])
        test.clock.advance(.seconds(100))
        let second = try TestEngine(after: test)
        try await second.engine.resume()
        #expect(second.publisher.take().isEmpty)
        await second.engine.tick()
        #expect(second.publisher.take().map(\.nodes) == [[nodes[1]]])
        try await second.answer(Make.jobID(1), nodes[1])
        try await second.expectAgreement(on: Make.jobID(1), count: 2)
        #expect(
            await second.engine.log(of: Make.jobID(1), from: 0, limit: 10)
                == .entries([.answered(nodes[0]), .answered(nodes[1])], isOver: true))
    }

    @Test(
        "right after a start a job waits for nodes that were connected before until they are back"
    )
    func waitsForNodesToComeBack() async throws {
        let (a, b) = (Make.node("a"), Make.node("b"))
        let remembered = [a: NodeContact(time: test.clock.now, isConnected: true, address: "10.0.0.1")]
        let second = try TestEngine(after: test, remembered: remembered, grace: .seconds(12))
        try await second.engine.begin(Make.job(1), expected: [a, b])
        try await second.engine.begin(Make.job(2), expected: [b])
        #expect(second.publisher.take().map(\.job) == [Make.jobID(2)])
        await second.pass(.seconds(6))
        #expect(second.publisher.take().allSatisfy { $0.job == Make.jobID(2) || $0.function != "test.ping" })
        second.nodes.subscribed(from: "10.0.0.1")
        await second.engine.tick()
        #expect(second.publisher.take().contains(.init(job: Make.jobID(1), function: "test.ping", nodes: nil)))
        #expect(try await second.store.notes(of: Make.jobID(1), node: a).count == 2)
        try await second.answer(Make.jobID(1), a)
        try await second.expectAgreement(on: Make.jobID(1), count: 2)
    }

    @Test("a node that does not come back holds a job no longer than the grace, and a cancelled one never goes out")
    func graceEnds() async throws {
        let a = Make.node("a")
        let remembered = [a: NodeContact(time: test.clock.now, isConnected: true, address: "10.0.0.1")]
        let second = try TestEngine(after: test, remembered: remembered, grace: .seconds(12))
        try await second.engine.begin(Make.job(1), expected: [a])
        try await second.engine.begin(Make.job(2), expected: [a])
        _ = await second.engine.cancel(Make.jobID(2), by: "root")
        await second.pass(.seconds(11))
        #expect(second.publisher.take().isEmpty)
        await second.pass(.seconds(1))
        #expect(second.publisher.take().map(\.job) == [Make.jobID(1)])
        try await second.expectAgreement(on: Make.jobID(2), count: 1)
    }

    @Test("a job that was held when the controller died goes out after the next start, once")
    func heldAcrossACrash() async throws {
        let a = Make.node("a")
        let remembered = [a: NodeContact(time: test.clock.now, isConnected: true, address: "10.0.0.1")]
        let second = try TestEngine(after: test, remembered: remembered, grace: .seconds(12))
        try await second.engine.begin(Make.job(1), expected: [a])
        #expect(try await second.store.job(Make.jobID(1))?.sent == nil)

        let third = try TestEngine(after: second, remembered: remembered, grace: .seconds(12))
        try await third.engine.resume()
        await third.engine.tick()
        #expect(third.publisher.take().isEmpty)
        third.nodes.subscribed(from: "10.0.0.1")
        await third.engine.tick()
        #expect(third.publisher.take().map(\.job) == [Make.jobID(1)])
        #expect(try await third.store.job(Make.jobID(1))?.sent == third.clock.now)

        let fourth = try TestEngine(after: third)
        try await fourth.engine.resume()
        await fourth.engine.tick()
        #expect(fourth.publisher.take().map(\.function) == ["saltutil.find_job"])
        try await fourth.answer(Make.jobID(1), a)
        try await fourth.expectAgreement(on: Make.jobID(1), count: 1)
    }

    @Test("a held job does not go out before the store knows that it does")
    func heldWhileTheStoreFails() async throws {
        let a = Make.node("a")
        let remembered = [a: NodeContact(time: test.clock.now, isConnected: true, address: "10.0.0.1")]
        let second = try TestEngine(after: test, remembered: remembered, grace: .seconds(12))
        try await second.engine.begin(Make.job(1), expected: [a])
        second.store.fail(.full(place: "test"))
        await second.pass(.seconds(13))
        #expect(second.publisher.take().isEmpty)
        second.store.fail(nil)
        await second.pass(.seconds(1))
        #expect(second.publisher.take().map(\.job) == [Make.jobID(1)])
    }

    @Test("a job that could not go out to anybody is not stored as sent")
    func unsentWhenThePortIsBehind() async throws {
        try await test.engine.begin(Make.job(1), expected: Make.nodes("a"))
        #expect(try await test.store.job(Make.jobID(1))?.sent == test.clock.now)
        test.publisher.fail(true)
        try await test.engine.begin(Make.job(2), expected: Make.nodes("a"))
        #expect(try await test.store.job(Make.jobID(2))?.sent == nil)
    }

    @Test("a batch goes on after a restart, also when all that were published to are silent")
    func resumesBatch() async throws {
        let nodes = Make.nodes("a", "b", "c")
        try await test.engine.begin(Make.job(batch: .nodes(1)), expected: nodes)
        let second = try TestEngine(after: test)
        try await second.engine.resume()
        #expect(second.publisher.take().map(\.nodes) == [[nodes[0]]])
        for (number, node) in nodes.enumerated() {
            try await second.answer(Make.jobID(1), node)
            #expect(second.publisher.take().map(\.nodes) == (number < 2 ? [[nodes[number + 1]]] : []))
        }
        try await second.expectAgreement(on: Make.jobID(1), count: 3)
    }

    @Test("a job whose last return is stored but not its end, ends at the restart")
    func resumesAJobThatIsOver() async throws {
        let a = Make.node("a")
        try await test.engine.begin(Make.job(), expected: [a])
        try await test.store.commit([.nodeReturn(Make.answer(Make.jobID(1), a))])
        let second = try TestEngine(after: test)
        try await second.engine.resume()
        try await second.expectAgreement(on: Make.jobID(1), count: 1)
        #expect(try await second.store.job(Make.jobID(1))?.ended != nil)
        // The report of that return, had it been under way, is not told again.
        await second.engine.handle(.stored([.init(Make.answer(Make.jobID(1), a))]))
        #expect(
            await second.engine.log(of: Make.jobID(1), from: 0, limit: 10) == .entries([.answered(a)], isOver: true))
    }

    @Test("a cancelled reader of the log stops waiting")
    func logCancellation() async throws {
        try await test.engine.begin(Make.job(), expected: Make.nodes("a"))
        let engine = test.engine
        let reader = Task { await engine.log(of: Make.jobID(1), from: 0, limit: 1) }
        reader.cancel()
        #expect(await reader.value == .forgotten)
    }
}
