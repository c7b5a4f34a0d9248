import MusterCore
import NIOCore
import STOMP
import StompBroker
import Testing

/// What becomes of a SEND on its way to MESSAGE.
struct MessageTests {
    private func message(_ send: String, from version: Version = .v1_2, to reader: Version = .v1_2) -> Frame? {
        let stage = Stage()
        let client = stage.client(reader)
        client.say("SUBSCRIBE\nid:s\ndestination:/topic/t\n\n")
        stage.client(version).say(send)
        return client.frames().first
    }

    @Test func headersPassInOrderAndTheBrokersOwnAreAdded() throws {
        let frame = try #require(
            message(
                "SEND\nmc_sender:n\nexpiration:70000\ndestination:/topic/t\npersistent:true\ncontent-type:text/plain\n\nhi"
            ))
        #expect(
            frame.headers.pairs.map { "\($0.name)=\($0.value)" } == [
                "subscription=s", "mc_sender=n", "expiration=70000", "destination=/topic/t", "persistent=true",
                "content-type=text/plain", "message-id=t-1", "content-length=2",
            ])
    }

    @Test func nobodySpeaksForTheBroker() throws {
        let frame = try #require(
            message(
                "SEND\nsubscription:other\nack:1\nmessage-id:x\nredelivered:true\nreceipt:r\ndestination:/topic/t\n\nhi"
            ))
        #expect(frame.headers.pairs.map(\.name) == ["subscription", "destination", "message-id", "content-length"])
        #expect(frame.headers["subscription"] == "s")
    }

    @Test func ofWhatDecidesSomethingOnlyTheFirstIsPassedOn() throws {
        let frame = try #require(
            message(
                "SEND\ndestination:/topic/t\ndestination:/topic/u\nreply-to:/queue/a\nreply-to:/queue/b\nh:1\nh:2\ncontent-length:2\n\nhi"
            ))
        #expect(frame.headers.last("destination") == "/topic/t")
        #expect(frame.headers.last("reply-to") == "/queue/a")
        #expect(frame.headers.pairs.filter { $0.name == "h" }.map(\.value) == ["1", "2"])
        #expect(frame.headers.pairs.count { $0.name == "content-length" } == 1)
    }

    @Test("bodies are the same in every version", arguments: Version.allCases, Version.allCases)
    func bodies(from version: Version, to reader: Version) throws {
        let frame = try #require(
            message("SEND\ndestination:/topic/t\nx:plain\ncontent-length:4\n\na\0\nb", from: version, to: reader))
        #expect(frame.body == ByteBuffer(string: "a\0\nb"))
        #expect(frame.headers["x"] == "plain")
        #expect(frame.headers["message-id"] == "t-1")
    }

    @Test func whatOneVersionCannotSayDoesNotBreakItsLines() throws {
        let frame = try #require(
            message("SEND\ndestination:/topic/t\nx:a\\nreply-to\\c/queue/evil\n\nhi", from: .v1_2, to: .v1_0))
        #expect(frame.headers["reply-to"] == nil)
        #expect(frame.headers["x"] == "a reply-to:/queue/evil")
    }

    @Test(
        "is refused",
        arguments: [
            ("SEND\n\nx", .missingHeader("destination", in: .send)),
            ("SEND\ndestination:/queue/\n\nx", .invalidDestination("/queue/")),
            ("SEND\ndestination:/temp-queue/none\n\nx", .forbiddenDestination("/temp-queue/none", command: .send)),
            ("SUBSCRIBE\nid:1\n\n", .missingHeader("destination", in: .subscribe)),
            ("SUBSCRIBE\ndestination:/queue/a\n\n", .missingHeader("id", in: .subscribe)),
            ("SUBSCRIBE\nid:1\ndestination:/queue/a\nack:never\n\n", .malformedHeader("ack", in: .subscribe)),
            (
                "SUBSCRIBE\nid:1\ndestination:/reply-queue/s1\n\n",
                .forbiddenDestination("/reply-queue/s1", command: .subscribe)
            ), ("UNSUBSCRIBE\nid:1\n\n", .unknownSubscription("1")),
            ("UNSUBSCRIBE\n\n", .missingHeader("id", in: .unsubscribe)), ("ACK\n\n", .missingHeader("id", in: .ack)),
            ("ACK\nid:1@t-1\n\n", .unknownMessage("1@t-1")), ("NACK\nid:x\n\n", .unknownMessage("x")),
            ("BEGIN\n\n", .missingHeader("transaction", in: .begin)),
            ("COMMIT\ntransaction:t\n\n", .unknownTransaction("t")),
            ("ABORT\ntransaction:t\n\n", .unknownTransaction("t")),
            ("SEND\ndestination:/queue/a\ntransaction:t\n\n", .unknownTransaction("t")),
        ] as [(String, BrokerError)])
    func refuses(text: String, error: BrokerError) {
        let stage = Stage()
        let client = stage.client()
        client.say(text)
        #expect(client.error == error)
        #expect(!error.description.isEmpty && !error.title.isEmpty)
        client.say("SEND\ndestination:/queue/a\nreceipt:r\n\nafter")
        #expect(client.bodies().isEmpty)
        #expect(stage.host.queueSummaries.isEmpty)
    }

    @Test func aSubscriptionIsThereOnce() {
        let client = Stage().client(.v1_0)
        client.say("SUBSCRIBE\ndestination:/topic/t\n\n\0SUBSCRIBE\ndestination:/topic/t\n\n")
        #expect(client.error == .duplicateSubscription("/topic/t"))
    }

    @Test func accessIsAskedForByTheDestination() {
        struct OnlyMine: AccessRules {
            func denial(of use: DestinationUse, _ destination: Destination) -> AccessDenial? {
                guard !destination.text.hasSuffix("mine") else { return nil }
                return AccessDenial(
                    user: "ann", virtualHost: "/", use: use, destination: destination, permission: .write, name: "n")
            }
        }
        func denied(_ use: DestinationUse, _ destination: Destination) -> BrokerError? {
            OnlyMine().denial(of: use, destination).map { .accessRefused($0) }
        }
        let stage = Stage()
        let (reader, writer) = (stage.client(access: OnlyMine()), stage.client(access: OnlyMine()))
        writer.say(
            "SEND\ndestination:/queue/mine\n\n1\0SEND\ndestination:/queue/mine\n\n2\0SEND\ndestination:/queue/his\n\n3")
        #expect(writer.error == denied(.send, .queue("his")))
        reader.say("SUBSCRIBE\nid:1\ndestination:/queue/mine\n\n")
        #expect(reader.bodies() == ["1", "2"])
        reader.say("SUBSCRIBE\nid:2\ndestination:/queue/his\n\n")
        #expect(reader.error == denied(.subscribe, .queue("his")))
        let asker = stage.client(access: OnlyMine())
        asker.say("SEND\ndestination:/queue/mine\nreply-to:/temp-queue/his\n\n1")
        #expect(asker.error == denied(.subscribe, .tempQueue("his")))
        #expect(stage.host.statistics.denied == 3)
    }

    @Test func goodbyeIsConfirmedAndThenTheConnectionCloses() {
        let client = Stage().client()
        client.say("DISCONNECT\nreceipt:bye\n\n")
        #expect(client.bodies() == ["!bye"])
        #expect(client.isClosed)
    }
}
