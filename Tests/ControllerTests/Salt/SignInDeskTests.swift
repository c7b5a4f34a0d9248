import BusTransport
import MusterCore
import MusterTestSupport
import NIOCore
import SaltProtocol
import Testing

@testable import Controller

@Suite(.timeLimit(.minutes(1))) struct SignInDeskTests {
    @Test("a new key is pending until it is accepted; then the node gets in")
    func pendingThenAccepted() async throws {
        try await TestPort.with { port in
            let node = try TestNode("web1", at: port)
            #expect(try await node.signInFailure() == .pending)
            #expect(port.keys.state(of: node.id) == .pending)
            #expect(try await node.signInFailure() == .pending)
            #expect(try port.keys.move(node.id, to: .accepted))
            #expect(try await node.signInFailure() == nil)
            #expect(node.session?.publishKey == port.ring.vouched.key && node.session?.publishPort == 4505)
            // One event for the new key, one for the acceptance; each woke the followers.
            #expect(try await port.tags() == ["salt/auth", "salt/auth"])
            #expect(port.signal.value == 2)
        }
    }

    @Test("a rejected key is told so")
    func rejected() async throws {
        try await TestPort.with { port in
            let node = try TestNode("web1", at: port)
            try port.keys.store(node.key.publicKey.pem, of: node.id, as: .rejected)
            #expect(try await node.signInFailure() == .rejected)
        }
    }

    @Test("another key for a known id is denied, kept aside, and told of once")
    func denied() async throws {
        try await TestPort.with { port in
            let real = try await port.signedIn("web1", key: Make.keys[0])
            let forger = try TestNode("web1", key: Make.keys[1], at: port)
            for _ in 0..<3 { #expect(try await forger.signInFailure() == .rejected) }
            #expect(port.keys.stored(real.id)?.pem == real.key.publicKey.pem)
            #expect(port.keys.stored(real.id, as: .denied)?.pem == forger.key.publicKey.pem)
            #expect(port.log.lines.filter { $0.contains("key denied") }.count == 1)
            #expect(try await port.tags() == ["salt/auth", "salt/auth"])
            #expect(port.counters.value(.signInsRefused) == 3)
            // The real node's session is as good as before.
            #expect(try await real.ask(.mineGet) == .value([:]))
            // The next key is told of in the next minute.
            let other = try TestNode("web1", key: Make.keys[2], at: port)
            #expect(try await other.signInFailure() == .rejected)
            #expect(port.log.lines.filter { $0.contains("key denied") }.count == 1)
            port.clock.advance(.seconds(61))
            #expect(try await forger.signInFailure() == .rejected)
            #expect(port.log.lines.filter { $0.contains("key denied") && $0.contains("suppressed=1") }.count == 1)
        }
    }

    @Test("a full controller lets nobody else in")
    func full() async throws {
        var policy = AutosignPolicy()
        policy.maxNodes = 1
        try await TestPort.with(policy: policy) { port in
            let first = try await port.signedIn("web1")
            port.nodes.subscribed(from: "127.0.0.1")
            #expect(try await first.ask(.mineGet) == .value([:]))
            let second = try TestNode("web2", at: port)
            #expect(try await second.signInFailure() == .full)
            #expect(try await first.signInFailure() == nil)
        }
    }

    @Test("two keys that come at once for a new id: one waits, the other is denied", arguments: 0..<10)
    func race(_ round: Int) async throws {
        try await TestPort.with { port in
            // Connected before, so that the requests themselves meet.
            let nodes = try [
                TestNode("other", key: Make.keys[0], at: port), TestNode("other", key: Make.keys[1], at: port),
            ]
            var frames: [[UInt8]] = []
            for (number, node) in nodes.enumerated() {
                _ = try await node.exchange(RequestEnvelope.clear(load: [0x80]))
                let request = SignInRequest(
                    id: "web1", nonce: try .random(), publicKey: Make.keys[number].publicKey)
                frames.append(request.encoded())
            }
            port.gate.gather(2)
            let clients = nodes.map(\.client)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (client, frame) in zip(clients, frames) {
                    group.addTask { _ = try await client.request(.init(bytes: frame), timeout: .seconds(30)) }
                }
                try await group.waitForAll()
            }
            let id = Make.node("web1")
            #expect(port.keys.stored(id)?.state == .pending)
            #expect(port.keys.stored(id, as: .denied) != nil)
            #expect(port.keys.stored(id)?.pem != port.keys.stored(id, as: .denied)?.pem)
        }
    }

    @Test("automatic acceptance by rule", arguments: ["all", "file", "stub", "open", "rejected"])
    func autosign(_ rule: String) async throws {
        let disk = try TestPort.Disk()
        var policy = AutosignPolicy()
        func rules(_ text: String) throws -> String {
            let path = disk.directory.file("rules")
            try Files.write(Array(text.utf8), to: path, mode: 0o600)
            return path
        }
        switch rule {
        case "all": policy.acceptsAll = true
        case "file": policy.acceptFile = try rules("# ours\nweb*\n")
        case "open": policy.isOpen = true
        case "rejected":
            policy.acceptsAll = true
            policy.rejectFile = try rules("web*\n")
        default: break
        }
        try await TestPort.with(disk, policy: policy) { port in
            if rule == "stub" {
                try Files.write([], to: disk.directory.file("pki/minions_autosign/web1"))
                // The file's time is the system's, the clock's is not.
                port.clock.set(.now)
            }
            if rule == "open" { try port.keys.store(Make.keys[1].publicKey.pem, of: Make.node("web1"), as: .rejected) }
            let node = try TestNode("web1", at: port)
            let failure = try await node.signInFailure()
            #expect(failure == (rule == "rejected" ? .rejected : nil))
            #expect(port.keys.state(of: node.id) == (rule == "rejected" ? .rejected : .accepted))
            #expect(Files.status(disk.directory.file("pki/minions_autosign/web1")) == nil)
        }
    }

    @Test("a sign-in that cannot be stored is not answered, and logged once a minute")
    func cannotStore() async throws {
        try await TestPort.with { port in
            // A directory in the place of the key file: also the superuser cannot write that.
            try Files.makeDirectory("\(port.keys.directory)/minions_pre/web1")
            try Files.makeDirectory("\(port.keys.directory)/minions_pre/web1/x")
            let node = try TestNode("web1", at: port)
            let client = node.client
            for round in 0..<2 {
                let request = SignInRequest(
                    id: "web1", nonce: try .random(), publicKey: node.key.publicKey)
                let frame = request.encoded()
                let waiting = Task { try await client.request(.init(bytes: frame), timeout: .seconds(30)) }
                if round == 0 { await port.log.wait(for: "sign-in not answered") }
                waiting.cancel()
                _ = try? await waiting.value
            }
            #expect(port.log.lines.filter { $0.contains("sign-in not answered") }.count == 1)
            // Somebody else is served.
            let other = try TestNode("web2", at: port)
            #expect(try await other.signInFailure() == .pending)
        }
    }

    @Test(
        "names that are no ids and keys that are no keys change nothing",
        arguments: [
            "../../etc/cron.d/x", "a/b", "..", "", "a\u{0}b", "a\nb", String(repeating: "x", count: 300),
        ])
    func invalidIDs(_ id: String) async throws {
        try await TestPort.with { port in
            let node = try TestNode("web1", at: port)
            let request = SignInRequest(id: id, nonce: try .random(), publicKey: node.key.publicKey)
            _ = try await node.exchange(request.encoded())
            #expect(port.keys.entries().isEmpty)
            #expect(Files.list(disk: port).allSatisfy { $0.hasPrefix("m") })
        }
    }

    @Test("the longest id there is can be stored")
    func longID() async throws {
        try await TestPort.with { port in
            let id = String(repeating: "x", count: 255)
            let node = try TestNode(id, at: port)
            #expect(try await node.signInFailure() == .pending)
            #expect(port.keys.state(of: Make.node(id)) == .pending)
        }
    }
}

extension Files {
    /// What lies in the key directory.
    fileprivate static func list(disk port: TestPort) -> [String] { list(port.keys.directory) }
}
