import MusterCore
import Testing

@testable import Controller

@Suite(.timeLimit(.minutes(1))) struct EventFeedTests {
    let store: TestStore
    let signal = SequenceSignal()

    init() throws { store = try TestStore() }

    private func fire(_ tags: String..., at time: Timestamp = TestClock.start) async throws {
        let commit = try await store.commit(tags.map { .event(Event(tag: $0, time: time, data: [:])) })
        signal.advance(to: commit.newestSequence)
    }

    private func feed(_ query: EventQuery) -> EventFeed { EventFeed(query, store: store, signal: signal) }

    private func tags(_ batch: EventBatch?) -> [String] {
        guard case .events(let events)? = batch else { return [] }
        return events.map(\.tag)
    }

    @Test("from now on means from the call on, not from the first read")
    func fromNowOn() async throws {
        try await fire("old")
        let feed = feed(EventQuery())
        try await fire("new")
        #expect(tags(try await feed.next()) == ["new"])
    }

    @Test("a cursor gets history, then what comes")
    func historyThenLive() async throws {
        try await fire("a", "b", "c")
        let feed = feed(EventQuery(after: 1))
        #expect(tags(try await feed.next()) == ["b", "c"])
        let next = Task { try await feed.next() }
        try await fire("d")
        #expect(tags(try await next.value) == ["d"])
    }

    @Test("a feed that does not follow ends with what there is")
    func ends() async throws {
        try await fire("a")
        let feed = feed(EventQuery(after: 0, follows: false))
        #expect(tags(try await feed.next()) == ["a"])
        #expect(try await feed.next() == nil)
    }

    @Test("only tags that match are told, however many do not")
    func filters() async throws {
        for number in 0..<600 { try await fire("noise/\(number)") }
        try await fire("salt/job/1/new")
        let feed = feed(EventQuery(tag: "salt/*", after: 0, follows: false))
        #expect(tags(try await feed.next()) == ["salt/job/1/new"])
        #expect(try await feed.next() == nil)
    }

    @Test("a return is told as Salt's event")
    func returns() async throws {
        let nodeReturn = Make.answer(Make.jobID(1), Make.node("a"), code: 2)
        let commit = try await store.commit([.nodeReturn(nodeReturn)])
        signal.advance(to: commit.newestSequence)
        guard case .events(let events)? = try await feed(EventQuery(after: 0)).next() else {
            Issue.record("no events")
            return
        }
        #expect(events.map(\.tag) == ["salt/job/\(Make.jobID(1))/ret/a"])
        #expect(events[0].data["retcode"] == 2 && events[0].data["return"] == true)
    }

    @Test("what retention took before the reader came is told as a gap")
    func gap() async throws {
        try await fire("a", "b", "c")
        let later = TestClock.start + .seconds(1000)
        try await fire("d", at: later)
        _ = try await store.prune(Retention(age: .seconds(500)), now: later)
        let feed = feed(EventQuery(after: 1, follows: false))
        #expect(try await feed.next() == .gap(after: 1, count: 2))
        #expect(tags(try await feed.next()) == ["d"])
        #expect(try await feed.next() == nil)
    }

    @Test("when nothing is left, all that was is a gap")
    func everythingPruned() async throws {
        try await fire("a", "b", "c")
        let later = TestClock.start + .seconds(1000)
        _ = try await store.prune(Retention(age: .seconds(500)), now: later)
        let feed = feed(EventQuery(after: 1))
        #expect(try await feed.next() == .gap(after: 1, count: 2))
        try await fire("d", at: later)
        #expect(tags(try await feed.next()) == ["d"])
    }

    @Test("a cursor of another sequence is told and set to the end")
    func foreignCursor() async throws {
        try await fire("a")
        let feed = feed(EventQuery(after: 5000))
        #expect(try await feed.next() == .gap(after: 5000, count: 0))
        try await fire("b")
        #expect(tags(try await feed.next()) == ["b"])
    }

    @Test("a cancelled subscriber stops waiting")
    func cancellation() async throws {
        let feed = feed(EventQuery())
        let reader = Task { try await feed.next() }
        reader.cancel()
        await #expect(throws: CancellationError.self) { _ = try await reader.value }
    }
}
