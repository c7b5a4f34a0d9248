import BusTransport
import Logging
import MusterCore
import MusterTestSupport
import NIOCore
import SaltProtocol
import Testing

@testable import Controller

/// What a restart forgets and what it does not: nothing that was served is served again, after an orderly stop or a crash.
@Suite(.timeLimit(.minutes(1))) struct RestartTests {
    /// A whole controller over one directory, which can be stopped in order or left as a crash would leave it.
    private final class Site {
        let directory: TestDirectory
        let store: TestStore

        init() throws {
            directory = try TestDirectory()
            store = try TestStore()
        }

        /// - Parameter crashes: takes away what an orderly stop has written.
        func run(crashes: Bool = false, _ body: (Controller, TestLog) async throws -> Void) async throws {
            try await RunningController.with(
                in: directory, store: store, change: { $0.salt.autosign.acceptsAll = true }, body)
            let file = directory.file("state/replays")
            #expect((Files.status(file)?.mode ?? 0) & 0o777 == 0o600)
            if crashes { try Files.remove(file) }
        }
    }

    private func node(_ controller: Controller) throws -> TestNode {
        let port = try #require(Int(controller.fabric.listeners[1].split(separator: ":").last ?? ""))
        return try TestNode("web1", key: Make.keys[0], at: .init(host: "127.0.0.1", port: port)) { .now }
    }

    @Test("after an orderly stop sessions go on, and a recorded request is recognised")
    func orderlyStop() async throws {
        let site = try Site()
        var session: SignInSession?
        var recorded: (frame: [UInt8], nonce: Nonce)?
        try await site.run { controller, _ in
            let node = try self.node(controller)
            #expect(try await node.signInFailure() == nil)
            let (frame, nonce) = try node.sealed(.event("my/tag", data: [:], from: node.id))
            #expect(try node.open(try await node.exchange(frame), nonce) == .value(.null))
            (session, recorded) = (node.session, (frame, nonce))
        }
        for _ in 0..<2 {
            try await site.run { controller, log in
                // A crash from here on must not find the file again.
                #expect(Files.status(site.directory.file("state/replays")) == nil)
                let node = try self.node(controller)
                node.resume(try #require(session))
                let (frame, nonce) = try #require(recorded)
                #expect(try node.open(try await node.exchange(frame), nonce) == .refused("bad load"))
                #expect(try await node.ask(.mineGet) == .value([:]))
                #expect(!log.lines.contains { $0.contains("did not stop in order") })
            }
        }
    }

    @Test("after a crash a recorded request does not open, and the node signs in again")
    func crash() async throws {
        let site = try Site()
        var session: SignInSession?
        var recorded: (frame: [UInt8], nonce: Nonce)?
        try await site.run(crashes: true) { controller, log in
            #expect(!log.lines.contains { $0.contains("did not stop in order") })
            let node = try self.node(controller)
            #expect(try await node.signInFailure() == nil)
            let (frame, nonce) = try node.sealed(.event("my/tag", data: [:], from: node.id))
            #expect(try node.open(try await node.exchange(frame), nonce) == .value(.null))
            (session, recorded) = (node.session, (frame, nonce))
        }
        try await site.run { controller, log in
            #expect(log.lines.filter { $0.contains("did not stop in order") }.count == 1)
            let node = try self.node(controller)
            node.resume(try #require(session))
            let (frame, nonce) = try #require(recorded)
            #expect(try node.open(try await node.exchange(frame), nonce) == .refused("bad load"))
            #expect(try await node.ask(.mineGet) == .refused("bad load"))
            #expect(try await node.signInFailure() == nil)
            #expect(try await node.ask(.mineGet) == .value([:]))
            // The publish key is the old one: jobs reach also those that have not signed in again.
            #expect(node.session?.publishKey == session?.publishKey)
        }
    }

    @Test("a key that was taken away and given back does not bring recorded requests back")
    func givenBack() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            let (frame, nonce) = try node.sealed(.event("my/tag", data: [:], from: node.id))
            #expect(try node.open(try await node.exchange(frame), nonce) == .value(.null))
            #expect(try port.keys.move(node.id, to: .rejected))
            #expect(try await node.ask(.mineGet) == .refused("bad load"))
            #expect(try port.keys.move(node.id, to: .accepted))
            #expect(try node.open(try await node.exchange(frame), nonce) == .refused("bad load"))
            #expect(try await node.ask(.mineGet) == .value([:]))
        }
    }

    @Test("what is too old to pass is not carried from restart to restart")
    func forgets() async throws {
        let old = ReplayMemory.Record(horizon: .min, newest: TestClock.start.seconds, marks: [1])
        try await TestPort.with(change: { $0.replays = [Make.node("web1"): old] }) { port in
            let kept = try await port.desk.replays()
            #expect(kept == [Make.node("web1"): old])
            port.clock.advance(.seconds(301))
            let later = try await port.desk.replays()
            #expect(later.isEmpty)
        }
    }

    @Test("what was written is read again; a damaged file counts as none")
    func file() throws {
        let directory = try TestDirectory()
        let file = ReplayFile(directory.file("replays"))
        #expect(try file.read() == nil)
        let records: [NodeID: ReplayMemory.Record] = [
            Make.node("web 1"): .init(horizon: .min, newest: 17, marks: [1, .max]),
            Make.node("m\u{fc}nchen"): .init(horizon: 18, newest: 18, marks: []),
        ]
        try file.write(records)
        #expect(try file.read() == records)
        try file.write([:])
        #expect(try file.read() == [:])
        for text in [
            "", "muster replays 1", "muster replays 2\n", "muster replays 1\nx\n", "muster replays 1\n1 2 zz web1\n",
        ] {
            try Files.write(Array(text.utf8), to: directory.file("replays"))
            #expect(try file.read() == nil, "\(text)")
        }
    }
}
