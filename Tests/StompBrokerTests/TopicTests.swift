import STOMP
import StompBroker
import Testing

struct TopicTests {
    @Test func everySubscriberGetsACopyAndNothingIsKept() {
        let stage = Stage()
        let (first, second, publisher) = (stage.client(.v1_0), stage.client(.v1_2), stage.client(.v1_1))
        publisher.say("SEND\ndestination:/topic/t\n\nearly")
        first.say("SUBSCRIBE\ndestination:/topic/t\n\n")
        second.say("SUBSCRIBE\nid:7\ndestination:/topic/t\n\n")
        publisher.say("SEND\ndestination:/topic/t\nx:a\\cb\n\nhi")
        let (old, new) = (first.frames(), second.frames())
        #expect(old.map(\.body) == new.map(\.body))
        #expect(old.first?.headers["subscription"] == nil)
        #expect(new.first?.headers["subscription"] == "7")
        #expect(old.first?.headers["x"] == "a:b")
        #expect(new.first?.headers["x"] == "a:b")
        #expect(stage.host.statistics.unroutable == 1)
    }

    @Test func exchangesTopicsAndPlainNamesAreApart() {
        let stage = Stage()
        let (client, publisher) = (stage.client(), stage.client())
        for (id, destination) in [("1", "/topic/n"), ("2", "/exchange/e/n"), ("3", "n"), ("4", "/exchange/f/n")] {
            client.say("SUBSCRIBE\nid:\(id)\ndestination:\(destination)\n\n")
        }
        publisher.say("SEND\ndestination:/exchange/e/n\n\nx")
        #expect(client.frames().map { $0.headers["subscription"] } == ["2"])
        publisher.say("SEND\ndestination:n\n\nx")
        #expect(client.frames().map { $0.headers["subscription"] } == ["3"])
        publisher.say("SEND\ndestination:/exchange/e\n\nx")
        #expect(client.frames().isEmpty)
        client.say("SUBSCRIBE\nid:5\ndestination:/exchange/e\n\n")
        publisher.say("SEND\ndestination:/exchange/e\n\nx")
        #expect(client.frames().map { $0.headers["subscription"] } == ["5"])
    }

    @Test func patternsGetWhatTheyMatch() {
        let stage = Stage()
        let (client, publisher) = (stage.client(), stage.client())
        client.say("SUBSCRIBE\nid:all\ndestination:/topic/a.#\n\n\0SUBSCRIBE\nid:one\ndestination:/topic/a.b\n\n")
        publisher.say("SEND\ndestination:/topic/a.b\n\n1")
        #expect(Set(client.frames().compactMap { $0.headers["subscription"] }) == ["all", "one"])
        publisher.say("SEND\ndestination:/topic/a.c\n\n2")
        #expect(client.frames().map { $0.headers["subscription"] } == ["all"])
        client.say("UNSUBSCRIBE\nid:all\n\n")
        publisher.say("SEND\ndestination:/topic/a.c\n\n3")
        #expect(client.frames().isEmpty)
        #expect(stage.host.statistics.unroutable == 1)
    }

    @Test func subscribersThatComeAndGoAreFoundByWhoeverSendsOn() {
        let stage = Stage()
        let publisher = stage.client()
        for round in 0..<3 {
            let client = stage.client()
            client.say("SUBSCRIBE\nid:s\ndestination:/topic/t\n\n")
            publisher.say("SEND\ndestination:/topic/t\n\n\(round)")
            #expect(client.bodies() == ["\(round)"])
            client.leave()
            publisher.say("SEND\ndestination:/topic/t\n\nlost")
        }
        #expect(stage.host.statistics.unroutable == 3)
    }

    @Test func aSlowSubscriberLosesNothingUntilItsBacklogIsFull() {
        var limits = BrokerLimits()
        limits.maxPendingBytes = 150
        limits.maxBacklogMessages = 5
        let stage = Stage(limits: limits)
        let (slow, quick, publisher) = (stage.client(), stage.client(), stage.client())
        slow.reads = false
        for client in [slow, quick] { client.say("SUBSCRIBE\nid:s\ndestination:/topic/t\n\n") }
        let numbers = (1...20).map(String.init)
        for number in numbers { publisher.say("SEND\ndestination:/topic/t\n\n\(number)") }
        #expect(quick.bodies() == numbers)
        var heard: [String] = []
        for _ in 0..<10 {
            heard += slow.bodies()
            slow.flush()
        }
        #expect(heard == Array(numbers.prefix(heard.count)))
        #expect(heard.count < 20)
        #expect(stage.host.statistics.droppedForSlowSubscriber == UInt64(20 - heard.count))
        publisher.say("SEND\ndestination:/topic/t\n\nagain")
        #expect(slow.bodies() == ["again"])
    }

    @Test("what waits for all slow subscribers is bounded, and given back when they leave")
    func boundsAllBacklogs() {
        var limits = BrokerLimits()
        limits.maxPendingBytes = 10
        limits.maxBacklogsBytes = 5000
        let stage = Stage(limits: limits)
        let (slow, other, publisher) = (stage.client(), stage.client(), stage.client())
        let body = String(repeating: "x", count: 1000)
        for (client, topic) in [(slow, "a"), (slow, "b"), (other, "c")] {
            client.reads = false
            client.say("SUBSCRIBE\nid:\(topic)\ndestination:/topic/\(topic)\n\n")
        }
        func publish() -> UInt64 {
            let before = stage.host.statistics.droppedForSlowSubscriber
            for topic in ["a", "b", "c"] {
                for _ in 0..<10 { publisher.say("SEND\ndestination:/topic/\(topic)\n\n\(body)") }
            }
            return stage.host.statistics.droppedForSlowSubscriber - before
        }
        #expect(publish() >= 24)
        slow.leave()
        // All that is left is for one of them.
        #expect((6...9).contains(publish()))
    }

    @Test func selectorsChooseAmongCopies() {
        let stage = Stage()
        let (client, publisher) = (stage.client(), stage.client())
        client.say("SUBSCRIBE\nid:s\ndestination:/topic/t\nselector:n > 3\n\n")
        for number in [1, 5, 3, 4] { publisher.say("SEND\ndestination:/topic/t\nn:\(number)\n\n\(number)") }
        #expect(client.bodies() == ["5", "4"])
    }
}
