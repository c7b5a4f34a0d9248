import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

struct PublishLoadTests {
    @Test(
        "a captured publish is verified, read, and written to the same bytes",
        arguments: try Vector.saltOfEachRelease("publish"))
    func captured(_ vector: Vector) throws {
        let frame = try vector.bytes("frame_hex")
        let envelope = try PublishEnvelope(frame)
        let sealed = Array(frame[envelope.load])
        let signature = Array(frame[try #require(envelope.signature)])
        let algorithm = try #require(envelope.signatureAlgorithm)
        let master = try PublicKey(pem: vector.text("master_public_pem"))
        #expect(master.isValid(signature, over: sealed, using: algorithm))

        let container = try Container(KeyString(vector.text("aes_key_string")))
        let opened = try container.open(sealed)
        let load = try PublishLoad(messagePack: opened)
        #expect(try .map(load.fields) == vector.value("job"))
        #expect(load.calls == [FunctionCall("test.arg", arguments: ["one", 4], keywords: ["two": 3])])
        #expect(load.target == Target(.glob, "vec-sha1"))
        #expect(load.user == "root")

        #expect(load.encoded() == opened)
        let again = try container.seal(load.encoded(), nonce: nil, initializationVector: Array(sealed[..<16]))
        #expect(PublishEnvelope.encoded(load: again, signature: signature, algorithm: algorithm) == frame)
    }

    @Test func writesAJobInSaltsOrder() throws {
        let job = Job(
            id: try #require(JobID("20261121065525133053")), calls: [FunctionCall("test.ping")],
            target: Target(.facts, "os|Debian", delimiter: "|"), user: "root", published: Timestamp(seconds: 0),
            timeout: .seconds(5), returners: "redis", metadata: ["why": "test"])
        let load = PublishLoad(job, serial: 7)
        #expect(
            load.fields.keys == [
                "fun", "arg", "tgt", "jid", "ret", "delimiter", "tgt_type", "metadata", "user", "serial",
            ])
        let read = try PublishLoad(messagePack: load.encoded())
        #expect(read == load)
        #expect(read.target == job.target)
    }

    @Test func writesEveryFieldInSaltsOrder() throws {
        var load = try PublishLoad(minimal())
        load.masterID = "m"
        load.publisher = "n1"
        load.timeout = 20
        load.authorization = []
        load.returnerConfiguration = "x"
        load.returnerKeywords = [:]
        load.moduleExecutors = ["sudo"]
        load.executorOptions = [:]
        load.metadata = 1
        load.user = "root"
        load.serial = 1
        #expect(
            load.fields.keys == [
                "fun", "arg", "tgt", "jid", "ret", "master_id", "id", "tgt_type", "to", "ret_config", "metadata",
                "module_executors", "executor_opts", "ret_kwargs", "user", "auth_list", "serial",
            ])
        #expect(try PublishLoad(messagePack: load.encoded()) == load)
    }

    private func minimal() -> ValueMap {
        ["fun": "test.ping", "arg": [], "tgt": "*", "jid": "20261121065525133053"]
    }

    @Test func whatIsMissingHasADefaultOrIsNamed() throws {
        let load = try PublishLoad(minimal())
        #expect(load.target == Target(.glob, "*"))
        #expect(load.returners.isEmpty && load.serial == nil && load.user == nil)
        for key in ["fun", "arg", "tgt", "jid"] {
            var map = minimal()
            map[key] = nil
            #expect(throws: MessageError.missingField(key)) { try PublishLoad(map) }
        }
        for (key, value) in [
            ("jid", "../../etc" as Value), ("jid", 5), ("fun", 1), ("fun", []), ("arg", "a"), ("arg", nil),
        ] {
            var map = minimal()
            map[key] = value
            #expect(throws: MessageError.self, "\(key) = \(value)") { try PublishLoad(map) }
        }
        #expect(throws: MessageError.invalidField("load")) { try PublishLoad(messagePack: [0x90]) }
    }

