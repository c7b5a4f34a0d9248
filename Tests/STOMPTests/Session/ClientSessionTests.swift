import NIOCore
import STOMP
import Testing

struct ClientSessionTests {
    private static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    private func connected(
        _ version: Version?, _ configuration: ClientSession.Configuration = .init()
    ) throws -> ClientSession {
        var session = ClientSession(configuration)
        _ = session.start(at: ClientSessionTests.at(0))
        let header = version.map { "version:\($0.rawValue)\n" } ?? ""
        session.received(
            ByteBuffer(string: "CONNECTED\n\(header)heart-beat:1000,1000\n\n\0\n"), at: ClientSessionTests.at(0))
        guard case .connected = try session.next() else { throw STOMPError.notConnected }
        return session
    }

    private func receive(_ text: String, _ session: inout ClientSession) throws -> ClientSession.Event? {
        session.received(ByteBuffer(string: text), at: ClientSessionTests.at(1))
        return try session.next()
    }

    @Test func connectSaysWhoWeAre() {
        var session = ClientSession(
            .init(
                versions: [.v1_0, .v1_1], host: "/mcollective", login: "mcollective", passcode: "a:b\\c",
                heartBeat: .init(sends: .milliseconds(30500), wants: .milliseconds(29500))))
        #expect(
            String(buffer: session.start(at: ClientSessionTests.at(0)))
                == "CONNECT\naccept-version:1.0,1.1\nhost:/mcollective\nlogin:mcollective\npasscode:a:b\\c\nheart-beat:30500,29500\n\n\0"
        )
        var old = ClientSession(.init(versions: [.v1_0]))
        #expect(String(buffer: old.start(at: ClientSessionTests.at(0))) == "CONNECT\n\n\0")
    }

    @Test func aServerThatDoesNotSaySpeaksVersion10() throws {
        let session = try connected(nil)
        #expect(session.version == .v1_0)
    }

    @Test(
        "is not connected by anything else",
        arguments: [
            ("ERROR\nmessage:Bad CONNECT\n\nAccess refused\0", .refusedByPeer(message: "Bad CONNECT")),
            ("ERROR\n\nInvalid Login\0", .refusedByPeer(message: "Invalid Login")),
            ("MESSAGE\n\n\0", .unexpectedCommand(.message)), ("CONNECT\n\n\0", .unexpectedCommand(.connect)),
            ("CONNECTED\nversion:9\n\n\0", .noCommonVersion(peer: "9")),
            ("CONNECTED\nversion:1.1\nheart-beat:x\n\n\0", .malformedHeader("heart-beat", in: .connected)),
            ("HTTP/1.1 400 Bad Request\r\n", .unknownCommand("HTTP/1.1 400 Bad Request")),
        ] as [(String, STOMPError)])
    func refuses(answer: String, error: STOMPError) {
        var session = ClientSession(.init())
        _ = session.start(at: ClientSessionTests.at(0))
        #expect(throws: error) { _ = try receive(answer, &session) }
        #expect(throws: STOMPError.notConnected) { _ = try session.send(ByteBuffer(), to: "/queue/a") }
        #expect(session.nextDeadline == nil)
    }

    @Test func aVersionThatWasNotOfferedIsRefused() {
        #expect(throws: STOMPError.noCommonVersion(peer: "1.2")) {
            _ = try connected(.v1_2, .init(versions: [.v1_0, .v1_1]))
        }
    }

    @Test(
        "acknowledges as the version has it",
        arguments: [
            (.v1_0, "ACK\nmessage-id:m:1\n\n\0"), (.v1_1, "ACK\nsubscription:s\nmessage-id:m\\c1\n\n\0"),
            (.v1_2, "ACK\nid:a\\c1\n\n\0"),
        ] as [(Version, String)])
    func acknowledges(version: Version, bytes: String) throws {
        var session = try connected(version)
        let colon = version == .v1_0 ? ":" : "\\c"
        let message = "MESSAGE\nsubscription:s\nmessage-id:m\(colon)1\nack:a\(colon)1\n\nbody\0"
        guard case .message(let delivery) = try receive(message, &session) else {
            Issue.record("no delivery")
            return
        }
        #expect(delivery.body == ByteBuffer(string: "body"))
        #expect(String(buffer: try session.acknowledge(delivery).bytes) == bytes)
        if version == .v1_0 {
            #expect(throws: STOMPError.nackUnsupported) { _ = try session.refuse(delivery) }
        } else {
            #expect(String(buffer: try session.refuse(delivery).bytes) == "N" + bytes)
        }
    }

    @Test func anAcknowledgementDoesNotCrossConnections() throws {
        var session = try connected(.v1_2)
        guard case .message(let delivery) = try receive("MESSAGE\nmessage-id:1\nack:1\n\n\0", &session) else {
            Issue.record("no delivery")
            return
        }
        session.closed()
        _ = session.start(at: ClientSessionTests.at(2))
        _ = try receive("CONNECTED\nversion:1.2\n\n\0", &session)
        #expect(throws: STOMPError.staleDelivery) { _ = try session.acknowledge(delivery) }
    }

    @Test func subscriptionsOutliveTheConnection() throws {
        var session = ClientSession(.init())
        let nodes = Subscription(
            id: "n", destination: "/queue/nodes", ack: .client, selector: "mc_identity = 'a'",
            extra: Headers(["prefetch-count": "1"]))
        #expect(try session.subscribe(to: nodes) == nil)
        _ = session.start(at: ClientSessionTests.at(0))
        let event = try receive("CONNECTED\nversion:1.1\n\n\0", &session)
        guard case .connected(let server, let resumption) = event else {
            Issue.record("not connected")
            return
        }
        #expect(server.version == .v1_1)
        let subscribe =
            "SUBSCRIBE\nid:n\ndestination:/queue/nodes\nack:client\nselector:mc_identity = 'a'\nprefetch-count:1\n\n\0"
        #expect(String(buffer: resumption) == subscribe)
        #expect(throws: STOMPError.duplicateSubscription(id: "n")) { _ = try session.subscribe(to: nodes) }
        let gone = try session.unsubscribe("n", confirmation: .receipt)
        #expect(
            String(buffer: gone?.bytes ?? ByteBuffer())
                == "UNSUBSCRIBE\nid:n\ndestination:/queue/nodes\nreceipt:r1\n\n\0")
        #expect(throws: STOMPError.unknownSubscription(id: "n")) { _ = try session.unsubscribe("n") }
        session.closed()
        _ = session.start(at: ClientSessionTests.at(3))
        guard case .connected(_, let nothing) = try receive("CONNECTED\n\n\0", &session) else {
            Issue.record("not connected")
            return
        }
        #expect(nothing.readableBytes == 0)
    }

    @Test func receiptsAreCountedUntilTheyCome() throws {
        var session = try connected(.v1_2, .init(maxPendingReceipts: 2))
        let first = try session.send(ByteBuffer(string: "a"), to: "/queue/a", confirmation: .receipt)
        let second = try session.send(ByteBuffer(string: "b"), to: "/queue/a", confirmation: .receipt)
        #expect(throws: STOMPError.tooManyPendingReceipts(limit: 2)) {
            _ = try session.send(ByteBuffer(), to: "/queue/a", confirmation: .receipt)
        }
        #expect(
            String(buffer: first.bytes) == "SEND\ndestination:/queue/a\nreceipt:r1\ncontent-length:1\n\na\0")
        #expect(try receive("RECEIPT\nreceipt-id:r2\n\n\0", &session) == .receipt("r2"))
        #expect(try receive("RECEIPT\nreceipt-id:r2\n\n\0", &session) == nil)
        #expect(second.receipt == "r2")
        #expect(Array(session.pendingReceipts.all) == ["r1"])
        session.closed()
        #expect(Array(session.pendingReceipts.all) == ["r1"])
        _ = session.start(at: ClientSessionTests.at(1))
        #expect(session.pendingReceipts.count == 0)
    }

    @Test func transactionsHaveNamesOfTheirOwn() throws {
        var session = try connected(.v1_1)
        let (name, begin) = try session.begin()
        #expect(String(buffer: begin.bytes) == "BEGIN\ntransaction:\(name)\n\n\0")
        let sent = try session.send(ByteBuffer(), to: "/queue/a", transaction: name)
        #expect(String(buffer: sent.bytes) == "SEND\ndestination:/queue/a\ntransaction:\(name)\n\n\0")
        let commit = try session.commit(name)
        #expect(String(buffer: commit.bytes) == "COMMIT\ntransaction:\(name)\nreceipt:\(commit.receipt ?? "")\n\n\0")
        #expect(try session.begin().transaction != name)
    }

    @Test func goodbyeWaitsForWhatWasSentBefore() throws {
        var session = try connected(.v1_2)
        _ = try session.send(ByteBuffer(), to: "/queue/a", confirmation: .receipt)
        let bytes = try session.disconnect(at: ClientSessionTests.at(5))
        #expect(String(buffer: bytes) == "DISCONNECT\nreceipt:r2\n\n\0")
        #expect(session.nextDeadline == ClientSessionTests.at(35))
        #expect(throws: STOMPError.notConnected) { _ = try session.send(ByteBuffer(), to: "/queue/a") }
        #expect(try receive("RECEIPT\nreceipt-id:r1\n\n\0", &session) == .receipt("r1"))
        #expect(try receive("RECEIPT\nreceipt-id:r2\n\n\0", &session) == .disconnected)
        #expect(session.nextDeadline == nil)
    }

    @Test func aHalfOpenConnectionIsFound() throws {
        let offer = HeartBeatOffer(sends: .seconds(2), wants: .seconds(2))
        var session = try connected(.v1_1, .init(heartBeat: offer))
        #expect(session.timerFired(at: ClientSessionTests.at(1)) == .wait)
        #expect(session.timerFired(at: ClientSessionTests.at(2)) == .send(Frame.heartBeat))
        session.received(ByteBuffer(string: "\n"), at: ClientSessionTests.at(3))
        #expect(session.timerFired(at: ClientSessionTests.at(6)) == .send(Frame.heartBeat))
        #expect(session.timerFired(at: ClientSessionTests.at(7)) == .close(.silent(milliseconds: 4000)))
        #expect(session.timerFired(at: ClientSessionTests.at(8)) == .wait)
    }

    @Test func aServerThatNeverAnswersIsGivenUp() {
        var session = ClientSession(.init(answerTimeout: .seconds(3)))
        _ = session.start(at: ClientSessionTests.at(0))
        #expect(session.nextDeadline == ClientSessionTests.at(3))
        #expect(session.timerFired(at: ClientSessionTests.at(2)) == .wait)
        #expect(session.timerFired(at: ClientSessionTests.at(3)) == .close(.connectTimedOut))
    }
}
