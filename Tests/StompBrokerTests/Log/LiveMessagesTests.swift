import Testing

@testable import StompBroker

struct LiveMessagesTests {
    @Test func aSegmentGoesWhenAllInItAreDone() {
        var live = LiveMessages()
        live.began(segment: 1)
        live.wrote([LogFixtures.stored(1), LogFixtures.stored(2)], bytes: 200)
        live.wrote([.done(id: 1)], bytes: 20)
        #expect(live.takeObsolete() == nil)
        live.began(segment: 2)
        live.wrote([.done(id: 2), LogFixtures.stored(3)], bytes: 100)
        #expect(live.takeObsolete() == 1)
        #expect(live.takeObsolete() == nil)
        #expect(live.totalBytes == 100)
        #expect(live.messages.map(\.message.id) == [3])
    }

    @Test func theSegmentThatIsWrittenStays() {
        var live = LiveMessages()
        live.began(segment: 1)
        live.wrote([LogFixtures.stored(1), .done(id: 1)], bytes: 100)
        #expect(live.takeObsolete() == nil)
    }

    @Test func fewSurvivorsAreWorthMovingAndManyAreNot() {
        var live = LiveMessages()
        live.began(segment: 1)
        let bytes = LogFixtures.message(1).bytes
        for id in 1...4 { live.wrote([LogFixtures.stored(UInt64(id))], bytes: bytes) }
        live.began(segment: 2)
        #expect(live.worthMoving().isEmpty)
        for id in 1...3 { live.wrote([.done(id: UInt64(id))], bytes: 0) }
        live.wrote([.moved(id: 4, queue: "elsewhere")], bytes: 0)
        let survivors = live.worthMoving()
        #expect(survivors.map { LogFixtures.summary($0).prefix(21) } == ["stored 4 in elsewhere"])
        live.wrote(survivors, bytes: bytes)
        #expect(live.takeObsolete() == 1)
        #expect(live.messages.map(\.queue) == ["elsewhere"])
        #expect(live.messages.map(\.message.id) == [4])
    }

    @Test func whatIsDoneTwiceOrWasNeverThereDoesNoHarm() {
        var live = LiveMessages()
        live.began(segment: 1)
        live.wrote(
            [.done(id: 9), .moved(id: 9, queue: "x"), LogFixtures.stored(1), .done(id: 1), .done(id: 1)], bytes: 10)
        #expect(live.messages.isEmpty)
    }

    @Test func whatIsStoredTwiceIsThereOnce() {
        var live = LiveMessages()
        live.began(segment: 1)
        live.wrote([LogFixtures.stored(1), LogFixtures.stored(1, in: "other")], bytes: 10)
        #expect(live.messages.map(\.queue) == ["other"])
        live.began(segment: 2)
        live.wrote([LogFixtures.stored(1)], bytes: 10)
        #expect(live.messages.map(\.queue) == ["q"])
        #expect(live.takeObsolete() == 1)
    }

    @Test func aLongLivedMessageDoesNotKeepTheWholeLog() {
        var live = LiveMessages()
        let bytes = LogFixtures.message(1).bytes
        live.began(segment: 1)
        live.wrote([LogFixtures.stored(1)], bytes: bytes)
        for segment in 2...20 {
            live.began(segment: segment)
            for id in 1...10 {
                let id = UInt64(segment * 100 + id)
                live.wrote([LogFixtures.stored(id), .done(id: id)], bytes: bytes)
            }
            let survivors = live.worthMoving()
            if !survivors.isEmpty { live.wrote(survivors, bytes: bytes) }
            while live.takeObsolete() != nil {}
            #expect(live.totalBytes <= 25 * bytes)
        }
        #expect(live.messages.map(\.message.id) == [1])
    }
}
