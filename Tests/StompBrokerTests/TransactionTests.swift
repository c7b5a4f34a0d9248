import MusterCore
import NIOCore
import STOMP
import StompBroker
import Testing

struct TransactionTests {
    @Test func whatIsSentHappensAtCommit() {
        let stage = Stage()
        let (reader, writer) = (stage.client(), stage.client(.v1_1))
        reader.say("SUBSCRIBE\nid:q\ndestination:/queue/q\n\n\0SUBSCRIBE\nid:t\ndestination:/topic/t\n\n")
        writer.say("BEGIN\ntransaction:x\nreceipt:0\n\n")
        writer.say(
            "SEND\ndestination:/queue/q\ntransaction:x\nreceipt:1\n\none\0SEND\ndestination:/topic/t\ntransaction:x\n\ntwo"
        )
        #expect(reader.bodies().isEmpty)
        writer.say("COMMIT\ntransaction:x\nreceipt:2\n\n")
        #expect(writer.bodies() == ["!0", "!1", "!2"])
        let frames = reader.frames()
        #expect(frames.map { String(buffer: $0.body) } == ["one", "two"])
        #expect(frames.allSatisfy { $0.headers["transaction"] == nil })
        writer.say("COMMIT\ntransaction:x\n\n")
        #expect(writer.error == .unknownTransaction("x"))
    }

    @Test func whatIsAbortedOrLeftNeverHappened() {
        let stage = Stage()
        let (reader, writer) = (stage.client(), stage.client())
        reader.say("SUBSCRIBE\nid:q\ndestination:/queue/q\n\n")
        writer.say(
            "BEGIN\ntransaction:x\n\n\0SEND\ndestination:/queue/q\ntransaction:x\n\none\0ABORT\ntransaction:x\n\n")
        writer.say("BEGIN\ntransaction:x\n\n\0SEND\ndestination:/queue/other\ntransaction:x\n\ntwo")
        writer.leave()
        #expect(reader.bodies().isEmpty)
        stage.pass(milliseconds: 1000)
        #expect(stage.host.queueSummaries.map(\.name) == ["q"])
    }

    @Test func acknowledgementsHappenAtCommitToo() throws {
        let stage = Stage()
        let (reader, writer) = (stage.client(), stage.client())
        for body in ["1", "2", "3"] { writer.say("SEND\ndestination:/queue/q\n\n\(body)") }
        reader.say("SUBSCRIBE\nid:q\ndestination:/queue/q\nack:client\n\n")
        let acks = reader.frames().compactMap { $0.headers["ack"] }
        reader.say(
            "BEGIN\ntransaction:x\n\n\0ACK\nid:\(acks[0])\ntransaction:x\n\n\0ACK\nid:\(acks[1])\ntransaction:x\n\n")
        #expect(stage.host.queueSummaries.map(\.unacknowledged) == [3])
        reader.say("COMMIT\ntransaction:x\n\n")
        #expect(stage.host.queueSummaries.map(\.unacknowledged) == [1])
        reader.say("BEGIN\ntransaction:y\n\n\0NACK\nid:\(acks[2])\ntransaction:y\n\n\0ABORT\ntransaction:y\n\n")
        #expect(stage.host.queueSummaries.map(\.unacknowledged) == [1])
        #expect(reader.error == nil)
        reader.say("BEGIN\ntransaction:y\n\n\0NACK\nid:\(acks[2])\ntransaction:y\n\n\0COMMIT\ntransaction:y\n\n")
        #expect(reader.frames().map { $0.headers["redelivered"] } == ["true"])
    }

    @Test func aCommitThatDoesNotFitDoesNothing() {
        var limits = BrokerLimits()
        limits.maxQueueMessages = 2
        let stage = Stage(limits: limits, log: MemoryLog())
        let writer = stage.client()
        writer.say("BEGIN\ntransaction:x\n\n")
        for body in ["1", "2", "3"] {
            writer.say("SEND\ndestination:/queue/q\npersistent:true\ntransaction:x\n\n\(body)")
        }
        writer.say("COMMIT\ntransaction:x\nreceipt:r\n\n")
        #expect(writer.error == .queueFull("q"))
        #expect(stage.log?.entries == [])
        stage.pass(milliseconds: 1000)
        #expect(stage.host.queueSummaries.isEmpty)
    }

    @Test func transactionsAreBounded() {
        var limits = BrokerLimits()
        limits.maxTransactionOperations = 2
        limits.maxTransactions = 1
        let first = Stage(limits: limits).client()
        first.say("BEGIN\ntransaction:x\n\n\0BEGIN\ntransaction:x\n\n")
        #expect(first.error == .duplicateTransaction("x"))
        let second = Stage(limits: limits).client()
        second.say("BEGIN\ntransaction:x\n\n\0BEGIN\ntransaction:y\n\n")
        #expect(second.error == .limit("transactions", 1))
        let third = Stage(limits: limits).client()
        third.say("BEGIN\ntransaction:x\n\n")
        for _ in 0..<3 { third.say("SEND\ndestination:/topic/t\ntransaction:x\n\n") }
        #expect(third.error == .limit("operations in a transaction", 2))
        limits.maxTransactionBytes = 1000
        let fourth = Stage(limits: limits).client()
        fourth.say("BEGIN\ntransaction:x\n\n")
        fourth.say("SEND\ndestination:/topic/t\ntransaction:x\n\n\(String(repeating: "x", count: 1000))")
        #expect(fourth.error == .limit("bytes in open transactions", 1000))
    }

    @Test("what all open transactions hold is bounded, and given back when they end")
    func boundsAllTransactions() {
        var limits = BrokerLimits()
        limits.maxTransactionBytes = 2000
        limits.maxTransactionsBytes = 3000
        let stage = Stage(limits: limits)
        let body = String(repeating: "x", count: 900)
        func open(_ name: String, on client: Stage.Client) {
            client.say(
                "BEGIN\ntransaction:\(name)\n\n\0SEND\ndestination:/queue/q\ntransaction:\(name)\n\n\(body)")
        }
        let (greedy, first, second, third) = (stage.client(), stage.client(), stage.client(), stage.client())
        for name in ["a", "b"] { open(name, on: greedy) }
        #expect(greedy.error == nil)
        open("c", on: greedy)
        #expect(greedy.error == .limit("bytes in open transactions", 2000))
        for client in [first, second, third] { open("x", on: client) }
        #expect(third.error == nil)
        let last = stage.client()
        open("x", on: last)
        #expect(last.error == .limit("bytes in the open transactions of all clients", 3000))
        first.say("ABORT\ntransaction:x\n\n")
        second.say("COMMIT\ntransaction:x\n\n")
        let next = stage.client()
        for name in ["x", "y"] { open(name, on: next) }
        #expect(next.error == nil)
    }
}
