import NIOCore
import STOMP
import Testing

struct ServerSessionTests {
    private static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }
    private static let configuration = ServerSession.Configuration(server: "Muster/1")

    private func session(_ text: String) -> ServerSession {
        var session = ServerSession(ServerSessionTests.configuration, at: ServerSessionTests.at(0))
        session.received(ByteBuffer(string: text), at: ServerSessionTests.at(0))
        return session
    }

    private func request(_ session: inout ServerSession) throws -> ConnectRequest {
        guard case .connect(let request) = try session.next() else { throw STOMPError.notConnected }
        return request
    }

    @Test(
        "takes the CONNECT of every captured client",
        arguments: try Capture.sessions().filter { $0.name.contains("to broker") })
    func takesClients(_ capture: Capture) throws {
        var session = ServerSession(ServerSessionTests.configuration, at: ServerSessionTests.at(0))
        session.received(ByteBuffer(bytes: capture.bytes), at: ServerSessionTests.at(0))
        let request = try request(&session)
        if capture.name.contains("rabbit") || capture.name.contains("activemq") {
            #expect(request.login == "mcollective")
        }
        #expect(!"\(request)".contains("secret"))
        let answer = String(buffer: session.accept(session: "s", at: ServerSessionTests.at(0)))
        #expect(answer.hasPrefix("CONNECTED\nserver:Muster/1\nsession:s\n"))
        #expect(answer.hasSuffix("\n\n\0\n"))
        var frames = 1
        while case .frame = try session.next() { frames += 1 }
        #expect(frames == capture.frames.count)
    }

    @Test func whatIsSentBeforeTheJudgementWaits() throws {
        var session = session("STOMP\naccept-version:1.2\nhost:h\n\n\0SEND\ndestination:/queue/a\\cb\n\n\0")
        let request = try request(&session)
        #expect(request.version == .v1_2)
        #expect(request.host == "h")
        #expect(try session.next() == nil)
        #expect(
            String(buffer: session.accept(session: "1", at: ServerSessionTests.at(1)))
                == "CONNECTED\nserver:Muster/1\nsession:1\nheart-beat:0,0\nversion:1.2\n\n\0\n")
        guard case .frame(let frame) = try session.next() else {
            Issue.record("no frame")
            return
        }
        #expect(frame.headers["destination"] == "/queue/a:b")
    }

    @Test func whoeverIsShutOutHearsWhyAndNothingMoreIsTaken() throws {
        var session = session("CONNECT\nlogin:x\n\n\0SEND\n\n\0")
        _ = try request(&session)
        let refusal = session.refuse("Bad CONNECT", detail: "Access refused for user 'x'")
        #expect(
            String(buffer: refusal)
                == "ERROR\nmessage:Bad CONNECT\ncontent-type:text/plain\nversion:1.0,1.1,1.2\ncontent-length:28\n\nAccess refused for user 'x'\n\0\n"
        )
        #expect(try session.next() == nil)
        #expect(session.nextDeadline == nil)
    }

    @Test(
        "is not begun by anything else",
        arguments: [
            ("SEND\n\n\0", .unexpectedCommand(.send)), ("CONNECTED\n\n\0", .unexpectedCommand(.connected)),
            ("CONNECT\naccept-version:9.9\n\n\0", .noCommonVersion(peer: "9.9")),
            ("CONNECT\naccept-version:1.1\nheart-beat:often\n\n\0", .malformedHeader("heart-beat", in: .connect)),
            ("CONNECT\ncontent-length:1025\n\n", .bodyTooLarge(declaredBytes: 1025, limitBytes: 1024)),
            ("GET / HTTP/1.1\r\n", .unknownCommand("GET / HTTP/1.1")),
        ] as [(String, STOMPError)])
    func refuses(text: String, error: STOMPError) {
        var session = session(text)
        #expect(throws: error) { _ = try session.next() }
        let farewell = String(buffer: session.farewell(for: error))
        #expect(farewell.hasPrefix("ERROR\nmessage:\(error.title)\n"))
        #expect(farewell.contains("version:1.0,1.1,1.2\n"))
    }

    @Test("does not take what a server says, or CONNECT again", arguments: ["CONNECT", "MESSAGE", "RECEIPT", "ERROR"])
    func refusesServers(command: String) throws {
        var session = session("CONNECT\n\n\0\(command)\nreceipt:7\n\n\0")
        _ = try request(&session)
        _ = session.accept(session: "1", at: ServerSessionTests.at(0))
        let error = STOMPError.unexpectedCommand(try #require(Command(rawValue: command)))
        #expect(throws: error) { _ = try session.next() }
        #expect(String(buffer: session.farewell(for: error)).contains("\nreceipt-id:7\n"))
    }

    @Test func heartBeatsAreNegotiatedAndHeld() throws {
        var session = session("CONNECT\naccept-version:1.1\nheart-beat:30500,29500\n\n\0")
        _ = try request(&session)
        let answer = String(buffer: session.accept(session: "1", at: ServerSessionTests.at(0)))
        #expect(answer.contains("\nheart-beat:10000,10000\n"))
        #expect(session.nextDeadline == ServerSessionTests.at(0) + .milliseconds(22125))
        #expect(session.timerFired(at: ServerSessionTests.at(23)) == .send(Frame.heartBeat))
        session.received(ByteBuffer(string: "\n"), at: ServerSessionTests.at(30))
        #expect(session.timerFired(at: ServerSessionTests.at(90)) == .send(Frame.heartBeat))
        #expect(session.timerFired(at: ServerSessionTests.at(91)) == .close(.silent(milliseconds: 61000)))
    }

    @Test func whoeverDoesNotConnectInTimeIsGone() throws {
        var session = session("")
        #expect(session.timerFired(at: ServerSessionTests.at(9)) == .wait)
        #expect(session.timerFired(at: ServerSessionTests.at(10)) == .close(.connectTimedOut))
    }
}
