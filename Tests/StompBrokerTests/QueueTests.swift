import MusterCore
import STOMP
import StompBroker
import Testing

struct QueueTests {
    @Test func aMessageWaitsForASubscriberAndGoesToOne() {
        let stage = Stage()
        let publisher = stage.client()
        publisher.say("SEND\ndestination:/queue/a\nreceipt:1\n\none\0SEND\ndestination:/queue/a\n\ntwo")
        #expect(publisher.bodies() == ["!1"])
        let first = stage.client()
        first.say("SUBSCRIBE\nid:s\ndestination:/queue/a\nreceipt:2\n\n")
        #expect(first.bodies() == ["!2", "one", "two"])
        let second = stage.client()
        second.say("SUBSCRIBE\nid:s\ndestination:/queue/a\n\n")
        for body in ["3", "4", "5", "6"] { publisher.say("SEND\ndestination:/queue/a\n\n\(body)") }
        #expect(first.bodies() == ["3", "5"])
        #expect(second.bodies() == ["4", "6"])
    }

    @Test func amqQueuesAreTheSameQueues() {
        let stage = Stage()
        let client = stage.client()
        client.say("SEND\ndestination:/amq/queue/a\n\nx")
        client.say("SUBSCRIBE\nid:s\ndestination:/queue/a\n\n")
        #expect(client.bodies() == ["x"])
    }

    @Test func aQueueGoesWhenItIsEmptyAndUnused() {
        let stage = Stage()
        let client = stage.client()
        client.say("SUBSCRIBE\nid:s\ndestination:/queue/a\n\n\0SEND\ndestination:/queue/a\n\nx")
        #expect(stage.host.queueSummaries.map(\.name) == ["a"])
        client.say("UNSUBSCRIBE\nid:s\n\n")
        #expect(stage.host.queueSummaries.isEmpty)
        client.say("SEND\ndestination:/queue/a\n\nkept")
        #expect(stage.host.queueSummaries.map(\.messages) == [1])
        client.say("SUBSCRIBE\nid:s\ndestination:/queue/a\n\n")
        #expect(client.bodies() == ["x", "kept"])
        client.leave()
        #expect(stage.host.queueSummaries.isEmpty)
    }

    @Test func higherPrioritiesComeFirstAndEqualOnesInOrder() {
        let stage = Stage()
        let client = stage.client()
        for (body, priority) in [("a", "4"), ("b", "9"), ("c", "0"), ("d", "9"), ("e", "x"), ("f", "12")] {
            client.say("SEND\ndestination:/queue/a\npriority:\(priority)\n\n\(body)")
        }
        client.say("SUBSCRIBE\nid:s\ndestination:/queue/a\n\n")
        #expect(client.bodies() == ["b", "d", "f", "a", "e", "c"])
    }

    @Test func messagesAreOverInTheirTime() {
        let stage = Stage()
        let client = stage.client()
        let now = stage.now.milliseconds
        client.say("SEND\ndestination:/queue/a\nexpiration:1000\n\nrelative")
        client.say("SEND\ndestination:/queue/a\nexpires:\(now + 2000)\n\nabsolute")
        client.say("SEND\ndestination:/queue/a\nexpires:0\n\nnever")
        client.say("SEND\ndestination:/queue/a\nexpires:\(now - 1)\n\nover already")
        client.say("SEND\ndestination:/queue/b\nexpiration:1000\n\nlast")
        stage.pass(milliseconds: 999)
        #expect(stage.host.queueSummaries.map(\.messages) == [3, 1])
        stage.pass(milliseconds: 1)
        #expect(stage.host.queueSummaries.map(\.messages) == [2])
        stage.now.milliseconds += 5000
        client.say("SUBSCRIBE\nid:s\ndestination:/queue/a\n\n")
        #expect(client.bodies() == ["never"])
        #expect(stage.host.statistics.expired == 4)
    }

    @Test func aFullQueueRefusesWhatMustNotBeLostAndDropsTheRest() {
        var limits = BrokerLimits()
        limits.maxQueueMessages = 2
        let stage = Stage(limits: limits)
        let client = stage.client()
        for body in ["1", "2", "3"] { client.say("SEND\ndestination:/queue/a\n\n\(body)") }
        #expect(client.error == nil)
        #expect(stage.host.statistics.droppedForFullQueue == 1)
        client.say("SEND\ndestination:/queue/a\nreceipt:r\n\n4")
        #expect(client.error == .queueFull("a"))
        #expect(client.bodies().isEmpty)
        let other = stage.client()
        other.say("SEND\ndestination:/queue/a\npersistent:true\n\n5")
        #expect(other.error == .queueFull("a"))
        let reader = stage.client()
        reader.say("SUBSCRIBE\nid:s\ndestination:/queue/a\n\n")
        #expect(reader.bodies() == ["1", "2"])
    }

