import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

@testable import NodeAgent

@Suite struct CollectiveDeskTests {
    /// Requests that an unchanged `mco` sent, with what an unchanged node answered.
    private static func captures() throws -> [(name: String, request: CollectiveRequest, reply: RubyValue?)] {
        let security = PSKSecurity(secret: CollectiveFixture.secret)
        let file = try PackageFile.json("Tests/Vectors/mcollective/messages-rabbitmq-psk.json")
        var requests: [(name: String, request: CollectiveRequest, reply: RubyValue?)] = []
        for message in file["messages"]?.array ?? [] {
            let bytes = try #require(Base64.decode((message["body_base64"]?.string ?? "").utf8))
            let name = message["name"]?.string ?? ""
            if message["sender"]?.string == "client" {
                let sealed = try SealedRequest(bytes, serializer: .marshal)
                requests.append((name, try security.open(sealed), nil))
            } else {
                let reply = try security.open(try SealedReply(bytes, serializer: .marshal))
                guard reply.senderID == "node1" else { continue }
                if let place = requests.lastIndex(where: { $0.request.requestID == reply.requestID }) {
                    requests[place].reply = reply.body
                }
            }
        }
        return requests
    }

    @Test("answers the requests of unchanged clients as an unchanged node does")
    func answersCaptures() async throws {
        let fixture = try CollectiveFixture()
        var compared: Set<String> = []
        for (name, request, theirs) in try Self.captures() {
            guard ["discovery", "rpcutil"].contains(request.agent), let theirs else { continue }
            guard case .reply(let ours) = await fixture.desk.answer(request) else {
                Issue.record("no answer to \(name)")
                continue
            }
            compared.insert(name)
            guard request.agent == "rpcutil" else {
                #expect(ours == theirs)
                continue
            }
            let (mine, other) = (try RPCReply(body: ours), try RPCReply(body: theirs))
            #expect(mine.status == other.status && mine.message == other.message, "\(name)")
            // Names and kinds of the outputs; their values are of another machine.
            #expect(
                Set(mine.data.pairs.map { "\($0.key) \(Self.kind($0.value))" })
                    == Set(other.data.pairs.map { "\($0.key) \(Self.kind($0.value))" }), "\(name)")
        }
        #expect(
            compared.isSuperset(of: ["ping", "rpc-ping", "rpc-inventory", "rpc-error-1", "rpc-error-5"]))
    }

    private static func kind(_ value: RubyValue) -> String {
        switch value {
        case .null: "nil"
        case .bool: "truth"
        case .int, .big: "integer"
        case .double: "float"
        case .string: "text"
        case .symbol: "symbol"
        case .array: "list"
        case .hash: "hash"
        case .regexp: "pattern"
        }
    }

    @Test(
        "refuses what the DDL does not know, in the words of the peers",
        arguments: [
            ("nosuch", nil, "Attempted to call action nosuch for rpcutil but it's not declared in the DDL"),
            ("get_fact", nil, "Action get_fact needs a fact argument"),
            ("get_fact", RubyValue.text("a b"), #"Cannot validate input fact: value should match ^[\w\-\.]+$"#),
            ("get_fact", 1, "Cannot validate input fact: value should be a string"),
            (
                "get_fact", .text(String(repeating: "a", count: 41)),
                "Cannot validate input fact: Input string is longer than 40 character(s)"
            ),
        ] as [(String, RubyValue?, String)])
    func refuses(action: String, fact: RubyValue?, message: String) async throws {
        let reply = try await CollectiveFixture().call("rpcutil", action, fact.map { ["fact": $0] } ?? [:])
        #expect(reply.status == .invalidData)
        #expect(reply.message == message)
    }

    @Test func looksUpDataForCompoundFilters() async throws {
        let fixture = try CollectiveFixture()
        func isMeant(_ text: String) async throws -> Bool {
            var filter = Filter()
            filter.compounds = [try CompoundFilter(argument: text)]
            return await fixture.desk.answer(try fixture.request("rpcutil", "ping", filter: filter)) != .filtered
        }
        #expect(try await isMeant("role=web and fact('os.name').value=Debian"))
        #expect(try await isMeant("collective('sub1').member=true"))
        #expect(try await isMeant("agent('rpcutil').timeout=10"))
        #expect(try await isMeant("fstat('\(fixture.directory.file("classes.txt"))').size>4"))
        #expect(try await !isMeant("fact('os.name').value=Suse"))
        #expect(try await !isMeant("not nosuch('x').value=1"))
    }

    @Test("says nothing where nobody wants an answer or there is no call")
    func isSilent() async throws {
        let fixture = try CollectiveFixture()
        var request = try fixture.request("rpcutil", "ping")
        request.body = RPCRequest(agent: "rpcutil", action: "ping", wantsReply: false).body
        #expect(await fixture.desk.answer(request) == .silent("the caller wants no answer"))
        request.body = "ping"
        guard case .silent = await fixture.desk.answer(request) else {
            Issue.record("a text was answered")
            return
        }
        var other = try fixture.request("nosuch", "ping")
        #expect(await fixture.desk.answer(other) == .filtered)
        other.filter = Filter()
        #expect(await fixture.desk.answer(other) == .silent("there is no such agent"))
    }

    @Test func answersWhatTakesTooLongOrMayNotRun() async throws {
        var ddl = DDL()
        ddl.metadata.name = "slow"
        ddl.metadata.timeout = 0.01
        ddl.actions = [DDLAction("wait"), DDLAction("gone")]
        let slow = CollectiveAgent(
            ddl,
            actions: [
                "wait": { _ in
                    try await Task.sleep(for: .seconds(3600))
                    return [:]
                }
            ])
        let fixture = try CollectiveFixture(agents: [slow])
        let late = try await fixture.call("slow", "wait")
        #expect(late.status == .unknownError && late.message.hasPrefix("slow.wait did not end within"))
        let gone = try await fixture.call("slow", "gone")
        #expect(gone.status == .unknownAction && gone.message == "Unknown action 'gone' for agent 'slow'")
        let full = try CollectiveFixture(turns: ActionTurns(running: 0, waiting: 0))
        #expect(try await full.call("rpcutil", "ping").message.hasSuffix("try again later"))
    }

    @Test func showsNoSecret() async throws {
        let fixture = try CollectiveFixture("plugin.rabbitmq.pool.1.password = marionette\nplugin.yaml = /x")
        let reply = try await fixture.call("rpcutil", "get_config_item", ["item": "pluginconf"])
        #expect(reply.data[named: "value"] == .hash([("yaml", "/x")]))
    }

    @Test func countsAndDescribesItself() async throws {
        let fixture = try CollectiveFixture()
        fixture.profile.count {
            var counters = CollectiveCounters()
            (counters.total, counters.replies, counters.expired) = (7, 5, 1)
            return counters
        }
        let reply = try await fixture.call("rpcutil", "daemon_stats")
        #expect(reply.data[named: "total"] == 7 && reply.data[named: "replies"] == 5)
        #expect(reply.data[named: "ttlexpired"] == 1 && reply.data[named: "starttime"] == 1_795_242_719)
        #expect(reply.data[named: "threads"]?.array?.isEmpty == false)
        #expect(reply.data[named: "times"]?.hash?[named: "utime"]?.value.double ?? 0 > 0)
        let agents = try await fixture.call("rpcutil", "agent_inventory").data[named: "agents"]?.array ?? []
        #expect(agents.compactMap { $0.hash?[named: "agent"]?.text } == ["discovery", "rpcutil"])
    }
}
