import NIOCore
import STOMP
import StompBroker
import Testing

struct PersistenceTests {
    @Test func aReceiptWaitsForTheDiskAndTheConsumerDoesNot() {
        let log = MemoryLog()
        let stage = Stage(log: log)
        let (reader, writer, other) = (stage.client(), stage.client(), stage.client())
        reader.say("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client-individual\n\n")
        writer.say("SEND\ndestination:/queue/q\npersistent:true\nreceipt:1\n\nkeep")
        writer.say("SEND\ndestination:/queue/q\nreceipt:2\n\ntransient")
        other.say("SEND\ndestination:/queue/q\nreceipt:3\n\ntransient")
        #expect(writer.bodies().isEmpty)
        #expect(other.bodies() == ["!3"])
        let frames = reader.frames()
        #expect(frames.count == 3)
        reader.say(
            "ACK\nid:\(frames[0].headers["ack"] ?? "")\nreceipt:a\n\n\0ACK\nid:\(frames[1].headers["ack"] ?? "")\nreceipt:b\n\n"
        )
        #expect(reader.bodies().isEmpty)
        stage.host.committed(upTo: LogPosition(1))
        stage.deliver()
        #expect(writer.bodies() == ["!1", "!2"])
        stage.host.committed(upTo: LogPosition(2))
        stage.deliver()
        #expect(reader.bodies() == ["!a", "!b"])
        #expect(log.entries == ["stored 1 in q", "done 1"])
    }

    @Test func goodbyeWaitsForTheDisk() {
        let stage = Stage(log: MemoryLog())
        let writer = stage.client()
        writer.say("SEND\ndestination:/queue/q\npersistent:true\n\nkeep\0DISCONNECT\nreceipt:bye\n\n")
        #expect(!writer.isClosed)
        stage.host.committed(upTo: LogPosition(1))
        stage.deliver()
        #expect(writer.bodies() == ["!bye"])
        #expect(writer.isClosed)
    }

    @Test func onlyWhatIsPersistentAndKeptIsWritten() {
        let log = MemoryLog()
        let stage = Stage(log: log)
        let client = stage.client()
        client.say("SUBSCRIBE\nid:t\ndestination:/topic/t\n\n\0SUBSCRIBE\nid:tmp\ndestination:/temp-queue/x\n\n")
        for destination in ["/topic/t", "/temp-queue/x", "/reply-queue/s1", "/exchange/e/k"] {
            client.say("SEND\ndestination:\(destination)\npersistent:true\n\nx")
        }
        client.say("SEND\ndestination:/queue/q\npersistent:false\n\nx")
        #expect(log.entries.isEmpty)
        #expect(client.error == nil)
    }

    @Test func everyWayOutOfAQueueIsWritten() throws {
        var limits = BrokerLimits()
        limits.maxRedeliveries = 0
        let log = MemoryLog()
        let stage = Stage(limits: limits, log: log)
        let client = stage.client()
        client.say("SEND\ndestination:/queue/expires\npersistent:true\nexpiration:10\n\nx")
        stage.pass(milliseconds: 10)
        client.say("SEND\ndestination:/queue/purged\npersistent:true\n\nx")
        #expect(stage.host.purge("purged") == 1)
        client.say(
            "SUBSCRIBE\nid:auto\ndestination:/queue/auto\n\n\0SEND\ndestination:/queue/auto\npersistent:true\n\nx")
        client.say(
            "SUBSCRIBE\nid:n\ndestination:/queue/n\nack:client\n\n\0SEND\ndestination:/queue/n\npersistent:true\n\nx")
        client.say("NACK\nid:\(client.frames().last?.headers["ack"] ?? "")\n\n")
        #expect(
            log.entries == [
                "stored 1 in expires", "done 1", "stored 2 in purged", "done 2", "stored 3 in auto", "done 3",
                "stored 4 in n",
                "moved 4 to DLQ",
            ])
    }

    @Test func aTransactionIsOneEntryOfTheLog() {
        let log = MemoryLog()
        let stage = Stage(log: log)
        let client = stage.client()
        client.say(
            "SEND\ndestination:/queue/in\npersistent:true\n\nx\0SUBSCRIBE\nid:s\ndestination:/queue/in\nack:client\n\n")
        let ack = client.frames().first?.headers["ack"] ?? ""
        client.say("BEGIN\ntransaction:t\n\n\0ACK\nid:\(ack)\ntransaction:t\n\n")
        client.say(
            "SEND\ndestination:/queue/out\npersistent:true\ntransaction:t\n\ny\0SEND\ndestination:/queue/out\ntransaction:t\n\nz"
        )
        client.say("COMMIT\ntransaction:t\nreceipt:c\n\n")
        #expect(log.entries == ["stored 1 in in", "stored 2 in out", "done 1"])
        #expect(log.appends == 2)
        #expect(client.bodies().isEmpty)
        stage.host.committed(upTo: LogPosition(2))
        stage.deliver()
        #expect(client.bodies() == ["!c"])
    }

    @Test func aFullLogRefusesAndKeepsWhatItHas() {
        let log = MemoryLog()
        let stage = Stage(log: log)
        let writer = stage.client()
        writer.say("SEND\ndestination:/queue/q\npersistent:true\n\nfirst")
        log.isFull = true
        writer.say("SEND\ndestination:/queue/q\npersistent:true\nreceipt:r\n\nsecond")
        #expect(writer.error == .storageFull)
        let reader = stage.client()
        reader.say("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client\n\n")
        let frames = reader.frames()
        #expect(frames.map { String(buffer: $0.body) } == ["first"])
        reader.say("ACK\nid:\(frames.first?.headers["ack"] ?? "")\nreceipt:a\n\n")
        #expect(reader.error == nil)
    }

    @Test func whatTheLogHadIsDeliveredAgain() throws {
        let stage = Stage(log: MemoryLog())
        let lines = ByteBuffer(string: "destination:/queue/q\nmessage-id:old-41\ncontent-length:2\n")
        var tail = lines
        tail.writeString("\nhi\0\n")
        stage.host.restore(
            StoredMessage(
                id: 41, tail: tail, lineBytes: lines.readableBytes, lineCount: 3, escaping: .v1_2, isLogged: true),
            to: "q")
        let client = stage.client(.v1_1)
        client.say("SEND\ndestination:/queue/q\n\nnew\0SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client\n\n")
        let frames = client.frames()
        #expect(frames.map { $0.headers["message-id"] } == ["old-41", "t-42"])
        client.say("ACK\nsubscription:s\nmessage-id:old-41\n\n")
        #expect(stage.log?.entries == ["done 41"])
    }
}
