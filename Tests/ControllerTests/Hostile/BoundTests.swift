import MusterCore
import MusterTestSupport
import SaltProtocol
import Testing

@testable import Controller

/// What a peer may not do without end: leave keys, rows and events behind.
@Suite(.timeLimit(.minutes(1))) struct BoundTests {
    @Test("strangers leave so many pending keys and no more; room comes back, and known nodes get in all the while")
    func pendingKeys() async throws {
        var policy = AutosignPolicy()
        policy.maxPending = 3
        try await TestPort.with(policy: policy) { port in
            let known = try await port.signedIn("web1")
            var answers: [SignInFailure?] = []
            for number in 0..<50 {
                answers.append(try await port.signInFailure(of: "stranger\(number)"))
            }
            #expect(answers == Array(repeating: .pending, count: 3) + Array(repeating: .full, count: 47))
            #expect(Files.list("\(port.keys.directory)/minions_pre").count == 3)
            #expect(try await port.tags().filter { $0 == "salt/auth" }.count == 4)
            #expect(port.counters.value(.signInsCrowded) == 47 && port.counters.value(.signInsRefused) == 50)
            #expect(port.log.lines.filter { $0.contains("too many keys wait") && $0.contains("127.0.0.1") }.count == 1)
            // Those that wait still wait, and those that are known come and go.
            #expect(try await port.signInFailure(of: "stranger0") == .pending)
            #expect(try await known.signInFailure() == nil)
            #expect(try port.keys.move(Make.node("stranger0"), to: .accepted))
            #expect(try await port.signInFailure(of: "stranger9") == .pending)
            // What another program put there or took away counts too.
            try Files.remove("\(port.keys.directory)/minions_pre/stranger9")
            port.keys.rescan()
            #expect(port.keys.count(.pending) == 2)
        }
    }

    @Test("of keys that a rule rejects no more are kept either")
    func rejectedKeys() async throws {
        let disk = try TestPort.Disk()
        var policy = AutosignPolicy()
        policy.maxPending = 3
        let path = disk.directory.file("rules")
        try Files.write(Array("bad*\n".utf8), to: path, mode: 0o600)
        policy.rejectFile = path
        try await TestPort.with(disk, policy: policy) { port in
            for number in 0..<6 {
                let failure = try await port.signInFailure(of: "bad\(number)")
                #expect(failure == .rejected)
            }
            #expect(Files.list("\(port.keys.directory)/minions_rejected").count == 3)
            #expect(try await port.signInFailure(of: "good") == .pending)
        }
    }

    @Test("a thousand new keys are a few lines, and a recorded sign-in that is sent again is no event")
    func signInNoise() async throws {
        try await TestPort.with { port in
            for number in 0..<100 {
                _ = try await port.signInFailure(of: "new\(number)")
            }
            #expect(port.log.lines.filter { $0.contains("key waits") }.count == 20)
            let node = try await port.signedIn("web1")
            let before = try await port.tags().count
            let frame = SignInRequest(id: "web1", nonce: try .random(), publicKey: node.key.publicKey).encoded()
            for _ in 0..<20 { _ = try await node.exchange(frame) }
            #expect(try await port.tags().count == before)
            port.clock.advance(.seconds(61))
            _ = try await node.exchange(frame)
            #expect(try await port.tags().count == before + 1)
        }
    }

    @Test("a name that only looks like a known one is another node, and takes nothing from it")
    func lookAlike() async throws {
        try await TestPort.with { port in
            let real = try await port.signedIn("m\u{fc}nchen")
            let other = try TestNode("mu\u{308}nchen", key: Make.keys[1], at: port)
            #expect(try await other.signInFailure() == .pending)
            #expect(port.keys.state(of: real.id) == .accepted && port.keys.state(of: other.id) == .pending)
            #expect(try await real.ask(.mineGet) == .value([:]))
            #expect(
                try await real.ask(.event("salt/minion/mu\u{308}nchen/start", data: [:], from: real.id))
                    == .value(.null))
            #expect(port.counters.value(.refusedEvents) == 1)
        }
    }

    @Test("returns under made-up jobs are bounded for each node; what is expected is always taken")
    func madeUpJobs() async throws {
        try await TestPort.with(change: { $0.unaskedReturns = 5 }) { port in
            let hostile = try await port.signedIn("web1")
            let other = try await port.signedIn("web2", key: Make.keys[1])
            let asked = Make.job(500)
            try await port.store.commit([
                .job(asked, expected: [.init(node: hostile.id, outcome: .waiting)]),
                .jobEnded(asked.id, at: TestClock.start),
            ])
            for number in 0..<20 {
                let answer = try await hostile.ask(hostile.returnRequest(Make.jobID(number).text))
                #expect(answer == .value(number < 5 ? .null : ""))
            }
            #expect(port.counters.value(.unaskedReturns) == 5 && port.counters.value(.refusedReturns) == 15)
            #expect(port.log.lines.filter { $0.contains("returns refused") && $0.contains("127.0.0.1") }.count == 1)
            #expect(try await port.store.returnedNodes(of: Make.jobID(4)) == [hostile.id])
            #expect(try await port.store.returnedNodes(of: Make.jobID(5)).isEmpty)
            // Neither may it make jobs of its own, but it answers what it was asked, and so do others.
            #expect(try await hostile.ask(hostile.returnRequest("req")) == .value(""))
            #expect(try await port.store.jobs(JobQuery()).count == 1)
            #expect(try await hostile.ask(hostile.returnRequest(asked.id.text)) == .value(.null))
            #expect(try await port.store.expectations(of: asked.id).map(\.outcome) == [.ok])
            #expect(try await other.ask(other.returnRequest("req")) == .value(.null))
            // A second later it may send another one.
            port.clock.advance(.seconds(1))
            #expect(try await hostile.ask(hostile.returnRequest(Make.jobID(30).text)) == .value(.null))
            #expect(try await hostile.ask(hostile.returnRequest(Make.jobID(31).text)) == .value(""))
        }
    }

    @Test("a node that a job did not expect is kept beside the job, and is none of its outcomes")
    func unexpectedNode() async throws {
        try await TestPort.with { port in
            let stranger = try await port.signedIn("web1")
            let job = Make.job(500)
            try await port.store.commit([.job(job, expected: [.init(node: Make.node("web2"), outcome: .waiting)])])
            #expect(try await stranger.ask(stranger.returnRequest(job.id.text)) == .value(.null))
            #expect(try await port.store.job(job.id)?.counts == [.waiting: 1])
            #expect(try await port.store.returnedNodes(of: job.id) == [stranger.id])
            #expect(port.counters.value(.unaskedReturns) == 1)
        }
    }

    @Test("expected returns cost nothing, sent once or twice")
    func expectedReturns() async throws {
        try await TestPort.with(change: { $0.unaskedReturns = 2 }) { port in
            let node = try await port.signedIn("web1")
            for number in 0..<10 {
                let job = Make.job(number)
                try await port.store.commit([.job(job, expected: [.init(node: node.id, outcome: .waiting)])])
                for _ in 0..<2 { #expect(try await node.ask(node.returnRequest(job.id.text)) == .value(.null)) }
            }
            #expect(port.counters.value(.unaskedReturns) == 0 && port.counters.value(.refusedReturns) == 0)
            #expect(try await node.ask(node.returnRequest("req")) == .value(.null))
        }
    }

    @Test("events are bounded for each node: what is too many or too large is dropped, counted, and logged once")
    func events() async throws {
        var limits = EventLimits()
        (limits.perMinute, limits.bytes) = (60, 100 << 10)
        try await TestPort.with(change: { $0.eventLimits = limits }) { port in
            let hostile = try await port.signedIn("web1")
            let other = try await port.signedIn("web2", key: Make.keys[1])
            func fire(_ count: Int, bytes: Int = 1, by node: TestNode) async throws {
                let data = Value.string(String(repeating: "x", count: bytes))
                let entries = (0..<count).map { _ in EventMessage.Entry(tag: "my/tag", data: data) }
                // The node is told nothing: it could only send the same again.
                #expect(try await node.ask(.events(entries, from: node.id)) == .value(.null))
            }
            func stored() async throws -> Int { try await port.tags().count { $0 == "my/tag" } }

            try await fire(50, by: hostile)
            try await fire(50, by: hostile)
            #expect(try await stored() == 60)
            #expect(port.counters.value(.events) == 60 && port.counters.value(.droppedEvents) == 40)
            #expect(port.log.lines.filter { $0.contains("events dropped") && $0.contains("web1") }.count == 1)
            // Others have their own, and a large event takes more of it.
            try await fire(1, bytes: 101 << 10, by: other)
            #expect(try await stored() == 60)
            try await fire(40, bytes: 70 << 10, by: other)
            #expect(try await stored() == 90)
            #expect(try await hostile.ask(.event("my/tag", data: [:], from: hostile.id)) == .value(.null))
            #expect(try await stored() == 90 && port.counters.value(.droppedEvents) == 52)
            // A second later it may send another one.
            port.clock.advance(.seconds(1))
            try await fire(2, by: hostile)
            #expect(try await stored() == 91)
            #expect(port.log.lines.filter { $0.contains("events dropped") }.count == 1)
            #expect(try await hostile.ask(.mineGet) == .value([:]))
        }
    }
}
