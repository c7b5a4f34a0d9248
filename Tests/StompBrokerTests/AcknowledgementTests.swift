import MusterCore
import NIOCore
import STOMP
import StompBroker
import Testing

struct AcknowledgementTests {
    private func fill(_ stage: Stage, _ bodies: [String] = ["1", "2", "3", "4"]) {
        let publisher = stage.client()
        for body in bodies { publisher.say("SEND\ndestination:/queue/q\n\n\(body)") }
    }

    @Test(
        "an ACK covers what its mode says, in every version",
        arguments: [
            (Version.v1_0, "client", 3), (.v1_1, "client", 3), (.v1_2, "client", 3), (.v1_1, "client-individual", 1),
            (.v1_2, "client-individual", 1), (.v1_0, "client-individual", 1),
        ])
    func covers(version: Version, mode: String, count: Int) throws {
        let stage = Stage()
        fill(stage)
        let reader = stage.client(version)
        reader.say("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:\(mode)\n\n")
        let third = try #require(reader.frames().dropFirst(2).first)
        let names =
            version == .v1_2
            ? "id:\(third.headers["ack"] ?? "")"
            : "message-id:\(third.headers["message-id"] ?? "")" + (version == .v1_1 ? "\nsubscription:s" : "")
        reader.say("ACK\n\(names)\nreceipt:r\n\n")
        #expect(reader.bodies() == ["!r"])
        #expect(stage.host.statistics.acknowledged == UInt64(count))
        #expect(stage.host.queueSummaries.map(\.unacknowledged) == [4 - count])
        reader.say("ACK\n\(names)\n\n")
        #expect(reader.error != nil)
    }

    @Test func whatWasNotAcknowledgedComesBackInOrderAndSaysSo() throws {
        let stage = Stage()
        fill(stage)
        let reader = stage.client()
        reader.say("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client-individual\n\n")
        let second = try #require(reader.frames().dropFirst().first)
        reader.say("ACK\nid:\(second.headers["ack"] ?? "")\n\n")
        reader.leave()
        fill(stage, ["5"])
        let next = stage.client()
        next.say("SUBSCRIBE\nid:s\ndestination:/queue/q\n\n")
        let frames = next.frames()
        #expect(frames.map { String(buffer: $0.body) } == ["1", "3", "4", "5"])
        #expect(frames.map { $0.headers["redelivered"] } == ["true", "true", "true", nil])
        #expect(frames.allSatisfy { $0.headers["ack"] == nil })
        #expect(stage.host.statistics.returned == 3)
    }

    @Test func whatComesBackGoesToWhoeverIsThere() {
        let stage = Stage()
        fill(stage)
        let (first, second) = (stage.client(), stage.client())
        first.say("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client\n\n")
        second.say("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client\n\n")
        #expect(second.bodies().isEmpty)
        first.leave()
        #expect(second.bodies() == ["1", "2", "3", "4"])
    }

    @Test func noMoreIsHandedOutThanThePrefetch() throws {
        let stage = Stage()
        fill(stage)
        for header in ["prefetch-count:2", "activemq.prefetchSize:2"] {
            let reader = stage.client()
            reader.say("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client-individual\n\(header)\n\n")
            let frames = reader.frames()
            #expect(frames.map { String(buffer: $0.body) } == ["1", "2"])
            reader.say("NACK\nid:\(frames[1].headers["ack"] ?? "")\n\n")
            #expect(reader.bodies() == ["2"])
            reader.leave()
        }
        let reader = stage.client()
        reader.say("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client\nprefetch-count:1\n\n")
        var bodies: [String] = []
        while let frame = reader.frames().first {
            bodies.append(String(buffer: frame.body))
            reader.say("ACK\nid:\(frame.headers["ack"] ?? "")\n\n")
        }
        #expect(bodies == ["1", "2", "3", "4"])
        #expect(stage.host.queueSummaries.map(\.unacknowledged) == [0])
    }

    @Test func aConsumerWithoutCreditDoesNotHoldUpOthers() {
        let stage = Stage()
        let (full, free) = (stage.client(), stage.client())
        full.say("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client\nprefetch-count:1\n\n")
        free.say("SUBSCRIBE\nid:s\ndestination:/queue/q\n\n")
        fill(stage)
        #expect(full.bodies() == ["1"])
        #expect(free.bodies() == ["2", "3", "4"])
    }

    @Test func aMessageThatNobodyCanUseGoesToTheDeadLetterQueue() throws {
        var limits = BrokerLimits()
        limits.maxRedeliveries = 2
        let stage = Stage(limits: limits)
        fill(stage, ["bad", "good"])
        let reader = stage.client()
        reader.say("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client-individual\nprefetch-count:1\n\n")
        for _ in 0..<3 {
            let frame = try #require(reader.frames().first)
            #expect(String(buffer: frame.body) == "bad")
            reader.say("NACK\nid:\(frame.headers["ack"] ?? "")\n\n")
        }
        #expect(reader.bodies() == ["good"])
        #expect(stage.host.statistics.deadLettered == 1)
        #expect(stage.host.queueSummaries.map(\.name) == ["DLQ", "q"])
        let operatorClient = stage.client()
        operatorClient.say("SUBSCRIBE\nid:s\ndestination:/queue/DLQ\n\n")
        #expect(operatorClient.frames().map { $0.headers["destination"] } == ["/queue/q"])
        #expect(stage.host.queueSummaries.map(\.messages) == [0, 0])
    }

    @Test func aSubscriptionThatEndedMayStillAcknowledge() throws {
        let stage = Stage()
        fill(stage, ["1", "2"])
        let reader = stage.client()
        reader.say("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client-individual\n\n")
        let frames = reader.frames()
        reader.say("UNSUBSCRIBE\nid:s\n\n")
        for frame in frames { reader.say("ACK\nid:\(frame.headers["ack"] ?? "")\n\n") }
        #expect(reader.error == nil)
        #expect(stage.host.queueSummaries.isEmpty)
        reader.say("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client\n\n")
        #expect(reader.bodies().isEmpty)
    }

    @Test func twoSubscriptionsToOneTopicAcknowledgeEachForItself() {
        let stage = Stage()
        let reader = stage.client()
        for id in ["a", "b"] { reader.say("SUBSCRIBE\nid:\(id)\ndestination:/topic/t\nack:client\n\n") }
        stage.client().say("SEND\ndestination:/topic/t\n\nx")
        let acks = reader.frames().compactMap { $0.headers["ack"] }
        #expect(Set(acks).count == 2)
        for ack in acks { reader.say("ACK\nid:\(ack)\n\n") }
        #expect(reader.error == nil)
        #expect(stage.host.statistics.acknowledged == 2)
    }

    @Test func version10CannotRefuse() {
        let client = Stage().client(.v1_0)
        client.say("NACK\nmessage-id:1\n\n")
        #expect(client.error == .unexpectedCommand(.nack))
    }
}
