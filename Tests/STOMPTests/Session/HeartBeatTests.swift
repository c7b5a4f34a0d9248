import NIOCore
import STOMP
import Testing

struct HeartBeatTests {
    private static func at(_ milliseconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .milliseconds(milliseconds) }

    @Test(
        "offers are read",
        arguments: [
            ("0,0", 0, 0), ("30500,29500", 30500, 29500), (" 1 , 2", 1, 2), ("999999999999,1", 86_400_000, 1),
        ] as [(String, Int64, Int64)])
    func reads(text: String, sends: Int64, wants: Int64) {
        #expect(HeartBeatOffer(text) == HeartBeatOffer(sends: .milliseconds(sends), wants: .milliseconds(wants)))
    }

    @Test("what is no offer is none", arguments: ["", "1", "1,2,3", "-1,0", "a,b", "1,", "99999999999999999999,0"])
    func refuses(text: String) {
        #expect(HeartBeatOffer(text) == nil)
    }

    @Test(
        "the slower of the two decides, and either may want none",
        arguments: [(500, 1000, 1000), (1000, 500, 1000), (0, 500, nil), (500, 0, nil)] as [(Int64, Int64, Int64?)])
    func negotiates(sends: Int64, wants: Int64, interval: Int64?) {
        let ours = HeartBeatOffer(sends: .milliseconds(sends))
        let theirs = HeartBeatOffer(wants: .milliseconds(wants))
        #expect(ours.interval(toward: theirs) == interval.map { .milliseconds($0) })
    }

    @Test func beatsInGoodTimeAndOnlyWhenNothingElseWasSent() {
        let ours = HeartBeatOffer(sends: .milliseconds(1000))
        let theirs = HeartBeatOffer(wants: .milliseconds(400))
        var heartBeat = HeartBeat(ours: ours, theirs: theirs, now: HeartBeatTests.at(0))
        #expect(heartBeat.nextDeadline == HeartBeatTests.at(750))
        heartBeat.sent(at: HeartBeatTests.at(500))
        #expect(heartBeat.timerFired(at: HeartBeatTests.at(750)) == .wait)
        #expect(heartBeat.timerFired(at: HeartBeatTests.at(1250)) == .beat)
        #expect(heartBeat.nextDeadline == HeartBeatTests.at(2000))
    }

    @Test func givesAPeerUpAfterTwiceItsIntervalAndNotBefore() {
        let ours = HeartBeatOffer(wants: .milliseconds(1000))
        let theirs = HeartBeatOffer(sends: .milliseconds(600))
        var heartBeat = HeartBeat(ours: ours, theirs: theirs, now: HeartBeatTests.at(0))
        heartBeat.received(at: HeartBeatTests.at(100))
        #expect(heartBeat.timerFired(at: HeartBeatTests.at(2099)) == .wait)
        #expect(heartBeat.timerFired(at: HeartBeatTests.at(2100)) == .close(silentFor: .milliseconds(2000)))
    }

    @Test func withoutAnAgreementThereIsNoTimer() {
        var heartBeat = HeartBeat(
            ours: HeartBeatOffer(sends: .seconds(1), wants: .seconds(1)), theirs: .none, now: HeartBeatTests.at(0))
        #expect(heartBeat.nextDeadline == nil)
        #expect(heartBeat.timerFired(at: HeartBeatTests.at(1_000_000)) == .wait)
    }
}
