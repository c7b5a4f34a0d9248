import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

struct EventTagCase: Sendable, CustomTestStringConvertible {
    var tag: String
    var node: EventTagFilter.Verdict
    var relay: EventTagFilter.Verdict
    var testDescription: String { tag.isEmpty ? "empty" : String(tag.prefix(60)) }

    init(_ tag: String, _ node: EventTagFilter.Verdict, relay: EventTagFilter.Verdict? = nil) {
        self.tag = tag
        self.node = node
        self.relay = relay ?? node
    }

    /// The sender is `n1` in both roles.
    static let all: [EventTagCase] = [
        // What nodes send.
        .init("minion_start", .allowed), .init("syndic_start", .allowed), .init("minion_ping", .allowed),
        .init("salt/minion/n1/start", .allowed), .init("salt/syndic/n1/start", .allowed),
        .init("salt/beacon/n1/load/", .allowed), .init("salt/beacon/n1/inotify//etc/motd", .allowed),
        .init("salt/job/20261121065525133053/prog/n1/0", .allowed), .init("_salt_error", .allowed),
        .init("deploy/web/finished", .allowed), .init("Saltshaker", .allowed), .init("my/salt/key", .allowed),
        // In the name of others.
        .init("salt/minion/n2/start", .anotherNode), .init("salt/beacon/n2/load/", .anotherNode),
        .init("salt/syndic/n2/start", .anotherNode),
        .init("salt/job/20261121065525133053/prog/n2/0", .anotherNode),
        .init("syndic/n2/x", .reserved, relay: .anotherNode),
        // Section 16 of the protocol, and each once more below a prefix.
        .init("salt/job/20261121065525133053/publish", .reserved),
        .init("salt/job/20261121065525133053/new", .reserved),
        .init("salt/job/a/b/c/new", .reserved), .init("salt/job/20261121065525133053/return", .reserved),
        .init("salt/job/20261121065525133053/ret/n1", .reserved),
        .init("salt/job/20261121065525133053/ret/n2", .reserved),
        .init("salt/job/20261121065525133053/sub/n1/error/state.sls", .reserved),
        .init("salt/key", .reserved), .init("salt/cloud/x/y", .reserved),
        .init("salt/run/20261121065525133053/new", .reserved),
        .init("salt/run/1/ret", .reserved), .init("salt/cluster/peer", .reserved), .init("salt/wheel/1/new", .reserved),
        .init("salt/wheel/1/return", .reserved), .init("salt/wheel/1/ret", .reserved), .init("salt/auth", .reserved),
        .init("salt/auth/creds", .reserved), .init("salt/presence/present", .reserved),
        .init("salt/stats/x", .reserved),
        .init("salt/fileserver/x", .reserved), .init("salt/engines/hook/x", .reserved), .init("salt/", .reserved),
        .init("salt", .reserved),
        .init("salt//key", .reserved),
        .init("minion/refresh/n1", .reserved), .init("minion/refresh/n2", .reserved),
        .init("syndic/n1/salt/key", .reserved, relay: .allowed), .init("syndic/n1", .reserved, relay: .anotherNode),
        .init("20261121065525133053", .reserved), .init("20261121065525133053_123", .reserved),
        // Internal names.
        .init("fire_master", .reserved), .init("module_refresh", .reserved), .init("pillar_refresh", .reserved),
        .init("grains_refresh", .reserved), .init("manage_schedule", .reserved), .init("environ_setenv", .reserved),
        .init("_minion_mine", .reserved), .init("__schedule_return", .reserved),
        .init("__master_req_channel_payload/n1", .reserved),
        .init("__master_connected", .reserved), .init("_salt_error/x", .reserved),
        // Malformed.
        .init("", .malformed), .init("a\n\nb", .malformed), .init("a\u{0}", .malformed), .init("\u{1b}[2J", .malformed),
        .init(String(repeating: "x", count: 513), .malformed),
        .init("salt/job/20261121065525133053/prog/n1/x", .reserved), .init("salt/job/x/prog/n1/0", .reserved),
        .init("salt/minion/n1", .reserved), .init("salt/minion", .reserved),
    ]
}

