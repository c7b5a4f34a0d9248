import MCollectiveProtocol
import Testing

struct ReplyTallyTests {
    @Test("a client stops when all expected nodes have answered")
    func completes() {
        var tally = ReplyTally(expected: ["b", "a"])
        #expect(!tally.isComplete && tally.missing == ["a", "b"])
        #expect(tally.received(from: "a") == .expected)
        #expect(tally.received(from: "x") == .unexpected)
        #expect(!tally.isComplete && tally.missing == ["b"])
        #expect(tally.received(from: "b") == .expected)
        #expect(tally.isComplete && tally.count == 3 && tally.unexpected == ["x"] && tally.missing.isEmpty)
    }

    @Test("a second answer counts for nobody else")
    func repeats() {
        var tally = ReplyTally(expected: ["a", "b"])
        _ = tally.received(from: "a")
        #expect(tally.received(from: "a") == .repeated)
        #expect(tally.count == 1 && !tally.isComplete)
    }

    @Test("with nobody expected only time ends the waiting")
    func nobody() {
        var tally = ReplyTally(expected: [])
        #expect(!tally.isComplete)
        #expect(tally.received(from: "a") == .unexpected)
        #expect(!tally.isComplete && tally.unexpected == ["a"])
    }
}
