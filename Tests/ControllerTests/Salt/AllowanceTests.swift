import MusterCore
import Testing

@testable import Controller

@Suite struct AllowanceTests {
    private let start = TestClock.start

    /// How often one can be taken.
    private func taken(_ allowance: inout Allowance, at now: Timestamp) -> Int {
        var count = 0
        while count < 10_000, allowance.take(1, at: now) { count += 1 }
        return count
    }

    @Test("it comes back evenly, also when it is asked for all the time", arguments: [1, 60, 1000, 7])
    func refills(_ perMinute: Int) {
        var allowance = Allowance(capacity: 1000, perMinute: perMinute)
        let full = taken(&allowance, at: start)
        #expect(full == 1000)
        var back = 0
        for tick in 1...600 { back += taken(&allowance, at: start + .milliseconds(100 * tick)) }
        #expect(back == perMinute)
        let later = taken(&allowance, at: start + .seconds(366 * 86_400))
        #expect(later == 1000, "never more than it holds")
    }

    @Test("what costs more than is left takes nothing")
    func isWholeOrNothing() {
        var allowance = Allowance(capacity: 10, perMinute: 60)
        let large = allowance.take(Allowance.cost(ofBytes: 1 << 20), at: start)
        #expect(!large)
        let left = taken(&allowance, at: start)
        #expect(left == 10)
        allowance.giveBack(50)
        let returned = taken(&allowance, at: start)
        #expect(returned == 10)
    }

    @Test("none is none, and a clock that was set back gives nothing away")
    func edges() {
        var none = Allowance(capacity: 0, perMinute: 0)
        let never = none.take(1, at: start)
        #expect(!never)
        var allowance = Allowance(capacity: 2, perMinute: 60)
        _ = taken(&allowance, at: start)
        let before = taken(&allowance, at: start + .seconds(-100))
        #expect(before == 0)
        let after = taken(&allowance, at: start + .seconds(-99))
        #expect(after == 1)
    }
}
