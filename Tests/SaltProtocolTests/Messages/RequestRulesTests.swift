import MessagePack
import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

/// Section 3.2 of the protocol: each check, its order, and the answer it leads to.
struct RequestRulesTests {
    static let now = Timestamp(seconds: 1_795_244_220)
    static let nonce = "0123456789abcdef0123456789abcdef"
    static let envelope: ValueMap = ["enc": "aes", "load": "sealed", "version": 3, "id": "n1"]
    static let load: ValueMap = [
        "cmd": "_return", "id": "n1", "nonce": .string(nonce), "ts": 1_795_244_220, "tok": "right",
    ]

    private func key(_ changes: ValueMap, rules: RequestRules = RequestRules()) throws -> RequestRules.Key {
        let bytes = Self.changed(Self.envelope, changes).messagePack()
        return try rules.key(of: try RequestEnvelope(bytes), in: bytes)
    }

    private func check(
        _ changes: ValueMap, openedWith key: RequestRules.Key? = nil, replays: inout ReplayMemory
    ) throws -> CheckedRequest {
        let bytes = Self.changed(Self.load, changes).messagePack()
        let load = try RequestLoad(bytes)
        let key = try key ?? .session(try #require(NodeID("n1")))
        return try RequestRules().check(load, in: bytes, openedWith: key, now: Self.now, replays: &replays) {
            $0.text == "n1" && Array(bytes[$1]) == Array("right".utf8)
        }
    }

    private func check(_ changes: ValueMap, openedWith key: RequestRules.Key? = nil) throws -> CheckedRequest {
        var replays = ReplayMemory()
        return try check(changes, openedWith: key, replays: &replays)
    }

    /// Sets fields, and removes those that are given as the text `-`.
    private static func changed(_ map: ValueMap, _ changes: ValueMap) -> Value {
        var map = map
        for entry in changes { map[entry.key] = entry.value == "-" ? Value?.none : entry.value }
        return .map(map)
    }

    @Test func theEnvelopeChoosesTheKey() throws {
        let node = try #require(NodeID("n1"))
        #expect(try key([:]) == .session(node))
        #expect(try key(["enc": "clear", "load": [:], "id": "-"]) == RequestRules.Key.none)
        #expect(try key(["version": 2, "id": "-"], rules: RequestRules(acceptsVersion2: true)) == .publish)
        #expect(try key([:], rules: RequestRules(acceptsVersion2: true)) == .session(node))
    }

    @Test func refusesEnvelopes() {
        let table: [(ValueMap, RequestRefusal, String)] = [
            (["enc": "-"], .notAnEnvelope, "bad load"), (["load": "-"], .notAnEnvelope, "bad load"),
            (["enc": "pub"], .notAnEnvelope, "bad load"), (["enc": 1], .notAnEnvelope, "bad load"),
            (["load": [:]], .notAnEnvelope, "bad load"),
            (["version": 2], .versionNotAccepted(found: 2, minimum: 3), "bad load"),
            (["version": 0], .versionNotAccepted(found: 0, minimum: 3), "bad load"),
            (["version": "-"], .versionNotAccepted(found: 0, minimum: 3), "bad load"),
            (["version": "3"], .versionNotAccepted(found: 0, minimum: 3), "bad load"),
            (["version": -1], .versionNotAccepted(found: -1, minimum: 3), "bad load"),
            (["enc": "clear", "version": 1], .versionNotAccepted(found: 1, minimum: 3), "bad load"),
            (["id": "-"], .invalidID, "bad load"), (["id": ""], .invalidID, "bad load"),
            (["id": ".."], .invalidID, "bad load"), (["id": "../n1"], .invalidID, "bad load"),
            (["id": "a\\b"], .invalidID, "bad load"), (["id": "a\0"], .invalidID, "bad load"),
            (["id": ["n1"]], .invalidID, "bad load"), (["id": .bytes([0xff])], .invalidID, "bad load"),
        ]
        for (changes, refusal, answer) in table {
            #expect(throws: refusal, "\(changes)") { try key(changes) }
            #expect((try? Value(messagePack: refusal.answer)) == .string(answer))
        }
        #expect(throws: RequestRefusal.versionNotAccepted(found: 1, minimum: 2)) {
            try key(["version": 1], rules: RequestRules(acceptsVersion2: true))
        }
    }

