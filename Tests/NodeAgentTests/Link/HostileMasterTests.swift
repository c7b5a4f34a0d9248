import Logging
import MusterCore
import MusterTestSupport
import NIOPosix
import NodeAgent
import SaltProtocol
import ServiceLifecycle
import Testing

/// Section 16 of `docs/protocols/salt.md` against our node: publishes that its controller did not send, or sent wrong, and
/// sign-in replies of somebody in between. None runs, none stops the node, and all together are a few lines in the log.
@Suite(.serialized, .timeLimit(.minutes(1))) struct HostileMasterTests {
    /// A publish that must not run.
    struct Forgery: Sendable, CustomTestStringConvertible {
        let fault: String
        /// Makes the frame of a job that would be answered if it ran.
        let make: @Sendable (TestMaster, ValueMap) throws -> [UInt8]

        var testDescription: String { fault }

        init(_ fault: String, _ make: @escaping @Sendable (TestMaster, ValueMap) throws -> [UInt8]) {
            (self.fault, self.make) = (fault, make)
        }
    }

    static let stranger = Result { try PrivateKey.generate(bits: 1024) }

    static let forgeries: [Forgery] =
        [
            Forgery("unsigned") { try $0.frame($1) { $0["sig"] = nil } },
            Forgery("without the name of its algorithm") { try $0.frame($1) { $0["sig_algo"] = nil } },
            Forgery("under an algorithm that is none") { try $0.frame($1) { $0["sig_algo"] = "NONE" } },
            Forgery("signed by another key") { try $0.frame($1, signedBy: stranger.get()) },
            Forgery("with an empty signature") { try $0.frame($1) { $0["sig"] = .bytes([]) } },
            Forgery("with the signature of another load") { master, job in
                let other = try Value(messagePack: try master.frame(job)).map?["sig"]
                return try master.frame(job) { $0["sig"] = other }
            },
            Forgery("sealed with a key of its own, and signed by it") { master, job in
                let sealed = try Container(.random()).seal(Value.map(job).messagePack())
                return PublishEnvelope.encoded(
                    load: sealed, signature: try stranger.get().sign(sealed, using: .saltDefault),
                    algorithm: .saltDefault)
            },
            Forgery("in clear") { try $0.frame($1) { $0["enc"] = "clear" } },
            Forgery("without a load") { try $0.frame($1) { $0["load"] = nil } },
            Forgery("truncated") { Array(try $0.frame($1).dropLast(30)) },
            Forgery("with a tail") { try $0.frame($1) + [0] },
            Forgery("nothing at all") { _, _ in [] },
            Forgery("no MessagePack") { _, _ in [0xc1] },
            Forgery("a bomb") { _, _ in [0xdf, 0xff, 0xff, 0xff, 0xff] },
            Forgery("nested 5000 deep") { _, _ in Array(repeating: 0x91, count: 5000) },
            // What follows bears the controller's signature: a fault of its own, or a stolen key.
            Forgery("signed: serial of the past") { try $0.frame($1, serial: 0) },
            Forgery("signed: serial below zero") { try $0.frame($1, serial: -7) },
            Forgery("signed: no serial") { try $0.frame($1, serial: .null) },
            Forgery("signed: serial that is text") { try $0.frame($1, serial: "999") },
            Forgery("signed: load that is no map") { master, _ in try master.frame(load: [0x93, 1, 2, 3]) },
            Forgery("signed: bomb inside") { master, _ in try master.frame(load: [0xdf, 0xff, 0xff, 0xff, 0xff]) },
            Forgery("signed: nested 5000 deep") { master, _ in
                try master.frame(load: Array(repeating: 0x91, count: 5000))
            },
        ]
        + ([
            ("jid", "../../etc/cron.d/x"), ("jid", "20261121065700000001/../x"), ("jid", 5), ("jid", .null), ("fun", 5),
            ("fun", ""), ("fun", "../x"), ("fun", ["test.echo", 5]), ("fun", [:]), ("arg", "text"), ("arg", 5),
            ("tgt", 5), ("tgt", .null), ("tgt", ["*"]), ("tgt_type", "no_such"), ("tgt_type", "nodegroup"),
            ("tgt_type", "pcre_of_death"),
        ] as [(String, Value)]).map { field, value in
            Forgery("signed: \(field) \(value)") { master, job in
                var job = job
                job[field] = value
                return try master.frame(job)
            }
        }

    private func job(_ number: Int, _ argument: Value) -> ValueMap {
        [
            "fun": "test.echo", "arg": [argument], "tgt": "*", "tgt_type": "glob", "ret": "", "user": "root",
            "jid": .string("20261121065700" + number.digits(6)),
        ]
    }

    private enum End { case isTold, endsByItself }

    /// Runs a node with its master while the body acts.
    private func withNode(
        in directory: TestDirectory? = nil, until end: End = .isTold,
        _ body: (TestMaster, TestDirectory, TestLog) async throws -> Void
    ) async throws {
        let directory = try directory ?? TestDirectory()
        let master = try TestMaster(key: .generate(bits: 1024))
        do {
            try await serve(master, in: directory, until: end, body)
        } catch {
            try await master.stop()
            throw error
        }
        try await master.stop()
    }

    private func serve(
        _ master: TestMaster, in directory: TestDirectory, until end: End,
        _ body: (TestMaster, TestDirectory, TestLog) async throws -> Void
    ) async throws {
        let port = try await master.start()
        var configuration = NodeConfiguration(
            id: NodeID("web1")!, masters: [.init(host: "127.0.0.1", requestPort: port)],
            pkiDirectory: "\(directory.path)/pki", cacheDirectory: "\(directory.path)/cache")
        configuration.signIn.keyBits = 1024
        configuration.signIn.retryInterval = .milliseconds(5)
        configuration.returns.timeout = .milliseconds(200)...(.milliseconds(300))
        configuration.returns.tries = 1
        configuration.returns.replayInterval = .milliseconds(50)
        let log = TestLog()
        let agent = try NodeAgent(
            configuration, modules: [.test, .saltutil], facts: FixedFacts(map: ["os": "Debian"]),
            on: master.group.next(),
            logger: log.logger)
        let services = ServiceGroup(services: [agent], logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            do {
                try await body(master, directory, log)
            } catch {
                await services.triggerGracefulShutdown()
                throw error
            }
            if end == .isTold { await services.triggerGracefulShutdown() }
            try await group.waitForAll()
        }
    }

    private func start(_ master: TestMaster) async throws {
        while try await master.next("_minion_event")["tag"] != "salt/minion/web1/start" {}
    }

    @Test("a publish that is forged or wrong does not run, and the next good one does")
    func forgedPublishes() async throws {
        try await withNode { master, _, log in
            try await start(master)
            for (number, forgery) in HostileMasterTests.forgeries.enumerated() {
                master.publish(try forgery.make(master, job(number * 2, .string("forged"))))
                master.publish(try master.frame(job(number * 2 + 1, .string(forgery.fault))))
                var answer = try await master.next("_return")
                while answer["return"] != .string(forgery.fault) {
                    // A function that does not exist is answered as such; nothing ran.
                    #expect(answer["success"] == false && answer["return"] != "forged", "\(forgery.fault): \(answer)")
                    answer = try await master.next("_return")
                }
            }
            #expect(master.signIns == 1)
        }
    }

    @Test("a thousand forged publishes are two lines, the second kind with an error")
    func isNotFlooded() async throws {
        try await withNode { master, _, log in
            try await start(master)
            let forged = try master.frame(job(1, "forged"), signedBy: HostileMasterTests.stranger.get())
            let unsigned = try master.frame(job(1, "forged")) { $0["sig"] = nil }
            for _ in 0..<500 {
                master.publish(forged)
                master.publish(unsigned)
            }
            master.publish(try master.frame(job(2, "good")))
            #expect(try await master.next("_return")["return"] == "good")
            let lines = log.lines.filter { $0.contains("publish refused") }
            #expect(lines.count == 2 && lines.filter { $0.hasPrefix("error") }.count == 1, "\(lines)")
            #expect(!lines.contains { $0.contains("forged") })
        }
    }

    @Test("a recorded publish does not run again, whatever came between")
    func replayedPublish() async throws {
        try await withNode { master, _, _ in
            try await start(master)
            let recorded = try master.frame(job(1, "once"))
            master.publish(recorded)
            #expect(try await master.next("_return")["return"] == "once")
            for number in 2..<5 {
                master.publish(recorded)
                master.publish(try master.frame(job(number, "next")))
                #expect(try await master.next("_return")["return"] == "next")
            }
        }
    }

    /// A sign-in reply that must not be believed.
    struct Reply: Sendable, CustomTestStringConvertible {
        let fault: String
        /// Changes the reply of the real controller.
        let change: @Sendable ([UInt8]) throws -> [UInt8]

        var testDescription: String { fault }

        init(_ fault: String, _ change: @escaping @Sendable ([UInt8]) throws -> [UInt8]) {
            (self.fault, self.change) = (fault, change)
        }

        /// Changes the signed part, and signs it with a stranger's key.
        static func forged(_ fault: String, _ change: @escaping @Sendable (inout ValueMap) throws -> Void) -> Reply {
            Reply(fault) { reply in
                var outer = try Value(messagePack: reply).map ?? [:]
                guard case .bytes(let load) = outer["load"] else { return reply }
                var inner = try Value(messagePack: load).map ?? [:]
                try change(&inner)
                let signed = Value.map(inner).messagePack()
                outer["load"] = .bytes(signed)
                outer["sig"] = .bytes(try stranger.get().sign(signed, using: .saltDefault))
                return Value.map(outer).messagePack()
            }
        }
    }

    static let replies: [Reply] = [
        Reply("nothing at all") { _ in [] },
        Reply("no MessagePack") { _ in [0xc1] },
        Reply("nil") { _ in [0xc0] },
        Reply("a bomb") { _ in [0xdf, 0xff, 0xff, 0xff, 0xff] },
        Reply("nested 5000 deep") { _ in Array(repeating: 0x91, count: 5000) },
        Reply("bad load") { _ in Value.string("bad load").messagePack() },
        Reply("truncated") { Array($0.dropLast(40)) },
        Reply("one bit flipped") { reply in
            var reply = reply
            reply[reply.count / 2] ^= 1
            return reply
        },
        Reply("CVE-2022-22935: unsigned denial") { _ in
            Value.map(["enc": "clear", "load": ["ret": false]]).messagePack()
        },
        Reply("CVE-2022-22935: unsigned 'bad enc algo'") { _ in
            Value.map(["enc": "clear", "load": ["ret": "bad enc algo"]]).messagePack()
        },
        .forged("CVE-2022-22935: denial signed by a stranger") { $0 = ["ret": false, "nonce": $0["nonce"] ?? .null] },
        .forged("CVE-2022-22936: another nonce") { $0["nonce"] = "0123456789abcdef0123456789abcdef" },
        .forged("the real content, signed by a stranger") { _ in },
        .forged("no session key") { $0["session"] = nil },
        .forged("no voucher for the publish key") { $0["sig"] = nil },
        .forged("a publish key that nobody vouches for") { $0["aes"] = .bytes(Array(repeating: 7, count: 128)) },
        .forged("fields of wrong types") { map in
            for key in map.keys { map[key] = [1, 2, 3] }
        },
        .forged("a port that is none") { $0["publish_port"] = 99_999 },
        .forged("an empty map") { $0 = [:] },
    ]

    @Test("a sign-in reply of somebody in between is not believed, and the real one is", arguments: replies)
    func forgedReplies(_ reply: Reply) async throws {
        try await withNode { master, directory, log in
            // First contact is trusted; from then on the node knows its controller.
            try await start(master)
            let known = try Files.text("\(directory.path)/pki/minion_master.pub")
            let before = master.signIns
            master.tamper(reply.change)
            try master.rotate()
            master.publish(try master.frame(job(1, "after")))
            #expect(try await master.next("_return")["return"] == "after")
            #expect(master.signIns == before + 2)
            #expect(try Files.text("\(directory.path)/pki/minion_master.pub") == known)
        }
    }

    @Test("another controller's key ends the node, and does not replace the key it knows")
    func foreignController() async throws {
        let directory = try TestDirectory()
        var known = ""
        let error = await #expect(throws: NodeError.self) {
            try await withNode(in: directory, until: .endsByItself) { master, _, _ in
                try await start(master)
                known = try Files.text("\(directory.path)/pki/minion_master.pub")
                let pem = try HostileMasterTests.stranger.get().publicKey.pem
                master.tamper(Reply.forged("") { $0["pub_key"] = .string(pem) }.change)
                try master.rotate()
                master.publish(try master.frame(job(1, "after")))
            }
        }
        #expect("\(try #require(error))".contains("key"))
        #expect(try Files.text("\(directory.path)/pki/minion_master.pub") == known)
    }
}
