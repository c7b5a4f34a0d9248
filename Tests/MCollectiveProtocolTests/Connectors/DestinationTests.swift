import MCollectiveProtocol
import MusterCore
import Testing

struct DestinationTests {
    private func connector(_ session: String) -> Connector {
        session.contains("rabbit") ? .rabbitmq : session.contains("stomp") ? .stomp : .activemq
    }

    private func destinations(_ session: String, identity: String, processID: Int32 = 1) -> Destinations {
        var destinations = Destinations(connector(session), identity: identity, processID: processID)
        destinations.multiplexesAgents = session == "amqmx" || session == "rabbitre"
        destinations.usesReplyExchange = session == "rabbitre"
        return destinations
    }

    @Test("a connection begins as the peers begin theirs", arguments: CapturedFrame.sessions)
    func connect(_ session: String) throws {
        let host = connector(session) == .rabbitmq ? "/mcollective" : "mcollective"
        for frame in try CapturedFrame.session(session) where frame.command == "CONNECT" {
            let request = ConnectRequest(
                connector: connector(session), virtualHost: host, login: frame["login"] ?? "",
                passcode: frame["passcode"] ?? "", heartbeatInterval: session.hasSuffix("hb") ? 30 : 0)
            #expect(request.headers == frame.headers)
        }
    }

    @Test("a node subscribes as the peers do", arguments: CapturedFrame.sessions)
    func subscriptions(_ session: String) throws {
        let frames = try CapturedFrame.session(session).filter { !$0.isClient && $0.command == "SUBSCRIBE" }
        let node = destinations(session, identity: "node1")
        let hasIDs = session.hasSuffix("hb")
        let collectives = ["mcollective", "sub1"]
        let agents = ["package", "puppet", "shell", "service", "filemgr", "discovery", "rpcutil"]
        var expected = try collectives.map { try node.directedSubscription(collective: $0) }
        for agent in agents {
            for collective in collectives {
                let subscription = node.broadcastSubscription(collective: collective, agent: agent)
                let isNew = !expected.contains { $0.destination == subscription.destination }
                if isNew { expected.append(subscription) }
            }
        }
        let sent = Set(frames.map(\.headers))
        #expect(Set(expected.map { $0.subscribeHeaders(withID: hasIDs) }) == sent)
    }

