import NIOCore
import STOMP
import StompBroker
import Testing

struct TemporaryQueueTests {
    @Test func aReplyToATemporaryQueueComesBackToWhoAsked() throws {
        let stage = Stage()
        let (node, client) = (stage.client(.v1_0), stage.client(.v1_0))
        node.say(
            "SUBSCRIBE\nreply-to:/temp-queue/mcollective_reply_ping\ndestination:/exchange/mcollective_broadcast/ping\n\n"
        )
        for _ in 0..<2 {
            client.say(
                "SEND\nreply-to:/temp-queue/mcollective_reply_ping\ndestination:/exchange/mcollective_broadcast/ping\n\nping"
            )
            let request = try #require(node.frames().first)
            #expect(request.headers["reply-to"] == "/reply-queue/s1")
            node.say("SEND\ndestination:/reply-queue/s1\n\npong")
            let reply = try #require(client.frames().first)
            #expect(reply.headers["subscription"] == "/temp-queue/mcollective_reply_ping")
            #expect(String(buffer: reply.body) == "pong")
        }
        client.leave()
        node.say("SEND\ndestination:/reply-queue/s1\n\ntoo late")
        #expect(node.error == nil)
        #expect(stage.host.statistics.unroutable == 1)
    }

    @Test func whoSubscribesToItGetsTheRepliesUnderItsOwnID() throws {
        let stage = Stage()
        let (node, client) = (stage.client(), stage.client())
        node.say("SUBSCRIBE\nid:n\ndestination:/queue/q\n\n")
        client.say("SUBSCRIBE\nid:mine\ndestination:/temp-queue/foo\n\n")
        client.say("SEND\ndestination:/queue/q\nreply-to:/temp-queue/foo\n\nask")
        let replyTo = try #require(node.frames().first?.headers["reply-to"])
        node.say("SEND\ndestination:\(replyTo)\n\nanswer")
        #expect(client.frames().map { $0.headers["subscription"] } == ["mine"])
        client.say("SEND\ndestination:/temp-queue/foo\n\nto myself")
        #expect(client.bodies() == ["to myself"])
    }

    @Test func anExplicitSubscriptionTakesTheImplicitOneOver() throws {
        let stage = Stage()
        let client = stage.client()
        client.say("SEND\ndestination:/topic/t\nreply-to:/temp-queue/foo\n\nask")
        client.say("SUBSCRIBE\nid:mine\ndestination:/temp-queue/foo\n\n\0SEND\ndestination:/reply-queue/s1\n\nanswer")
        #expect(client.frames().map { $0.headers["subscription"] } == ["mine"])
    }

    @Test func theyBelongToOneConnection() {
        let stage = Stage()
        let (one, other) = (stage.client(), stage.client())
        one.say("SUBSCRIBE\nid:1\ndestination:/temp-queue/foo\n\n")
        other.say("SUBSCRIBE\nid:1\ndestination:/temp-queue/foo\n\n\0SEND\ndestination:/temp-queue/foo\n\nhis own")
        #expect(one.bodies().isEmpty)
        #expect(other.bodies() == ["his own"])
    }

    @Test func theyAreBounded() {
        var limits = BrokerLimits()
        limits.maxTemporaryQueues = 2
        let client = Stage(limits: limits).client()
        for name in 1...3 { client.say("SEND\ndestination:/topic/t\nreply-to:/temp-queue/\(name)\n\nask") }
        #expect(client.error == .limit("temporary queues", 2))
    }

    @Test func anyOtherReplyToPassesAsItIs() {
        let stage = Stage()
        let (node, client) = (stage.client(), stage.client())
        node.say("SUBSCRIBE\nid:n\ndestination:/queue/q\n\n")
        client.say("SEND\ndestination:/queue/q\nreply-to:/queue/mcollective.reply.admin_1.1\n\nask")
        #expect(node.frames().map { $0.headers["reply-to"] } == ["/queue/mcollective.reply.admin_1.1"])
    }
}
