import BusTransport
import MusterCore
import MusterTestSupport
import NIOCore
import NIOPosix
import SaltProtocol
import Testing

@testable import Controller

@Suite(.timeLimit(.minutes(1))) struct RequestDeskTests {
    // MARK: Returns

    @Test("a return is stored before it is acknowledged, and reported to the engine before that")
    func storedBeforeAcknowledged() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            let sent = await port.server.metrics().sentMessages
            port.store.hold()
            let (frame, nonce) = try node.sealed(
                node.returnRequest("20261121000000000001", value: ["a": [1, nil]], code: 3))
            let client = node.client
            let waiting = Task { try await client.request(ByteBuffer(bytes: frame), timeout: .seconds(30)) }
            // The contact and the return.
            await port.store.waitForHeld(2)
            #expect(await port.server.metrics().sentMessages == sent)
            #expect(try await port.store.returnedNodes(of: Make.jobID(1)).isEmpty)
            port.store.release()
            #expect(try node.open(Array(buffer: try await waiting.value), nonce) == .value(.null))
            let stored = try await port.store.returns(of: JobID("20261121000000000001")!, nodes: nil)
            #expect(stored.map(\.returnCode) == [3] && stored[0].body.value == ["a": [1, nil]])
            #expect(port.reports.value.count == 1)
            #expect(port.signal.value > 0)
        }
    }

    @Test("a return that comes twice is acknowledged twice and told once")
    func duplicate() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            for code in [0, 1] {
                #expect(try await node.ask(node.returnRequest("20261121000000000001", code: code)) == .value(.null))
            }
            #expect(try await port.store.returns(of: Make.jobID(1), nodes: nil).map(\.returnCode) == [0])
            #expect(port.reports.value.count == 1)
            #expect(port.counters.value(.duplicateReturns) == 1)
        }
    }

    @Test("nobody is answered while the store is out of order; the same return is taken afterwards")
    func storeFails() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            let sent = await port.server.metrics().sentMessages
            port.store.fail(.full(place: "test"))
            let request = node.returnRequest("20261121000000000001")
            let (frame, _) = try node.sealed(request)
            let client = node.client
            let waiting = Task { try await client.request(ByteBuffer(bytes: frame), timeout: .seconds(30)) }
            await port.log.wait(for: "not stored")
            waiting.cancel()
            await #expect(throws: CancellationError.self) { _ = try await waiting.value }
            #expect(await port.server.metrics().sentMessages == sent)
            #expect(port.counters.value(.unacknowledged) == 1)
            port.store.fail(nil)
            #expect(try await node.ask(request) == .value(.null))
            #expect(try await port.store.returnedNodes(of: Make.jobID(1)) == [node.id])
        }
    }

    @Test("what can never be stored is answered as a failed command, also when it came alone")
    func neverStored() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            port.store.fail(.failed(place: "test", reason: "string or blob too big"))
            #expect(try await node.ask(node.returnRequest("20261121000000000001")) == .value(""))
            #expect(port.counters.value(.unacknowledged) == 0 && port.counters.value(.refused) == 1)
        }
    }

    @Test("what the store refuses of one node costs nobody else an answer")
    func poison() async throws {
        try await TestPort.with { port in
            let good = try await port.signedIn("good")
            let bad = try await port.signedIn("bad", key: Make.keys[1])
            port.store.refuse { write in
                if case .event(let event) = write { event.tag == "poison" } else { false }
            }
            let (goodFrame, goodNonce) = try good.sealed(good.returnRequest("20261121000000000001"))
            let (badFrame, badNonce) = try bad.sealed(.event("poison", data: [:], from: bad.id))
            port.gate.gather(2)
            let (goodClient, badClient) = (good.client, bad.client)
            async let goodReply = goodClient.request(ByteBuffer(bytes: goodFrame), timeout: .seconds(30))
            async let badReply = badClient.request(ByteBuffer(bytes: badFrame), timeout: .seconds(30))
            #expect(try good.open(Array(buffer: try await goodReply), goodNonce) == .value(.null))
            // It can never be stored: answered as a failed command, so that the node does not send it again.
            #expect(try bad.open(Array(buffer: try await badReply), badNonce) == .value(""))
            #expect(try await port.store.returnedNodes(of: Make.jobID(1)) == [good.id])
            #expect(port.reports.value.count == 1)
        }
    }

    @Test(
        "an answer to a question goes to the engine and is no return",
        arguments: [
            (["jid": "20261121000000000001"], .runs), ([:], .doesNotRun),
            ("'saltutil.find_job' is not available.", .cannotSay),
        ] as [(Value, JobTracker.Sign)])
    func question(_ value: Value, _ sign: JobTracker.Sign) async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            port.questions.note(Make.jobID(7), about: Make.jobID(1), at: port.clock.now)
            #expect(try await node.ask(node.returnRequest(Make.jobID(7).text, value: value)) == .value(.null))
            guard case .answered(let job, node.id, sign)? = port.reports.value.first else {
                Issue.record("reported \(port.reports.value)")
                return
            }
            #expect(job == Make.jobID(1))
            #expect(try await port.store.returnedNodes(of: Make.jobID(7)).isEmpty)
        }
    }

    @Test("a return that nobody asked for gets a job of its own")
    func unasked() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            #expect(try await node.ask(node.returnRequest("req")) == .value(.null))
            let jobs = try await port.store.jobs(JobQuery())
            #expect(jobs.count == 1 && jobs[0].ended != nil && jobs[0].counts == [.ok: 1])
            #expect(jobs[0].job.user == "web1")
        }
    }

    @Test(
        "a return without what it needs is answered as a failed command",
        arguments: [
            ["jid": "20261121000000000001"], ["return": true], ["return": true, "jid": "../../x"],
            ["return": true, "jid": ""],
        ] as [ValueMap])
    func malformedReturn(_ fields: ValueMap) async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            #expect(try await node.ask(.returned, fields) == .value(""))
            #expect(port.reports.value.isEmpty)
        }
    }

    // MARK: Who may ask

    @Test(
        "a load that does not prove its sender is answered 'bad load'",
        arguments: [
            "another id inside", "another id outside", "no token", "another's token", "no nonce", "no time", "old",
            "ahead",
            "number as id",
        ])
    func unproven(_ fault: String) async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            let other = try await port.signedIn("web2", key: Make.keys[1])
            let nonce = try Nonce.random()
            var load = node.common("_return", nonce: nonce)
            load["jid"] = "20261121000000000001"
            load["return"] = true
            var outer = "web1"
            switch fault {
            case "another id inside": load["id"] = "web2"
            case "another id outside": outer = "web2"
            case "no token": load["tok"] = nil
            case "another's token": load["tok"] = other.common("", nonce: nonce)["tok"]
            case "no nonce": load["nonce"] = nil
            case "no time": load["ts"] = nil
            case "old": load["ts"] = .int(port.clock.now.seconds - 301)
            case "ahead": load["ts"] = .int(port.clock.now.seconds + 301)
            default: load["id"] = 5
            }
            let reply = try await node.exchange(node.envelope(Value.map(load).messagePack(), id: outer))
            #expect(try node.open(reply, nonce) == .refused("bad load"))
            #expect(try await port.store.returnedNodes(of: Make.jobID(1)).isEmpty)
            // Neither is the session any the worse for it.
            #expect(try await node.ask(node.returnRequest("20261121000000000001")) == .value(.null))
        }
    }

    @Test("a recorded request is served once")
    func replay() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            let (frame, nonce) = try node.sealed(.event("my/tag", data: [:], from: node.id))
            #expect(try node.open(try await node.exchange(frame), nonce) == .value(.null))
            #expect(try node.open(try await node.exchange(frame), nonce) == .refused("bad load"))
            port.clock.advance(.seconds(299))
            #expect(try node.open(try await node.exchange(frame), nonce) == .refused("bad load"))
            #expect(port.counters.value(.replayed) == 2)
            #expect(try await port.tags().filter { $0 == "my/tag" }.count == 1)
        }
    }

    @Test("a session ends with the key: deleted, rejected, replaced by another program")
    func sessionEnds() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            #expect(try await node.ask(.mineGet) == .value([:]))
            #expect(try port.keys.move(node.id, to: .rejected))
            #expect(try await node.ask(.mineGet) == .refused("bad load"))
            #expect(try port.keys.move(node.id, to: .accepted))
            #expect(try await node.ask(.mineGet) == .value([:]))
            #expect(try port.keys.delete(node.id))
            #expect(try await node.ask(.mineGet) == .refused("bad load"))
            let path = "\(port.keys.directory)/minions/web1"
            try Files.write(Array(Make.keys[1].publicKey.pem.utf8), to: path)
            port.keys.refresh()
            #expect(try await node.ask(.mineGet) == .refused("bad load"))
            let successor = try TestNode("web1", key: Make.keys[1], at: port)
            #expect(try await successor.signInFailure() == nil)
            #expect(try await successor.ask(.mineGet) == .value([:]))
        }
    }

    @Test("a key that another program replaced while nobody looked does not live on")
    func replacedKey() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            #expect(try await node.ask(.mineGet) == .value([:]))
            try Files.remove("\(port.keys.directory)/minions/web1")
            try Files.write(Array(Make.keys[1].publicKey.pem.utf8), to: "\(port.keys.directory)/minions/web1")
            let successor = try TestNode("web1", key: Make.keys[1], at: port)
            #expect(try await successor.signInFailure() == nil)
            #expect(try await successor.ask(.mineGet) == .value([:]))
            #expect(try await node.ask(.mineGet) == .refused("bad load"))
        }
    }

    @Test("a session outlives a restart, and ends with its epoch")
    func sessionLife() async throws {
        let disk = try TestPort.Disk()
        var session: SignInSession?
        try await TestPort.with(disk) { port in
            let node = try await port.signedIn("web1")
            session = node.session
        }
        try await TestPort.with(disk) { port in
            let node = try TestNode("web1", at: port)
            node.resume(try #require(session))
            #expect(try await node.ask(.mineGet) == .value([:]))
            #expect(node.session?.publishKey == port.ring.vouched.key)
            port.clock.advance(.seconds(86_400))
            #expect(try await node.ask(.mineGet) == .refused("bad load"))
            #expect(try await node.signInFailure() == nil)
            #expect(try await node.ask(.mineGet) == .value([:]))
        }
    }

    // MARK: Commands

    @Test(
        "each command is answered in its shape, and nothing else is dispatched",
        arguments: [
            ("no_such", [:]), ("__init__", [:]), ("_auth", [:]), ("publish", [:]), ("verify_minion", [:]),
            ("_syndic_return", [:]), ("minion_pub", [:]), ("minion_runner", [:]), ("pub_ret", [:]), ("_ext_nodes", [:]),
            ("_file_envs", ["base"]), ("_file_list", []), ("_file_hash", ""), ("_file_recv", false),
            ("_serve_file", ["data": "", "dest": ""]), ("_file_find", ["path": "", "rel": ""]),
            ("_register_resources", true),
        ] as [(String, Value)])
    func commands(_ command: String, _ answer: Value) async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            let nonce = try Nonce.random()
            let frame = try node.envelope(Value.map(node.common(command, nonce: nonce)).messagePack())
            #expect(try node.open(try await node.exchange(frame), nonce) == .value(answer))
        }
    }

    @Test("event tags that only the controller says are refused in both forms")
    func events() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            let refused = [
                "salt/key", "salt/auth", "salt/job/\(Make.jobID(1))/new", "salt/job/\(Make.jobID(1))/ret/web2",
                "salt/minion/web2/start", Make.jobID(1).text, "salt/run/1/new", "minion/refresh/web1",
            ]
            let allowed = ["minion_start", "salt/minion/web1/start", "my/own"]
            for tag in refused + allowed {
                #expect(try await node.ask(.event(tag, data: [:], from: node.id)) == .value(.null))
            }
            let list = NodeRequest.events(
                (refused + allowed).map { .init(tag: $0, data: [:]) }, from: node.id, prefix: "salt")
            #expect(try await node.ask(list) == .value(.null))
            let told = try await port.tags().filter { $0 != "salt/auth" }
            #expect(told == allowed + allowed)
            #expect(port.counters.value(.refusedEvents) == refused.count * 2 + refused.count + allowed.count)
        }
    }

    @Test("a node may ask for its own key to be deleted, where that is allowed", arguments: [true, false])
    func revocation(_ isAllowed: Bool) async throws {
        try await TestPort.with(allowsRevocation: isAllowed) { port in
            let node = try await port.signedIn("web1")
            #expect(try await node.ask(.revokeAuthentication) == .value(.bool(isAllowed)))
            #expect(port.revoked.value == [node.id])
        }
    }

    @Test(
        "pillar goes to whom it is meant for, and the facts are kept",
        arguments: [
            (EncryptionAlgorithm.saltDefault, SignatureAlgorithm.saltDefault), (.oaepSHA224, .pkcs1v15SHA224),
        ])
    func pillar(_ encryption: EncryptionAlgorithm, _ signature: SignatureAlgorithm) async throws {
        let entry = TargetedPillar.Entry(target: "G@os:Debian", data: ["role": "web"])
        try await TestPort.with(pillar: entry) { port in
            // 1024 bits are too few for OAEP with SHA224 and a key string.
            let key = try PrivateKey.generate(bits: 2048)
            let node = try await port.signedIn("web1", key: key)
            let (frame, nonce) = try node.sealed(PillarRequest(grains: ["os": "Debian"]).request(from: node.id))
            let envelope = RequestEnvelope.sealed(
                load: try #require(try node.load(of: frame)), id: "web1", encryption: encryption, signature: signature)
            let reply = try await node.exchange(envelope)
            let pillar = try PillarReply.open(
                reply, nonce: nonce, with: key, from: port.keys.own.publicKey, encryption: encryption,
                signature: signature)
            #expect(try Value(messagePack: pillar) == ["role": "web"])
            #expect(try await port.store.node(node.id)?.facts?.value == ["os": "Debian"])
            #expect(try await port.tags().contains("minion/refresh/web1"))
            #expect(port.signal.value == 2)
            #expect(try await node.ask(.pillar) == .value(false))
        }
    }

    // MARK: Garbage

    @Test("what is no request gets the answer that peers understand, and harms nobody")
    func garbage() async throws {
        try await TestPort.with { port in
            let good = try await port.signedIn("web1")
            let stranger = try TestNode("stranger", at: port)
            let old: Value = ["enc": "aes", "load": .bytes(Array(repeating: 1, count: 80)), "version": 2, "id": "web1"]
            let unsealed: Value = [
                "enc": "aes", "load": .bytes(Array(repeating: 1, count: 80)), "version": 3, "id": "web1",
            ]
            let path: Value = ["enc": "aes", "load": .bytes([1]), "version": 3, "id": "../../master"]
            let cases: [(frame: [UInt8], text: String)] = [
                ([], "bad load"), ([0xc1], "bad load"), ([0xc0], "bad load"), ([0x93, 1, 2, 3], "bad load"),
                ([0xdf, 0xff, 0xff, 0xff, 0xff], "bad load"), ([0xdb, 0xff, 0xff, 0xff, 0xff, 0], "bad load"),
                (Array(repeating: 0x91, count: 5000), "bad load"), ([0x80], "bad load"),
                (old.messagePack(), "bad load"), (unsealed.messagePack(), "bad load"), (path.messagePack(), "bad load"),
                (RequestEnvelope.clear(load: [0xc0]), "payload and load must be a dict"),
                (RequestEnvelope.clear(load: Value.map(["cmd": "_auth"]).messagePack()), "bad load"),
            ]
            for (frame, text) in cases {
                let reply = try await stranger.exchange(frame)
                #expect(try RequestReply(reply) == .refused(text), "\(frame.prefix(40).map { $0 })")
                #expect(try await good.ask(.mineGet) == .value([:]))
            }
            for command in ["_return", "_pillar", "_prep_auth_info", "publish", "wheel", "ping", "get_token"] {
                let load = Value.map(["cmd": .string(command)]).messagePack()
                #expect(try await stranger.exchange(RequestEnvelope.clear(load: load)) == [0x80])
            }
            #expect(port.log.lines.filter { $0.contains("request refused") }.count == 1)
        }
    }

    @Test("mutated requests are answered, whatever became of them")
    func mutations() async throws {
        try await TestPort.with { port in
            let good = try await port.signedIn("web1")
            let hostile = try await port.signedIn("web2", key: Make.keys[1])
            var random = SeededRandom(seed: 20_261_121)
            for round in 0..<300 {
                let load = Value.map(
                    hostile.common(round.isMultiple(of: 2) ? "_return" : "_minion_event", nonce: try .random()))
                let plain = load.messagePack()
                // Mutated outside, and mutated by somebody who holds the keys.
                let frame =
                    round.isMultiple(of: 3)
                    ? random.mutate(try hostile.envelope(plain)) : try hostile.envelope(random.mutate(plain))
                let reply = try await hostile.exchange(frame)
                #expect(!reply.isEmpty)
            }
            #expect(try await good.ask(good.returnRequest("20261121000000000001")) == .value(.null))
            #expect(try await port.store.returnedNodes(of: Make.jobID(1)) == [good.id])
        }
    }

    @Test("a peer that does not speak ZMTP loses its own connection only")
    func foreignProtocol() async throws {
        try await TestPort.with { port in
            let good = try await port.signedIn("web1")
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port.endpoint.port).get()
            try await channel.writeAndFlush(
                ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\r\n" + String(repeating: "x", count: 200)))
            try await channel.closeFuture.get()
            #expect(try await good.ask(.mineGet) == .value([:]))
            #expect(port.counters.value(.connectionsRefused) == 1)
        }
    }

    @Test("what a peer writes cannot break a line of the log")
    func logInjection() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            let tag = "salt/key\n2026-11-21 error: all is lost\u{1b}[2J"
            #expect(try await node.ask(.event(tag, data: [:], from: node.id)) == .value(.null))
            let line = try #require(port.log.lines.first { $0.contains("event tags refused") })
            #expect(!line.contains("\n") && !line.contains("\u{1b}"))
        }
    }
}
