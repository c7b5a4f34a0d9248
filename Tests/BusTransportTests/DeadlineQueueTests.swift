import NIOCore
import Testing

@testable import BusTransport

@Suite struct DeadlineQueueTests {
    private func at(_ milliseconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .milliseconds(milliseconds) }

    private func due(_ queue: inout DeadlineQueue<String>, at milliseconds: Int64) -> [String] {
        var members: [String] = []
        while let member = queue.popDue(at: at(milliseconds)) { members.append(member) }
        return members
    }

    @Test func membersComeInTheOrderOfTheirDeadlinesAndOnce() {
        var queue = DeadlineQueue<String>()
        #expect(queue.next == nil)
        for (member, time) in [("c", Int64(30)), ("a", 10), ("b", 20)] { queue.ask(member, at: at(time), now: at(0)) }
        #expect(queue.next == at(10))
        #expect(due(&queue, at: 9).isEmpty)
        #expect(due(&queue, at: 25) == ["a", "b"])
        #expect(due(&queue, at: 30) == ["c"])
        #expect(due(&queue, at: 1000).isEmpty && queue.next == nil)
    }

    @Test func theEarliestWishCountsAndLeftoversMeanNothing() {
        var queue = DeadlineQueue<String>()
        queue.ask("a", at: at(50), now: at(0))
        queue.ask("a", at: at(90), now: at(0))
        queue.ask("a", at: at(20), now: at(0))
        #expect(due(&queue, at: 20) == ["a"])
        queue.ask("a", at: at(70), now: at(20))
        #expect(due(&queue, at: 69).isEmpty)
        #expect(due(&queue, at: 100) == ["a"])
        #expect(due(&queue, at: 100).isEmpty)
    }

    @Test func aMemberThatHasGoneIsNotAsked() {
        var queue = DeadlineQueue<String>()
        queue.ask("a", at: at(10), now: at(0))
        queue.ask("b", at: at(10), now: at(0))
        queue.forget("a")
        #expect(due(&queue, at: 10) == ["b"])
    }

    @Test func farDeadlinesFallTogetherAndNeverEarly() {
        var queue = DeadlineQueue<Int>()
        for member in 0..<1000 { queue.ask(member, at: at(10_000 + Int64(member) / 10), now: at(0)) }
        #expect(queue.popDue(at: at(9_999)) == nil)
        var wakings = 0
        while let next = queue.next {
            wakings += 1
            #expect(next <= at(10_200))
            while let member = queue.popDue(at: next) { #expect(at(10_000 + Int64(member) / 10) <= next) }
        }
        #expect(wakings == 2)
    }
}
