import MessagePack
import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

struct ReturnTests {
    @Test("reads the captured returns", arguments: CapturedRequest.all("_return"))
    func captured(_ capture: CapturedRequest) throws {
        let (request, opened) = try capture.check()
        let message = try ReturnMessage(request.load, in: opened, from: request.node)
        #expect(message.job?.text == capture.load["jid"]?.string)
        #expect(message.node.text == capture.load["id"]?.string)
        #expect(message.function == capture.load["fun"]?.string)
        #expect(try Value(messagePack: message.body) == capture.load["return"])
        #expect(try message.arguments.map { try Value(messagePack: $0) } == capture.load["fun_args"])
        #expect(message.returnCode == 0)
        #expect(message.isSuccess == true)
        #expect(message.outputter == capture.load["out"]?.string)

        let job = try #require(message.job)
        let stored = message.nodeReturn(under: job, received: capture.time)
        #expect(stored.body == NodeReturn.Body(.messagePack, message.body))
        #expect(stored.hasSucceeded)
    }

    @Test("writes what an unchanged minion writes, byte for byte", arguments: CapturedRequest.all("_return"))
    func rebuilt(_ capture: CapturedRequest) throws {
        // Loads signed by their node, and those of the client that made the other vectors, have another order.
        guard capture.name.contains("real-minion") else { return }
        let load = capture.load
        let publish = try PublishLoad([
            "fun": try #require(load["fun"]), "arg": try #require(load["fun_args"]), "tgt": "*",
            "jid": try #require(load["jid"]), "user": try #require(load["user"]),
        ])
        let value = try #require(load["return"])
        let stamp = try #require(load["_stamp"]?.string)
        let request = ReturnLoad(publish, answers: [.init(value)]).request(
            from: try #require(load["id"]?.string.flatMap { NodeID($0) }), finished: try #require(time(stamp)),
            stamp: stamp.hasSuffix("+00:00") ? .zoned : .plain)
        guard case .bytes(let token) = load["tok"] else { throw Vector.Problem("no token") }
        let encoded = request.encoded(
            nonce: try #require(load["nonce"]?.string.flatMap { Nonce($0) }), now: capture.time, token: token)
        #expect(try encoded == capture.opened())
    }

    @Test("a template writes what a single return is, byte for byte")
    func fromTemplate() throws {
        let publish = try PublishLoad([
            "fun": "test.echo", "arg": ["x"], "tgt": "*", "jid": "20261121065525133053", "user": "root",
            "metadata": ["a": 1],
        ])
        let load = ReturnLoad(publish, answers: [.init("x", code: 2)], outputter: "nested")
        let time = Timestamp(microseconds: 1_795_256_130_123_456)
        let token = [UInt8](repeating: 7, count: 256)
        let nonce = try Nonce.random()
        for name in ["n1", "a-node-with-a-name-of-more-than-31-bytes"] {
            let node = try #require(NodeID(name))
            var writer = MessagePackWriter(.raw)
            ReturnTemplate(load).write(
                from: node, stamp: time.iso8601, nonce: nonce, now: time, token: token, into: &writer)
            let written = writer.bytes
            let whole = load.request(from: node, finished: time).encoded(nonce: nonce, now: time, token: token)
            #expect(written == whole)
        }
    }

    /// The moment of a stamp: its digits are a job id.
    private func time(_ stamp: String) -> Timestamp? {
        JobID(String(stamp.prefix(26).filter(\.isNumber)))?.time
    }

    static let fields: ValueMap = [
        "cmd": "_return", "id": "n1", "jid": "20261121065525133053", "fun": "test.ping", "return": true, "retcode": 0,
    ]

    private func message(_ changes: ValueMap) throws -> ReturnMessage {
        var map = Self.fields
        for entry in changes { map[entry.key] = entry.value }
        let bytes = Value.map(map).messagePack()
        return try ReturnMessage(
            RequestLoad(bytes), in: bytes, from: try #require(NodeID("n1")))
    }

    @Test func reducesCompoundReturnsToTheWorst() throws {
        let table: [(code: Value?, success: Value?, worst: Int, all: Bool?)] = [
            (0, true, 0, true), (2, false, 2, false), (nil, nil, 0, nil), (-9, nil, -9, nil),
            (["a": 0, "b": 3, "c": 1], ["a": true, "b": false, "c": true], 3, false),
            (["a": 0, "b": -3], ["a": true, "b": true], -3, true),
            ([0, 4, .null], [true, .null], 4, true), ([:], [:], 0, nil), (.null, .null, 0, nil),
            (true, "yes", 1, nil), (false, false, 0, false), ("1", nil, 1, nil),
            (["a": ["deep": 5], "b": 2], ["a": ["deep": true]], 2, nil), (.uint(.max), nil, .max, nil),
        ]
        for row in table {
            var changes: ValueMap = [:]
            changes.append("retcode", row.code ?? 0)
            if let success = row.success { changes.append("success", success) }
            let message = try message(changes)
            #expect(message.returnCode == row.worst, "\(row)")
            #expect(message.isSuccess == row.all, "\(row)")
        }
    }

    @Test func namesEveryFunctionOfACompoundCall() throws {
        #expect(try message(["fun": ["test.ping", "cmd.run"]]).function == "test.ping,cmd.run")
        #expect(try message(["fun": .null]).function == "")
    }

    @Test func aReturnNobodyAskedForHasNoJob() throws {
        let message = try message(["jid": "req"])
        #expect(message.job == nil)
        let id = try #require(JobID("20261121065525133053"))
        #expect(message.nodeReturn(under: id, received: Timestamp(seconds: 1)).job == id)
    }

    @Test func refusesWhatCannotBeFiled() throws {
        for jid in ["", "../../etc/passwd", "2026112106552513305", "20261121065525133053/.."] {
            #expect(throws: MessageError.invalidField("jid")) { try message(["jid": .string(jid)]) }
        }
        for key in ["jid", "return"] {
            var map = Self.fields
            map[key] = nil
            let bytes = Value.map(map).messagePack()
            #expect(throws: MessageError.missingField(key)) {
                try ReturnMessage(RequestLoad(bytes), in: bytes, from: try #require(NodeID("n1")))
            }
        }
    }

    @Test func keepsTheAnswerAsTheBytesThatCame() throws {
        // A float of 4 bytes and an integer wider than needed: a decoded tree would not come back the same.
        var writer = MessagePackWriter(.raw)
        writer.writeMap(count: 2)
        writer.writeKey("jid")
        writer.write("20261121065525133053")
        writer.writeKey("return")
        let answer: [UInt8] = [0x92, 0xca, 0x3f, 0xc0, 0, 0, 0xcd, 0, 1]
        writer.writeEncoded(answer)
        let bytes = writer.finish()
        let message = try ReturnMessage(
            RequestLoad(bytes), in: bytes, from: try #require(NodeID("n1")))
        #expect(message.body == answer)
    }

    @Test func compoundReturnsAreMapsByFunction() throws {
        let publish = try PublishLoad([
            "fun": ["a.b", "c.d"], "arg": [[], []], "tgt": "*", "jid": "20261121065525133053", "master_id": "m",
        ])
        let load = ReturnLoad(publish, answers: [.init("x"), .init("trace", code: 1)], outputter: "nested")
        let node = try #require(NodeID("n1"))
        let fields = load.request(from: node, finished: Timestamp(seconds: 0)).fields
        #expect(
            Value.map(fields) == [
                "return": ["a.b": "x", "c.d": "trace"], "retcode": ["a.b": 0, "c.d": 1],
                "success": ["a.b": true, "c.d": false], "out": "nested", "jid": "20261121065525133053",
                "fun": ["a.b", "c.d"], "fun_args": [[], []], "master_id": "m", "_stamp": "1970-01-01T00:00:00.000000",
            ])
        let bytes = Value.map(fields).messagePack()
        let message = try ReturnMessage(RequestLoad(bytes), in: bytes, from: node)
        #expect(message.returnCode == 1 && message.isSuccess == false && message.function == "a.b,c.d")
    }

    @Test func aRunningJobIsFoundByItsID() throws {
        let publish = try PublishLoad([
            "fun": "test.sleep", "arg": [60], "tgt": "*", "tgt_type": "glob", "jid": "20261121065525133053", "ret": "",
            "user": "root", "serial": 4,
        ])
        let job = RunningJob(publish, processID: 77)
        #expect(
            job.value == [
                "pid": 77, "fun": "test.sleep", "arg": [60], "tgt": "*", "jid": "20261121065525133053", "ret": "",
                "tgt_type": "glob", "user": "root",
            ])
        let other = try #require(JobID("20261121065525133054"))
        #expect(RunningJob.findJob(publish.job, among: [job]) == job.value)
        #expect(RunningJob.findJob(other, among: [job]) == [:])
    }

    @Test("what an answer to find_job says of the job")
    func jobSign() throws {
        let table: [(Value, Int64, JobTracker.Sign)] = [
            (["pid": 77], 0, .runs), ([:], 0, .doesNotRun), (["pid": 77], 1, .cannotSay), ([:], 254, .cannotSay),
            (.null, 0, .cannotSay), ("'saltutil.find_job' is not available.", 0, .cannotSay), ([1], 0, .cannotSay),
        ]
        for (value, code, sign) in table {
            let map: ValueMap = [
                "cmd": "_return", "jid": "20261121000000000001", "return": value, "retcode": .int(code),
            ]
            let opened = Value.map(map).messagePack()
            let bytes = opened.span.bytes
            let message = try ReturnMessage(RequestLoad(bytes), in: bytes, from: try #require(NodeID("web1")))
            #expect(message.jobSign == sign, "\(value)")
        }
    }
}