    @Test func answersWhatIsNoMessageAtAll() throws {
        for bytes: [UInt8] in [[], [0xc1], [0x81], [0xdf, 0xff, 0xff, 0xff, 0xff], Array("GET / HTTP/1.0\r\n".utf8)] {
            var refusal: RequestRefusal?
            do { _ = try RequestEnvelope(bytes) } catch { refusal = error }
            let answer = try Value(messagePack: try #require(refusal).answer)
            #expect(answer == (bytes.first == 0x47 ? "bad load" : ["msg": "bad load"]) || answer == ["msg": "bad load"])
        }
        #expect(throws: RequestRefusal.notAnEnvelope) { try RequestEnvelope([0xc0]) }
        #expect(throws: RequestRefusal.notAnEnvelope) { try RequestEnvelope([0x93, 1, 2, 3]) }
    }

    @Test func passesWhatIsRight() throws {
        let request = try check([:])
        #expect(request.node.text == "n1")
        #expect(request.command == .returned)
        #expect(request.nonce.description == Self.nonce)
        #expect(try check(["cmd": "_no_such"]).command == nil)
        #expect(try check(["ts": 1_795_243_920]).node.text == "n1")
        #expect(try check(["ts": 1_795_244_519.5]).node.text == "n1")
    }

    @Test func refusesLoads() {
        let table: [(ValueMap, RequestRefusal, String)] = [
            (["id": 5], .idIsNotText, "bad load"), (["id": "-"], .invalidID, "bad load"),
            (["id": "a\0b"], .idContainsNull, "bad load: id contains a null byte"),
            (["id": "a/b"], .invalidID, "bad load"),
            (["id": "n2"], .idsDiffer(outer: "n1"), "bad load"),
            (["nonce": "-"], .noNonce, "bad load"), (["nonce": "short"], .noNonce, "bad load"),
            (["ts": "-"], .noTime(id: "n1"), "bad load"), (["ts": "now"], .noTime(id: "n1"), "bad load"),
            (["ts": 1_795_243_919], .stale(id: "n1", seconds: 301), "bad load"),
            (["ts": 0], .stale(id: "n1", seconds: 1_795_244_220), "bad load"),
            (["ts": .int(.min)], .stale(id: "n1", seconds: .max), "bad load"),
            (["ts": 1_795_244_521], .fromTheFuture(id: "n1", seconds: 301), "bad load"),
            (["ts": .int(.max)], .fromTheFuture(id: "n1", seconds: .max - 1_795_244_220), "bad load"),
            (["tok": "-"], .wrongToken(id: "n1"), "bad load"), (["tok": "wrong"], .wrongToken(id: "n1"), "bad load"),
            (["cmd": "-"], .noCommand(id: "n1"), "Some exception handling minion payload"),
        ]
        for (changes, refusal, answer) in table {
            #expect(throws: refusal, "\(changes)") { try check(changes) }
            #expect((try? Value(messagePack: refusal.answer)) == .string(answer))
        }
        #expect(throws: RequestRefusal.loadIsNoMap) { try RequestLoad([0x90]) }
        #expect((try? Value(messagePack: RequestRefusal.loadIsNoMap.answer)) == "payload and load must be a dict")
        #expect((try? Value(messagePack: RequestRefusal.failed.answer)) == "Server-side exception handling payload")
    }

    @Test func aRequestIsServedOnce() throws {
        var replays = ReplayMemory()
        _ = try check([:], replays: &replays)
        #expect(throws: RequestRefusal.repeated(id: "n1")) { try check([:], replays: &replays) }
        _ = try check(["nonce": "fedcba9876543210fedcba9876543210"], replays: &replays)
    }

    @Test("a forgery cannot use up the nonce of the request it copies")
    func forgeriesAreNotRemembered() throws {
        var replays = ReplayMemory()
        #expect(throws: RequestRefusal.wrongToken(id: "n1")) { try check(["tok": "wrong"], replays: &replays) }
        _ = try check([:], replays: &replays)
    }

    @Test func version2ChecksATokenOnlyIfThereIsOne() throws {
        #expect(try check(["tok": "-", "ts": "-"], openedWith: .publish).node.text == "n1")
        #expect(throws: RequestRefusal.wrongToken(id: "n1")) { try check(["tok": "wrong"], openedWith: .publish) }
    }

    @Test("a captured request from yesterday is refused", arguments: CapturedRequest.all("_return"))
    func recordedYesterday(_ capture: CapturedRequest) throws {
        var replays = ReplayMemory()
        #expect(throws: RequestRefusal.stale(id: try #require(capture.load["id"]?.string), seconds: 86_400)) {
            try capture.check(now: capture.time + .seconds(86_400), replays: &replays)
        }
    }

    @Test func refusalsDescribeThemselvesWithoutSecrets() {
        #expect("\(RequestRefusal.wrongToken(id: "n1"))".contains("n1"))
        #expect("\(RequestRefusal.versionNotAccepted(found: 2, minimum: 3))".contains("version 2"))
    }

    @Test func commandsAreReadFromClearLoads() throws {
        let table: [(Value, ClearCommand?)] = [
            (["cmd": "_auth", "id": "x"], .signIn), (["id": "x", "cmd": "publish"], .publish),
            (["cmd": "_return"], nil),
            (["cmd": 5], nil), ([:], nil), (["cmd": "__init__"], nil), ([5: "x", "cmd": "ping"], .ping),
        ]
        for (value, command) in table {
            #expect(try ClearCommand.named(in: value.messagePack()) == command)
        }
        #expect(throws: RequestRefusal.loadIsNoMap) { try ClearCommand.named(in: [0xc0]) }
        #expect(throws: RequestRefusal.self) { try ClearCommand.named(in: [0x81]) }
    }

    @Test func noNameOfAMethodIsACommand() {
        for name in ["__init__", "run_func", "get_method", "destroy", "_auth", "verify_minion", "_ext_nodes", ""] {
            #expect(MinionCommand(rawValue: name) == nil)
        }
    }

    @Test func clearRequestsAreWrittenAsSaltDoes() throws {
        let frame = RequestEnvelope.clear(load: (["cmd": "_auth"] as Value).messagePack())
        #expect(frame.hex == "83a3656e63a5636c656172a46c6f616481a3636d64a55f61757468a776657273696f6e03")
        let envelope = try RequestEnvelope(frame)
        #expect(envelope.protection == .clear && envelope.version == 3)
        #expect(try ClearCommand.named(in: Array(frame[envelope.load])) == .signIn)
    }
}
