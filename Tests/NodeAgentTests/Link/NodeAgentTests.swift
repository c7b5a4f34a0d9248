import Logging
import MusterCore
import MusterTestSupport
import NIOPosix
import NodeAgent
import SaltProtocol
import ServiceLifecycle
import Testing

/// A whole node against a master of our own on loopback; the real ones are in InteropTests.
@Suite(.serialized, .timeLimit(.minutes(1))) struct NodeAgentTests {
    let directory: TestDirectory
    let master: TestMaster

    init() throws {
        directory = try TestDirectory()
        master = try TestMaster(key: .generate(bits: 1024))
    }

    /// Runs a node while the body acts as its master's operator.
    private func withNode(
        _ body: () async throws -> Void
    ) async throws {
        let services = try await services()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            do {
                try await body()
            } catch {
                await services.triggerGracefulShutdown()
                throw error
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
        try await master.stop()
    }

    private func services(drainLimit: Duration = .seconds(30)) async throws -> ServiceGroup {
        let port = try await master.start()
        var configuration = NodeConfiguration(
            id: NodeID("web1")!, masters: [.init(host: "127.0.0.1", requestPort: port)],
            pkiDirectory: "\(directory.path)/pki", cacheDirectory: "\(directory.path)/cache")
        configuration.signIn.keyBits = 1024
        configuration.signIn.retryInterval = .milliseconds(20)
        configuration.returns.timeout = .milliseconds(200)...(.milliseconds(300))
        configuration.returns.tries = 1
        configuration.drainLimit = drainLimit
        configuration.returns.replayInterval = .milliseconds(50)
        let agent = try NodeAgent(
            configuration, modules: [.test, .saltutil], facts: FixedFacts(map: ["os": "Debian"]),
            on: master.group.next(),
            logger: .quiet)
        return ServiceGroup(services: [agent], logger: .quiet)
    }

    private func job(_ number: Int, _ function: String, _ arguments: [Value] = [], target: Value = "*") -> ValueMap {
        [
            "fun": .string(function), "arg": .array(arguments), "tgt": target, "tgt_type": "glob", "ret": "",
            "user": "root",
            "jid": .string("20261121065700" + number.digits(6)),
        ]
    }

    /// Waits until the node has announced itself.
    private func start() async throws {
        while try await master.next("_minion_event")["tag"] != "salt/minion/web1/start" {}
    }

    @Test func announcesItselfRunsJobsAndReturns() async throws {
        try await withNode {
            let pillar = try await master.next("_pillar")
            #expect(pillar["grains"] == .map(["os": "Debian"]))
            #expect(try await master.next("_minion_event")["tag"] == "minion_start")
            #expect(try await master.next("_minion_event")["tag"] == "salt/minion/web1/start")
            master.publish(try master.frame(job(1, "test.echo", ["not for us"], target: "db*")))
            master.publish(try master.frame(job(2, "test.arg", [1, "a=b", .map(["__kwarg__": true, "c": 2])])))
            let answer = try await master.next("_return")
            #expect(answer["jid"] == "20261121065700000002")
            #expect(answer["id"] == "web1")
            #expect(answer["success"] == true)
            #expect(answer["retcode"] == 0)
            #expect(answer["return"]?["args"] == [1])
            #expect(answer["return"]?["kwargs"]?["a"] == "b")
            #expect(answer["return"]?["kwargs"]?["c"] == 2)
            #expect(answer["return"]?["kwargs"]?["__pub_user"] == "root")
        }
        #expect(Files.list("\(directory.path)/pki") == ["minion.pem", "minion.pub", "minion_master.pub"])
    }

    @Test func runsOnlyWhatTheMasterSignedAndOnlyOnce() async throws {
        try await withNode {
            try await start()
            let stranger = try PrivateKey.generate(bits: 1024)
            master.publish(try master.frame(job(1, "test.echo", ["forged"]), signedBy: stranger))
            let good = try master.frame(job(2, "test.echo", ["good"]))
            master.publish(good)
            master.publish(good)  // the serial refuses this one
            master.publish(try master.frame(job(2, "test.echo", ["again"])))  // the memory of jobs this one
            master.publish(try master.frame(job(3, "test.echo", ["last"])))
            #expect(try await master.next("_return")["return"] == "good")
            #expect(try await master.next("_return")["return"] == "last")
        }
    }

    @Test func signsInAgainWhenTheMasterHasNewKeys() async throws {
        try await withNode {
            try await start()
            try master.rotate()
            master.publish(try master.frame(job(1, "test.echo", ["new key"])))
            #expect(try await master.next("_return")["return"] == "new key")
            #expect(master.signIns == 2)
        }
    }

    @Test func signsInAgainWhenARequestIsRefused() async throws {
        try await withNode {
            try await start()
            let frame = try master.frame(job(1, "test.echo", ["old key"]))
            try master.rotate()  // the node learns it from the refusal of its return
            master.publish(frame)
            #expect(try await master.next("_return")["return"] == "old key")
        }
    }

    @Test func keepsAReturnUntilTheMasterAnswers() async throws {
        try await withNode {
            try await start()
            master.setMute(true)
            master.publish(try master.frame(job(1, "test.echo", ["kept"])))
            let spool = try #require(Files.list("\(directory.path)/cache/returns").first)
            let path = "\(directory.path)/cache/returns/\(spool)/20261121065700000001"
            while Files.status(path) == nil { await Task.yield() }
            master.setMute(false)
            #expect(try await master.next("_return")["return"] == "kept")
            while Files.status(path) != nil { await Task.yield() }
        }
    }

    @Test func oneReturnThatIsNeverTakenKeepsNoOtherBackAndEnds() async throws {
        try await withNode {
            try await start()
            master.refuseReturns(of: "20261121065700000001")
            master.setMute(true)
            master.publish(try master.frame(job(1, "test.echo", ["poison"])))
            master.publish(try master.frame(job(2, "test.echo", ["good"])))
            let spool = try #require(Files.list("\(directory.path)/cache/returns").first)
            let path = "\(directory.path)/cache/returns/\(spool)"
            while Files.status("\(path)/20261121065700000002") == nil { await Task.yield() }
            master.setMute(false)
            while try await master.next("_return")["return"] != "good" {}
            // In the end the master learns why there is no answer.
            var answer = try await master.next("_return")
            while answer["return"] == "poison" { answer = try await master.next("_return") }
            #expect(answer["jid"] == "20261121065700000001" && answer["success"] == false && answer["retcode"] == 1)
            let aside = "\(path)/refused/20261121065700000001"
            #expect(answer["return"]?.string?.contains(aside) == true)
            #expect(Files.status(aside) != nil)
            while Files.status("\(path)/20261121065700000001") != nil { await Task.yield() }
        }
    }

    @Test func whatRanAtTheDrainLimitIsToldBeforeTheNodeEnds() async throws {
        let services = try await services(drainLimit: .milliseconds(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            try await start()
            master.publish(try master.frame(job(1, "test.sleep", [3600])))
            let running = try master.frame(job(2, "saltutil.running"))
            master.publish(running)
            #expect(try await master.next("_return")["jid"] == "20261121065700000002")
            await services.triggerGracefulShutdown()
            #expect(try await master.next("_return")["jid"] == "20261121065700000001")
            try await group.waitForAll()
        }
        try await master.stop()
    }

    @Test func waitsUntilItsKeyIsAccepted() async throws {
        master.setStanding(KeyStanding(stored: nil))
        try await withNode {
            while master.signIns < 2 { await Task.yield() }
            master.setStanding(KeyStanding(stored: nil, autosign: .everyKey))
            try await start()
        }
    }

    @Test func endsWhenAReturnLearnsThatItsKeyIsRejected() async throws {
        let services = try await services()
        let error = await #expect(throws: NodeError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await services.run() }
                try await start()
                let frame = try master.frame(job(1, "test.echo", ["refused"]))
                try master.rotate()
                master.setStanding(KeyStanding(stored: StoredKey(.rejected, pem: "")))
                master.publish(frame)
                try await group.waitForAll()
            }
        }
        #expect(error?.exitStatus == 77)
        try await master.stop()
    }

    @Test func endsWhenItsKeyIsRejected() async throws {
        master.setStanding(KeyStanding(stored: StoredKey(.rejected, pem: "")))
        let services = try await services()
        let error = await #expect(throws: NodeError.self) { try await services.run() }
        #expect(error?.exitStatus == 77)
        try await master.stop()
    }
}
