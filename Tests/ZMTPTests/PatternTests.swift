import NIOCore
import Testing
import ZMTP

struct PatternTests {
    @Test func aNewcomerDisplacesTheOlderConnectionOfItsIdentity() {
        var table = RouterTable<String>(firstInvented: .max)
        let id = table.routingID(for: ByteBuffer(string: "minion"))
        #expect(table.admit("older", as: id) == nil)
        #expect(table.admit("newer", as: id) == "older")
        table.remove("older", id: id)
        #expect(table[id] == "newer")
        table.remove("newer", id: id)
        #expect(table[id] == nil)
        let first = table.routingID(for: ByteBuffer())
        _ = table.admit("first", as: first)
        let second = table.routingID(for: ByteBuffer())
        #expect(first.bytes == [0, 0xff, 0xff, 0xff, 0xff])
        #expect(second.bytes == [0, 0, 0, 0, 0])
    }

    @Test func aRequesterTakesOneReplyForOneRequest() throws {
        var requester = Requester()
        let payload = ByteBuffer(string: "question")
        #expect(throws: ZMTPError.unexpectedReply) { _ = try requester.received(Message(request: payload)) }
        #expect(requester.send(payload).wire == ByteBuffer(bytes: [1, 0, 0, 8] + Array("question".utf8)))
        #expect(!requester.isIdle)
        #expect(throws: ZMTPError.malformedEnvelope) { _ = try requester.received(Message(payload)) }
        #expect(try requester.received(Message(request: payload)) == payload)
        #expect(requester.isIdle)
    }

    @Test func peersTakeTurns() {
        var round = RoundRobin<Int>()
        #expect(round.next() == nil)
        for peer in 1...3 { round.add(peer) }
        let turns = (0..<4).map { _ in round.next() }
        #expect(turns == [1, 2, 3, 1])
        #expect(round.next { $0 != 2 } == 3)
        round.remove(1)
        let turnsWithoutFirst = (0..<3).map { _ in round.next() }
        #expect(turnsWithoutFirst == [2, 3, 2])
        #expect(round.next { _ in false } == nil)
    }

    @Test func aBusyPeerDoesNotStarveAnother() {
        var queue = FairQueue<String, Int>(capacityPerPeer: 3)
        let hasRoom = (1...3).map { queue.push($0, from: "busy") }
        #expect(hasRoom == [true, true, false])
        let calmHasRoom = queue.push(10, from: "calm")
        #expect(calmHasRoom)
        let first = queue.pop()
        #expect(first?.element == 1)
        #expect(first?.hasRoomAgain == true)
        let rest = (0..<4).map { _ in queue.pop()?.element }
        #expect(rest == [10, 2, 3, nil])
    }

    @Test func topicsArePrefixes() throws {
        var index = SubscriptionIndex<Int>(maxTopicsPerPeer: 3, maxTopicBytes: 9)
        #expect(try index.subscribe(1, to: ByteBuffer()))
        #expect(try index.subscribe(2, to: ByteBuffer(string: "abc")))
        #expect(try !index.subscribe(2, to: ByteBuffer(string: "abc")))
        #expect(try !index.subscribe(3, to: ByteBuffer(string: "abc")))
        #expect(try index.subscribe(3, to: ByteBuffer(string: "ab")))
        #expect(index.subscribers(of: ByteBuffer(string: "abcdefghijklmn")) == [1, 2, 3])
        #expect(index.subscribers(of: ByteBuffer(string: "abx")) == [1, 3])
        #expect(index.subscribers(of: ByteBuffer(string: "a")) == [1])
        #expect(index.subscribers(of: ByteBuffer()) == [1])
        #expect(index.cancel(2, topic: ByteBuffer(string: "abc")) == false)
        #expect(index.cancel(2, topic: ByteBuffer(string: "never")) == false)
        #expect(index.filteredSubscribers(of: ByteBuffer(string: "abc")) == [3])
        #expect(Set(index.remove(3)) == [Array("ab".utf8), Array("abc".utf8)])
        #expect(!index.hasFilters)
        #expect(throws: ZMTPError.topicTooLong(limitBytes: 9)) {
            _ = try index.subscribe(4, to: ByteBuffer(string: "0123456789"))
        }
        for topic in ["a", "b", "c"] { _ = try index.subscribe(4, to: ByteBuffer(string: topic)) }
        #expect(throws: ZMTPError.tooManySubscriptions(limit: 3)) {
            _ = try index.subscribe(4, to: ByteBuffer(string: "d"))
        }
    }

    @Test func topicsOfASubscriberAreCounted() {
        var list = TopicList()
        let topic = ByteBuffer(string: "abc")
        #expect(list.subscribe(to: topic) == true)
        #expect(list.subscribe(to: topic) == false)
        #expect(list.cancel(topic) == false)
        #expect(list.wants(ByteBuffer(string: "abcdef")))
        #expect(list.cancel(topic) == true)
        #expect(list.cancel(topic) == false)
        #expect(!list.wants(ByteBuffer(string: "abcdef")))
    }

    @Test func heartbeatsPingAndGiveUpInTime() {
        let start = NIODeadline.uptimeNanoseconds(0)
        func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }
        let ping = Command.ping(.init()).encoded
        var heartbeat = Heartbeat(.init(interval: .seconds(10), timeout: .seconds(30)), now: start)
        #expect(heartbeat.nextDeadline == at(10))
        #expect(heartbeat.timerFired(at: at(9)) == .wait)
        #expect(heartbeat.timerFired(at: at(10)) == .ping(ping))
        heartbeat.received(at: at(11))
        #expect(heartbeat.timerFired(at: at(20)) == .ping(ping))
        #expect(heartbeat.timerFired(at: at(30)) == .ping(ping))
        #expect(heartbeat.timerFired(at: at(40)) == .ping(ping))
        #expect(heartbeat.nextDeadline == at(50))
        #expect(heartbeat.timerFired(at: at(49)) == .wait)
        #expect(heartbeat.timerFired(at: at(50)) == .close(silentFor: .seconds(39)))
    }

    @Test func aPeerIsHeldToItsOwnPromise() {
        let start = NIODeadline.uptimeNanoseconds(0)
        var heartbeat = Heartbeat(nil, now: start)
        #expect(heartbeat.nextDeadline == nil)
        #expect(heartbeat.receivedPing(timeToLive: .seconds(3), at: start) == true)
        #expect(heartbeat.receivedPing(timeToLive: .seconds(3), at: start + .seconds(1)) == false)
        #expect(heartbeat.timerFired(at: start + .seconds(3)) == .wait)
        #expect(heartbeat.timerFired(at: start + .seconds(4)) == .close(silentFor: .seconds(3)))
    }

    @Test func aCommandBetweenFramesDoesNotTearTheMessage() throws {
        var session = Session(Session.Configuration(.pull))
        var bytes = HostileBytesTests.greeted()
        bytes +=
            [4, 26, 5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 4] + Array("PUSH".utf8)
        bytes += [1, 1, 0x61] + [4, 8, 4] + Array("PING".utf8) + [0, 10, 0x63] + [0, 1, 0x62]
        session.received(ByteBuffer(bytes: bytes))
        var events: [Session.Event] = []
        while let event = try session.next() { events.append(event) }
        let pong = ByteBuffer(bytes: [4, 6, 4] + Array("PONG".utf8) + [0x63])
        #expect(
            events.dropFirst(2) == [
                .ping(timeToLive: .seconds(1), answer: pong),
                .message(Message([ByteBuffer(string: "a"), ByteBuffer(string: "b")])),
            ])
    }
}