    @Test func targetsOfEveryShape() {
        let table: [(Value, String, Target?)] = [
            ("web*", "glob", Target(.glob, "web*")),
            ("a,b", "list", Target(.list, "a,b")),
            (["a", "b"], "list", Target(.list, "a,b")),
            ("G@os:Debian and not web1", "compound", Target(.compound, "G@os:Debian and not web1")),
            (["G@os:Debian", "and", "web*"], "compound", Target(.compound, "G@os:Debian and web*")),
            ("10.0.0.0/8", "ipcidr", Target(.address, "10.0.0.0/8")),
            ("%group", "range", nil), ("x", "resource", nil), (["a"], "glob", nil), ([1], "list", nil),
            (5, "glob", nil),
        ]
        for (target, type, expected) in table {
            #expect(Target(saltTarget: target, type: type, delimiter: nil) == expected)
        }
        #expect(Target(.list, "a, b").saltTarget == ["a", "b"])
        #expect(Target(.compound, "a or b").saltTarget == "a or b")
    }

    @Test func keywordsTravelAsAMarkedMap() {
        let table: [([Value], FunctionCall)] = [
            ([], FunctionCall("f")),
            (["a", 1], FunctionCall("f", arguments: ["a", 1])),
            ([["__kwarg__": true, "k": "v"]], FunctionCall("f", keywords: ["k": "v"])),
            (
                ["a", ["__kwarg__": true, "k": "v", "l": nil]],
                FunctionCall("f", arguments: ["a"], keywords: ["k": "v", "l": .null])
            ),
            ([["k": "v"]], FunctionCall("f", arguments: [["k": "v"]])),
            ([["__kwarg__": false]], FunctionCall("f", arguments: [["__kwarg__": false]])),
        ]
        for (arguments, call) in table {
            #expect(FunctionCall(saltFunction: "f", arguments: arguments) == call)
            #expect(call.saltArguments == arguments)
        }
        // Wherever they stand, keywords are taken out.
        #expect(
            FunctionCall(
                saltFunction: "f", arguments: [["__kwarg__": true, "k": 1], "a", ["__kwarg__": true, "k": 2]])
                == FunctionCall("f", arguments: ["a"], keywords: ["k": 2]))
    }

    @Test func compoundCallsAreArraysOfBoth() throws {
        let calls = [FunctionCall("test.ping"), FunctionCall("cmd.run", arguments: ["id"], keywords: ["cwd": "/"])]
        #expect(calls.saltFunction == ["test.ping", "cmd.run"])
        #expect(calls.saltArguments == [[], ["id", ["__kwarg__": true, "cwd": "/"]]])
        #expect([FunctionCall](saltFunction: calls.saltFunction, arguments: calls.saltArguments) == calls)
        #expect([FunctionCall](saltFunction: ["a", "b"], arguments: [[]]) == nil)
        #expect([FunctionCall](saltFunction: ["a"], arguments: ["x"]) == nil)
        #expect([FunctionCall](saltFunction: [1], arguments: [[]]) == nil)
    }

    @Test func refusesOtherEnvelopes() {
        let table: [(Value, MessageError)] = [
            (["enc": "clear", "load": "x"], .invalidField("enc")),
            (["enc": "aes"], .missingField("load")),
            (["load": "x"], .invalidField("enc")),
            (["enc": "aes", "load": [:]], .missingField("load")),
        ]
        for (value, error) in table {
            #expect(throws: error) { try PublishEnvelope(value.messagePack()) }
        }
    }

    @Test func anUnknownAlgorithmIsNone() throws {
        let value: Value = ["enc": "aes", "load": "x", "sig_algo": "none", "sig": "y"]
        let envelope = try PublishEnvelope(value.messagePack())
        #expect(envelope.signatureAlgorithm == nil)
        #expect(envelope.signature != nil)
    }
}
