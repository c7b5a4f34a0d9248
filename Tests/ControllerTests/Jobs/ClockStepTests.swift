import MusterCore
import SaltProtocol
import Testing

@testable import Controller

/// The clock on the wall is set while the controller works, or before it starts again.
@Suite(.timeLimit(.minutes(1))) struct ClockStepTests {
    let test: TestEngine

    init() throws { test = try TestEngine() }

    private static let steps: [Duration] = [.seconds(-3600), .seconds(3600), .seconds(-86_400 * 400)]

    @Test("a job's patience is time that passes, wherever the clock is set to", arguments: steps)
    func patience(_ step: Duration) async throws {
        let job = Make.jobID(1)
        _ = test.nodes.heard(Make.node("b"), from: "10.0.0.1", at: test.clock.now)
        test.nodes.subscribed(from: "10.0.0.1")
        try await test.engine.begin(Make.job(), expected: Make.nodes("a", "b"))
        _ = test.publisher.take()
        await test.pass(.seconds(3))
        _ = test.nodes.heard(Make.node("b"), from: "10.0.0.1", at: test.clock.now)
        test.clock.set(test.clock.now + step)

        await test.engine.tick()
        await test.pass(.seconds(1))
        #expect(test.publisher.take().isEmpty, "not before its time")
        await test.pass(.seconds(1))
        #expect(test.publisher.take().map(\.function) == ["saltutil.find_job"])
        await test.pass(.seconds(9))
        #expect(try await test.outcomes(of: job) == [.waiting, .waiting])
        await test.pass(.seconds(1))
        // One was never heard from; the other was, after the job.
        #expect(try await test.outcomes(of: job) == [.unreachable, .timedOut])
        try await test.expectAgreement(on: job, count: 2)

        await test.pass(.seconds(31))
        #expect(await test.engine.report(on: job) == nil, "forgotten in its time")
    }

    @Test("what the store refused is tried again in its time, although the clock was set back")
    func retries() async throws {
        try await test.engine.begin(Make.job(), expected: Make.nodes("a"))
        test.store.fail(.full(place: "test"))
        await test.pass(.seconds(5))
        await test.pass(.seconds(10))
        test.clock.set(test.clock.now + .seconds(-7200))
        await test.engine.tick()
        test.store.fail(nil)
        await test.pass(.seconds(6))
        try await test.expectAgreement(on: Make.jobID(1), count: 1)
        #expect(try await test.outcomes(of: Make.jobID(1)) == [.unreachable])
    }

    @Test("ids rise over a restart with a clock that was set back, above those of questions too")
    func ids() async throws {
        try await test.engine.begin(Make.job(), expected: Make.nodes("a"))
        await test.pass(.seconds(5))
        let question = try #require(test.publisher.publishes.last)
        #expect(question.function == "saltutil.find_job" && question.job > Make.jobID(1))
        let newest = try await test.store.newestJob()
        #expect(newest == question.job)

        let clock = test.clock
        clock.set(clock.now + .seconds(-86_400))
        let restarted = JobIDSource(after: newest, now: { clock.now })
        var last = question.job
        for _ in 0..<1000 {
            let next = restarted.next()
            #expect(next > last)
            last = next
        }
    }

    @Test("a job that is taken up with a clock behind its own time still ends")
    func resumed() async throws {
        try await test.engine.begin(Make.job(), expected: Make.nodes("a"))
        test.clock.set(test.clock.now + .seconds(-3600))
        let restarted = try TestEngine(after: test)
        try await restarted.engine.resume()
        for _ in 0..<10 { await restarted.pass(.seconds(10)) }
        #expect(try await restarted.outcomes(of: Make.jobID(1)) == [.unreachable])
        try await restarted.expectAgreement(on: Make.jobID(1), count: 1)
    }

    @Test("a session goes on over a small step, and over a large one the node signs in again")
    func sessions() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            #expect(try await node.ask(.mineGet) == .value([:]))
            let key = node.session?.sessionKey
            port.clock.set(port.clock.now + .seconds(-200))
            if try await node.ask(.mineGet) != .value([:]) {
                // The step went over the moment at which this node's key changes.
                #expect(try await node.signInFailure() == nil)
            }
            port.clock.set(port.clock.now + .seconds(-86_400 * 3))
            #expect(try await node.ask(.mineGet) == .refused("bad load"))
            #expect(try await node.signInFailure() == nil)
            #expect(node.session?.sessionKey != key)
            #expect(try await node.ask(.mineGet) == .value([:]))
            #expect(!port.ring.isExpired(at: port.clock.now))
        }
    }

    @Test("signing in again leaves the session as it is")
    func signInKeepsSession() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            let session = try #require(node.session)
            let other = try TestNode("web1", at: port)
            #expect(try await other.signInFailure() == nil)
            #expect(other.session?.sessionKey == session.sessionKey)
            #expect(try await node.ask(.mineGet) == .value([:]))
            #expect(try await other.ask(.mineGet) == .value([:]))
        }
    }

    @Test("lines that come once a minute come again a minute later, whatever the clock does")
    func limiter() {
        let limiter = LogLimiter()
        let start = TestClock.start
        #expect(limiter.admit("a", at: start) == 0)
        #expect(limiter.admit("a", at: start + .seconds(1)) == nil)
        #expect(limiter.admit("a", at: start + .seconds(-3600)) == 1)
        #expect(limiter.admit("a", at: start + .seconds(-3599)) == nil)
    }
}