    @Test func bytesAreBoundedToo() {
        var limits = BrokerLimits()
        limits.maxQueueBytes = 2000
        let stage = Stage(limits: limits)
        let client = stage.client()
        let body = String(repeating: "x", count: 700)
        for _ in 0..<3 { client.say("SEND\ndestination:/queue/a\n\n\(body)") }
        #expect(stage.host.queueSummaries.map(\.messages) == [2])
        limits.maxQueueBytes = .max
        limits.maxStoredBytes = 2000
        let small = Stage(limits: limits)
        let writer = small.client()
        for queue in ["a", "b", "c"] { writer.say("SEND\ndestination:/queue/\(queue)\n\n\(body)") }
        #expect(small.host.statistics.droppedForFullQueue == 1)
        #expect(small.host.purge("a") == 1)
        writer.say("SEND\ndestination:/queue/c\n\n\(body)")
        #expect(small.host.statistics.droppedForFullQueue == 1)
        #expect(small.host.purge("nothing") == nil)
    }

    @Test func aConsumerThatDoesNotReadGetsNoMoreThanItsRoom() {
        var limits = BrokerLimits()
        limits.maxPendingBytes = 300
        let stage = Stage(limits: limits)
        let slow = stage.client()
        slow.reads = false
        slow.say("SUBSCRIBE\nid:s\ndestination:/queue/a\n\n")
        let publisher = stage.client()
        for number in 1...20 { publisher.say("SEND\ndestination:/queue/a\n\n\(number)") }
        let sent = slow.bodies()
        #expect((1...5).contains(sent.count))
        let quick = stage.client()
        quick.say("SUBSCRIBE\nid:s\ndestination:/queue/a\n\n")
        publisher.say("SEND\ndestination:/queue/a\n\nlast")
        #expect(quick.bodies().count == 21 - sent.count)
        slow.flush()
        publisher.say("SEND\ndestination:/queue/a\n\nagain\0SEND\ndestination:/queue/a\n\nand again")
        #expect(slow.bodies().count == 1)
        #expect(quick.bodies().count == 1)
    }

    @Test func consumersOfOneConnectionShareItsRoom() {
        var limits = BrokerLimits()
        limits.maxPendingBytes = 200
        let stage = Stage(limits: limits)
        let reader = stage.client()
        reader.reads = false
        let publisher = stage.client()
        for number in 1...20 {
            for queue in ["a", "b"] { publisher.say("SEND\ndestination:/queue/\(queue)\n\n\(queue)\(number)") }
        }
        reader.say("SUBSCRIBE\nid:a\ndestination:/queue/a\n\n\0SUBSCRIBE\nid:b\ndestination:/queue/b\n\n")
        var turns: [String] = []
        for _ in 0..<12 {
            turns.append(Set(reader.bodies().compactMap(\.first)).sorted().map(String.init).joined())
            reader.flush()
        }
        let heard = turns.filter { !$0.isEmpty }
        // The first two are what there was before the second subscription, and its first turn.
        #expect(heard.prefix(6) == ["a", "a", "b", "a", "b", "a"])
    }

    @Test func aQueueOfThousandsOfSelectorsFindsTheOneItIsFor() {
        let stage = Stage()
        let nodes = (0..<50).map { number in
            let node = stage.client(.v1_0)
            node.say("SUBSCRIBE\ndestination:/queue/mcollective.nodes\nselector:mc_identity = 'node\(number)'\n\n")
            return node
        }
        let client = stage.client(.v1_0)
        client.say("SEND\nmc_identity:gone\ndestination:/queue/mcollective.nodes\nexpires:1700000005000\n\nwaits")
        for number in [7, 49, 0, 7] {
            client.say("SEND\nmc_identity:node\(number)\ndestination:/queue/mcollective.nodes\n\nfor \(number)")
        }
        #expect(
            nodes.map { $0.bodies().joined(separator: ",") }.filter { !$0.isEmpty } == [
                "for 0", "for 7,for 7", "for 49",
            ])
        #expect(stage.host.queueSummaries.map(\.messages) == [1])
        let late = stage.client(.v1_0)
        late.say("SUBSCRIBE\ndestination:/queue/mcollective.nodes\nselector:mc_identity = 'gone'\n\n")
        #expect(late.bodies() == ["waits"])
        nodes[7].leave()
        client.say("SEND\nmc_identity:node7\ndestination:/queue/mcollective.nodes\nexpiration:100\n\nlost")
        stage.pass(milliseconds: 100)
        #expect(stage.host.queueSummaries.map(\.messages) == [0])
    }

    @Test func otherSelectorsTakeTurnsWithThoseWithout() {
        let stage = Stage()
        let (odd, all, client) = (stage.client(), stage.client(), stage.client())
        odd.say("SUBSCRIBE\nid:s\ndestination:/queue/a\nselector:kind IN ('odd', 'strange')\n\n")
        all.say("SUBSCRIBE\nid:s\ndestination:/queue/a\n\n")
        for kind in ["odd", "even", "odd", "even", "strange"] {
            client.say("SEND\ndestination:/queue/a\nkind:\(kind)\n\n\(kind)")
        }
        let (first, second) = (odd.bodies(), all.bodies())
        #expect(!first.isEmpty && !first.contains("even"))
        #expect(first.count + second.count == 5)
    }

    @Test func aSelectorThatIsNoneIsRefused() {
        let client = Stage().client()
        client.say("SUBSCRIBE\nid:s\ndestination:/queue/a\nselector:a + 1 = 2\n\n")
        #expect(client.error == .invalidSelector("a + 1 = 2", reason: .unsupported("arithmetic", offset: 2)))
    }
}
