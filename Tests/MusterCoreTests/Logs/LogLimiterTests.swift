import MusterCore
import Testing

@Suite struct LogLimiterTests {
    private func at(_ seconds: Int) -> Timestamp { Timestamp(microseconds: 1_795_000_000_000_000) + .seconds(seconds) }

    @Test("a kind has one line a minute, and the next says how many were left out")
    func oneAMinute() {
        let limiter = LogLimiter()
        #expect((0..<5).map { limiter.admit("bad load", at: at($0)) } == [0, nil, nil, nil, nil])
        #expect(limiter.admit("other", at: at(5)) == 0)
        #expect(limiter.admit("bad load", at: at(59)) == nil)
        #expect(limiter.admit("bad load", at: at(60)) == 5)
        #expect(limiter.admit("bad load", at: at(120)) == 0)
    }

    @Test("a burst has as many lines as it may")
    func bursts() {
        let limiter = LogLimiter()
        #expect((0..<4).map { limiter.admit("refused", at: at($0), burst: 2) } == [0, 0, nil, nil])
        #expect(limiter.admit("refused", at: at(60), burst: 2) == 2)
    }

    @Test("a clock that is set back silences nothing")
    func clockSetBack() {
        let limiter = LogLimiter()
        #expect(limiter.admit("refused", at: at(1000)) == 0)
        #expect(limiter.admit("refused", at: at(0)) == 0)
    }
}