struct EventTests {
    @Test("every tag is judged for nodes and relays", arguments: EventTagCase.all)
    func judges(_ example: EventTagCase) throws {
        let id = try #require(NodeID("n1"))
        #expect(EventTagFilter.verdict(example.tag, from: .node(id)) == example.node)
        #expect(EventTagFilter.verdict(example.tag, from: .relay(id)) == example.relay)
    }

    @Test func aRelaySaysWhoIsExpected() throws {
        let id = try #require(NodeID("syn"))
        let data: Value = ["minions": ["a", "b"]]
        #expect(EventTagFilter.verdict("20261121065525133053", data: data, from: .relay(id)) == .allowed)
        #expect(EventTagFilter.verdict("20261121065525133053", data: ["x": 1], from: .relay(id)) == .reserved)
        #expect(EventTagFilter.verdict("20261121065525133053", data: data, from: .node(id)) == .reserved)
    }

    @Test("reads the captured single events", arguments: CapturedRequest.all("_minion_event"))
    func captured(_ capture: CapturedRequest) throws {
        let (request, opened) = try capture.check()
        let message = try EventMessage(request.load, in: opened)
        if let list = capture.load["events"]?.array {
            #expect(message.isList)
            #expect(message.prefix == "syndic/\(request.node)")
            #expect(message.entries == list.map { .init(tag: $0["tag"]?.string ?? "", data: $0["data"] ?? .null) })
            let fired = message.fired(from: .relay(request.node))
            let job = try #require(message.entries.first?.tag)
            #expect(fired.events.map(\.tag).contains("syndic/\(request.node)/\(job)"))
            #expect(fired.events.map(\.tag).contains(job))
            #expect(fired.refused.allSatisfy { $0.hasPrefix("salt/job/") })
            #expect(message.fired(from: .node(request.node)).events.isEmpty)
        } else {
            #expect(!message.isList && message.prefix == nil)
            let entry = try #require(message.entries.first)
            #expect(message.entries.count == 1)
            #expect(entry.tag == capture.load["tag"]?.string)
            #expect(entry.data["data"] == capture.load["data"])
            #expect(entry.data["cmd"] == "_minion_event")
            #expect(entry.data["tok"] == nil && entry.data["nonce"] == nil)
            #expect(message.fired(from: .node(request.node)).events == [entry])
        }
    }

    @Test func bothFormsAreFiltered() throws {
        let node = try #require(NodeID("n1"))
        let single = try message(.event("salt/key", data: ["act": "accept"], from: node))
        #expect(single.fired(from: .node(node)).refused == ["salt/key"])
        let list = try message(
            .events(
                [.init(tag: "salt/key", data: 1), .init(tag: "mine/own", data: 2)], from: node, prefix: "salt/minion/n2"
            ))
        let fired = list.fired(from: .node(node))
        #expect(fired.events == [.init(tag: "mine/own", data: 2)])
        #expect(fired.refused == ["salt/minion/n2/salt/key", "salt/key", "salt/minion/n2/mine/own"])
    }

    private func message(_ request: NodeRequest) throws -> EventMessage {
        let nonce = try #require(Nonce("0123456789abcdef0123456789abcdef"))
        let bytes = request.encoded(nonce: nonce, now: Timestamp(seconds: 5), token: [1])
        return try EventMessage(RequestLoad(bytes), in: bytes)
    }

