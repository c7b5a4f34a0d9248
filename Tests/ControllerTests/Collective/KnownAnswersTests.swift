import MCollectiveProtocol
import MusterCore
import Testing

@testable import Controller

struct KnownAnswersTests {
    private let start = Timestamp(seconds: 1000)

    @Test("answers to one filter say nothing of another")
    func apart() {
        var known = KnownAnswers()
        known.note(["a"], to: Filter(agent: "x"), at: start, isWhole: true)
        #expect(known.nodes(Filter(agent: "x"), at: start) == ["a"])
        #expect(known.nodes(Filter(), at: start) == nil)
    }

    @Test("after their time the whole window is waited for again, however often they were renewed")
    func age() {
        var known = KnownAnswers(lifetime: .seconds(10))
        known.note(["a"], to: Filter(), at: start, isWhole: true)
        known.note(["a", "b"], to: Filter(), at: start + .seconds(9), isWhole: false)
        #expect(known.nodes(Filter(), at: start + .seconds(9)) == ["a", "b"])
        #expect(known.nodes(Filter(), at: start + .seconds(10)) == nil)
        #expect(known.nodes(Filter(), at: start + .seconds(-1)) == nil)
    }

    @Test("the oldest are forgotten")
    func bound() {
        var known = KnownAnswers(capacity: 2)
        for (second, agent) in ["x", "y", "z"].enumerated() {
            known.note(["a"], to: Filter(agent: agent), at: start + .seconds(second), isWhole: true)
        }
        #expect(known.nodes(Filter(agent: "x"), at: start) == nil)
        #expect(known.nodes(Filter(agent: "z"), at: start + .seconds(2)) == ["a"])
    }
}