    @Test(
        "a client subscribes to its replies, sends and unsubscribes as the peers do", arguments: CapturedFrame.sessions)
    func client(_ session: String) throws {
        let frames = try CapturedFrame.session(session).filter(\.isClient)
        let hasIDs = session.hasSuffix("hb")
        var client = destinations(session, identity: "admin1", processID: try processID(frames))
        if session == "amqhb" { client.priority = 4 }
        let sends = frames.filter { $0.command == "SEND" }
        #expect(!sends.isEmpty)
        for (index, send) in sends.enumerated() {
            let request = try request(send)
            let counter = index + 1
            if let subscription = client.replySubscription(
                collective: request.collective, agent: request.agent, counter: counter)
            {
                let own = frames.filter { $0["destination"] == subscription.destination }
                let subscribes = own.filter { $0.command == "SUBSCRIBE" }.map(\.headers)
                #expect(subscribes == [subscription.subscribeHeaders(withID: hasIDs)])
                let unsubscribes = own.filter { $0.command == "UNSUBSCRIBE" }.map(\.headers)
                #expect(unsubscribes == [subscription.unsubscribeHeaders(withID: hasIDs)])
            } else {
                #expect(!frames.contains { $0.command == "SUBSCRIBE" })
            }
            let isDirected = send["mc_identity"] != nil || send["destination"]?.contains("directed") == true
            #expect(
                try client.headers(of: request, to: isDirected ? .node("node1") : .everybody, counter: counter)
                    == send.headers)
        }
    }

    @Test("a node replies as the peers do", arguments: CapturedFrame.sessions)
    func replies(_ session: String) throws {
        let node = destinations(session, identity: "node1")
        let frames = try CapturedFrame.session(session).filter { !$0.isClient && $0.command == "SEND" }
        let replies = frames.filter { $0["reply-to"] == nil }
        #expect(!replies.isEmpty)
        for frame in replies {
            let reply = CollectiveReply(
                senderID: "node1", requestID: "r", agent: "discovery", time: try time(frame), body: "pong")
            #expect(
                node.headers(of: reply, collective: "mcollective", replyTo: frame["destination"]) == frame.headers)
        }
    }

    @Test("a request of every capture has the headers of its frame", arguments: ["rabbitmq-psk", "activemq-psk"])
    func captures(_ file: String) throws {
        for message in try CapturedMessage.load(file) where message.sender == .client {
            let request = try message.security.node.open(SealedRequest(message.bytes, serializer: .marshal))
            let replyTo = try #require(message.headers["reply-to"])
            let destinations = Destinations(
                file == "rabbitmq-psk" ? .rabbitmq : .activemq, identity: "admin1", processID: 1)
            let destination = try #require(message.headers["destination"])
            let node = message.headers["mc_identity"] ?? destination.split(separator: "/").last.map(String.init) ?? ""
            let isDirected = message.headers["mc_identity"] != nil || destination.contains("_directed/")
            let headers = try destinations.headers(
                of: request, to: isDirected ? .node(node) : .everybody, counter: 1, replyTo: replyTo)
            for header in headers {
                #expect(message.headers[header.name] == header.value, "\(message.testDescription)")
            }
        }
    }

    @Test("what comes in must be what the subscription is for")
    func arrivals() throws {
        for connector in Connector.allCases {
            var node = Destinations(connector, identity: "node1", processID: 1)
            #expect(
                try node.directedSubscription(collective: "c").arrival == .directed(collective: "c", identity: "node1"))
            #expect(
                node.broadcastSubscription(collective: "c", agent: "a").arrival
                    == .broadcast(collective: "c", agent: "a"))
            node.multiplexesAgents = true
            let agent = connector == .stomp ? "a" : nil
            #expect(
                node.broadcastSubscription(collective: "c", agent: "a").arrival
                    == .broadcast(collective: "c", agent: agent))
        }
    }

    @Test("without a place for the reply there is none, but with the legacy connector")
    func noReplyTo() {
        let reply = CollectiveReply(
            senderID: "n", requestID: "r", agent: "rpcutil", time: Timestamp(seconds: 0), body: "pong")
        for connector in Connector.allCases {
            let headers = Destinations(connector, identity: "n", processID: 1)
                .headers(of: reply, collective: "c", replyTo: nil)
            #expect(headers == (connector == .stomp ? [FrameHeader("destination", "/topic/c.rpcutil.reply")] : nil))
        }
    }

    @Test("a ttl beyond all bounds expires at the end of time, and a quote cannot leave the selector")
    func extremes() throws {
        let request = CollectiveRequest(
            senderID: "a", requestID: "r", filter: Filter(), collective: "c", agent: "x",
            callerID: try #require(CallerID("uid=0")), ttl: .max, time: Timestamp(seconds: 1), body: "ping")
        for connector in [Connector.rabbitmq, .activemq] {
            let headers = try Destinations(connector, identity: "a", processID: 1)
                .headers(of: request, to: .everybody, counter: 1)
            #expect(headers.contains { $0.name.hasPrefix("expir") && $0.value == String(Int64.max) })
        }
        let node = Destinations(.activemq, identity: "a' OR '1'='1", processID: 1)
        #expect(try node.directedSubscription(collective: "c").selector == "mc_identity = 'a'' OR ''1''=''1'")
    }

    @Test("nothing shows the password")
    func password() {
        let request = ConnectRequest(connector: .stomp, virtualHost: "/", login: "me", passcode: "hush")
        #expect(!"\(request)".contains("hush") && !String(reflecting: request).contains("hush"))
        #expect(Mirror(reflecting: request).children.count == 1)
        var anonymous = request
        anonymous.login = ""
        #expect(anonymous.headers.isEmpty)
    }

    /// The process id that the client had when it was recorded.
    private func processID(_ frames: [CapturedFrame]) throws -> Int32 {
        let replyTo = frames.compactMap { $0["reply-to"] }.first { $0.contains("admin1_") }
        let digits = replyTo.flatMap { $0.split(separator: "admin1_").last }?.prefix { $0.isNumber }
        return digits.flatMap { Int32($0) } ?? 1
    }

    private func time(_ frame: CapturedFrame) throws -> Timestamp {
        Timestamp(seconds: (frame["timestamp"].flatMap(Int64.init) ?? 0) / 1000)
    }

    /// The request that a recorded frame carried, as far as its headers depend on it.
    private func request(_ frame: CapturedFrame) throws -> CollectiveRequest {
        let isRPC = ["rpcutil", "mc_identity", "directed"].contains { word in
            frame.headers.contains { $0.value.contains(word) || $0.name == word }
        }
        return CollectiveRequest(
            senderID: "admin1", requestID: "r", filter: Filter(), collective: "mcollective",
            agent: isRPC ? "rpcutil" : "discovery", callerID: try #require(CallerID("uid=0")), time: try time(frame),
            body: "ping")
    }
}