    @Test func writesWhatItReads() throws {
        let node = try #require(NodeID("n1"))
        let single = try message(
            .event("salt/minion/n1/start", data: "Minion n1 started", from: node, grains: ["os": "Debian"]))
        #expect(single.entries.first?.data["data"] == "Minion n1 started")
        #expect(single.entries.first?.data["grains"] == ["os": "Debian"])
        #expect(try message(.event("x", data: .null, from: node)).entries.first?.data["data"] == [:])
        let entries = [EventMessage.Entry(tag: "a", data: [:]), .init(tag: "b", data: [1])]
        #expect(try message(.events(entries, from: node)).entries == entries)
    }

    @Test func elementsWithoutATagAreLeftOut() throws {
        let bytes = (["events": [["data": 1], ["tag": "t"], 5], "pretag": .null] as Value).messagePack()
        let message = try EventMessage(RequestLoad(bytes), in: bytes)
        #expect(message.entries == [.init(tag: "t", data: ["tag": "t"])])
        for value: Value in [[:], ["tag": 5], ["events": 7], ["data": 1]] {
            let bytes = value.messagePack()
            #expect(throws: MessageError.self) { try EventMessage(RequestLoad(bytes), in: bytes) }
        }
    }

    @Test("reads and writes a frame of the local bus", arguments: try Vector.saltOfEachRelease("event-bus"))
    func bus(_ vector: Vector) throws {
        var frame = try vector.bytes("frame_hex")
        if try vector.text("framing").hasPrefix("4-byte") {
            #expect(frame.prefix(4).reduce(0) { $0 << 8 | Int($1) } == frame.count - 4)
            frame.removeFirst(4)
        }
        let event = try BusEvent.read(frame: frame)
        #expect(try event.tag == vector.text("tag"))
        #expect(try event.data == vector.value("data"))
        #expect(event.encodedFrame() == frame)
    }

    @Test("reads what a captured syndic forwards", arguments: CapturedRequest.all("_syndic_return"))
    func syndicReturns(_ capture: CapturedRequest) throws {
        let jobs = try SyndicReturn.read(try capture.opened())
        let list = try #require(capture.load["load"]?.array)
        #expect(jobs.count == list.count)
        for (job, value) in zip(jobs, list) {
            #expect(job.job.text == value["jid"]?.string)
            #expect(job.relay.text == capture.load["id"]?.string)
            #expect(job.function == "test.ping")
            #expect(job.publish == value["load"]?.map)
            #expect(job.entries.map(\.node.text) == value["return"]?.map?.keys)
            #expect(job.entries.allSatisfy { $0.value == true && $0.returnCode == 0 && $0.isSuccess == true })
        }
    }

    @Test func syndicReturnsOfOldRelaysAndHostileOnes() throws {
        let job: ValueMap = [
            "id": "syn", "jid": "20261121065525133053", "return": ["a": ["return": 1, "retcode": 2]], "load": [:],
        ]
        let read = try SyndicReturn.read(Value.map(job).messagePack())
        #expect(read.count == 1)
        #expect(read[0].publish == nil)
        #expect(read[0].entries == [.init(node: try #require(NodeID("a")), value: 1, returnCode: 2, isSuccess: nil)])
        for (key, value) in [("id", "../x" as Value), ("jid", "x"), ("return", ["../etc": [:]]), ("return", 5)] {
            var map = job
            map[key] = value
            let bytes = Value.map(map).messagePack()
            #expect(throws: MessageError.self) { try SyndicReturn.read(bytes) }
        }
        #expect(throws: MessageError.self) { try SyndicReturn.read((["load": [5]] as Value).messagePack()) }
    }

    @Test func pillarRequestsCarryFacts() throws {
        let node = try #require(NodeID("n1"))
        let request = PillarRequest(grains: ["os": "Debian"], environment: "base")
        let nonce = try #require(Nonce("0123456789abcdef0123456789abcdef"))
        let bytes = request.request(from: node).encoded(nonce: nonce, now: Timestamp(seconds: 5), token: [1])
        #expect(try PillarRequest(bytes) == request)
        #expect(throws: MessageError.missingField("grains")) { try PillarRequest([0x80]) }
    }
}
