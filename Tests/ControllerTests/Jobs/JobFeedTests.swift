import MusterCore
import Testing

@testable import Controller

@Suite(.timeLimit(.minutes(1))) struct JobFeedTests {
    let test: TestEngine
    let id = Make.jobID(1)

    init() throws { test = try TestEngine() }

    /// Updates in short: `begun 2`, `a ok`, `ended 2`.
    private func short(_ update: JobUpdate) -> String {
        switch update {
        case .begun(let report): "begun \(report.nodes.count)"
        case .answered(let answer, let outcome):
            "\(answer.node) \(outcome.kind.rawValue)\(answer.isExpected ? "" : " (stranger)")"
        case .changed(let expectation): "\(expectation.node) -> \(expectation.outcome.kind.rawValue)"
        case .ended(let report): "ended \(report.nodes.filter { $0.outcome.isFinal }.count)"
        }
    }

    private func next(_ feed: JobFeed) async throws -> [String] { try await feed.next()?.map(short) ?? ["over"] }

    private func rest(_ feed: JobFeed) async throws -> [String] {
        var updates: [String] = []
        while let group = try await feed.next() { updates += group.map(short) }
        return updates
    }

    @Test("a follower gets what has happened, then what happens, then the end")
    func historyThenLive() async throws {
        let nodes = Make.nodes("a", "b", "c")
        try await test.engine.begin(Make.job(), expected: nodes)
        try await test.answer(id, nodes[0])
        let feed = test.feed(id)
        #expect(try await next(feed) == ["begun 3"])
        #expect(try await next(feed) == ["a ok"])
        // It waits now, and is woken by the answer.
        let waiting = Task { try await next(feed) }
        try await test.answer(id, nodes[1], code: 3)
        #expect(try await waiting.value == ["b failed"])
        try await test.answer(id, Make.node("x"))
        await test.pass(.seconds(5))
        await test.pass(.seconds(10))
        #expect(try await rest(feed) == ["x ok (stranger)", "c -> unreachable", "ended 3"])
        #expect(try await feed.next() == nil)
    }

    @Test("a slow reader misses no answer, though the job has left the memory meanwhile")
    func slowReader() async throws {
        let nodes = Make.numbered(600)
        try await test.engine.begin(Make.job(), expected: nodes)
        let feed = test.feed(id)
        #expect(try await next(feed) == ["begun 600"])
        try await test.answer(id, nodes[0])
        #expect(try await next(feed) == ["node-00000 ok"])
        for node in nodes.dropFirst() { try await test.answer(id, node) }
        await test.pass(.seconds(60))
        #expect(await test.engine.report(on: id) == nil)
        let updates = try await rest(feed)
        #expect(updates.dropLast() == nodes.dropFirst().map { "\($0) ok" }[...])
        #expect(updates.last == "ended 600")
    }

    @Test("a job that ended long ago is told from the store, strangers included")
    func endedJob() async throws {
        let nodes = Make.numbered(600)
        let expected = nodes.dropLast().map { MusterCore.Expectation(node: $0, outcome: .waiting) }
        try await test.store.commit(
            [.job(Make.job(), expected: expected)] + nodes.map { .nodeReturn(Make.answer(id, $0)) }
                + [.jobEnded(id, at: test.clock.now)])
        let updates = try await rest(test.feed(id))
        #expect(updates.count == 602)
        #expect(updates.first == "begun 599" && updates.last == "ended 599")
        #expect(updates[1] == "node-00000 ok" && updates[600] == "node-00599 ok (stranger)")
    }

    @Test("after a restart a follower also gets the answers from before")
    func resumedJob() async throws {
        let nodes = Make.nodes("a", "b")
        try await test.engine.begin(Make.job(), expected: nodes)
        try await test.answer(id, nodes[0])
        let second = try TestEngine(after: test)
        try await second.engine.resume()
        try await second.answer(id, nodes[1])
        #expect(try await rest(second.feed(id)) == ["begun 2", "a ok", "b ok", "ended 2"])
    }

    @Test("two followers of one job both get everything")
    func twoFollowers() async throws {
        let nodes = Make.numbered(300)
        try await test.engine.begin(Make.job(), expected: nodes)
        let feeds = [test.feed(id), test.feed(id)]
        let readers = feeds.map { feed in Task { try await rest(feed) } }
        for node in nodes { try await test.answer(id, node) }
        let expected = ["begun 300"] + nodes.map { "\($0) ok" } + ["ended 300"]
        for reader in readers { #expect(try await reader.value == expected) }
    }

    @Test("a follower that is cancelled stops waiting")
    func cancellation() async throws {
        try await test.engine.begin(Make.job(), expected: Make.nodes("a"))
        let feed = test.feed(id)
        _ = try await feed.next()
        let reader = Task { try await feed.next() }
        reader.cancel()
        await #expect(throws: CancellationError.self) { _ = try await reader.value }
    }
}
