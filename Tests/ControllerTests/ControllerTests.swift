import BusTransport
import Logging
import MusterCore
import MusterTestSupport
import NIOCore
import NIOPosix
import SaltProtocol
import Store
import Testing
import ZMTP

@testable import Controller

/// A whole controller on loopback with the system's clock, and nodes made of SaltProtocol's client side.
@Suite(.timeLimit(.minutes(1))) struct ControllerTests {
    /// Runs a test with a controller that is up, and stops it.
    private func withController(
        change: (inout ControllerConfiguration) -> Void = { _ in }, _ body: (Controller, TestStore) async throws -> Void
    ) async throws {
        let store = try TestStore()
        try await RunningController.with(in: try TestDirectory(), store: store, change: change) { controller, _ in
            try await body(controller, store)
        }
    }

    /// A node that is subscribed, and hands on the jobs that reach it.
    private func join(_ controller: Controller, _ id: String, key: PrivateKey) async throws -> Member {
        let ports = try controller.fabric.listeners.map { try #require(Int($0.split(separator: ":").last ?? "")) }
        let node = try TestNode(id, key: key, at: Endpoint(host: "127.0.0.1", port: ports[1])) { .now }
        #expect(try await node.signInFailure() == nil)
        let inbox = Inbox()
        let client = SubscriberClient(
            connectingTo: Endpoint(host: "127.0.0.1", port: ports[0]), options: SubscriberOptions(),
            on: MultiThreadedEventLoopGroup.singleton.next(), delegate: inbox)
        client.start()
        await inbox.connected.passes(0)
        return Member(node: node, inbox: inbox, client: client)
    }

    @Test("from key to outcome: accepted, published, verified, answered, followed")
    func wholeLife() async throws {
        try await withController { controller, store in
            let first = try await controller.keys()
            #expect(first.isEmpty)
            let ports = try controller.fabric.listeners.map { try #require(Int($0.split(separator: ":").last ?? "")) }
            let stranger = try TestNode("web1", key: Make.keys[0], at: Endpoint(host: "127.0.0.1", port: ports[1])) {
                .now
            }
            #expect(try await stranger.signInFailure() == .pending)
            await #expect(throws: ControllerError.nothingMatched(target: "*")) {
                _ = try await controller.publish(
                    JobRequest(calls: [FunctionCall("test.ping")], target: Target(.glob, "*"), user: "root"))
            }
            let changed = try await controller.change(KeyChange(action: .accept, match: ["web*"], user: "root"))
            #expect(changed.map(\.node) == Make.nodes("web1") && changed[0].state == .accepted)

            let member = try await join(controller, "web1", key: Make.keys[0])
            #expect(try await member.node.ask(.mineGet) == .value([:]))
            try await member.waitForTopic(controller)
            let receipt = try await controller.publish(
                JobRequest(calls: [FunctionCall("test.ping")], target: Target(.glob, "*"), user: "root"))
            #expect(receipt.expected == Make.nodes("web1"))
            let job = try await member.nextJob()
            #expect(job.job == receipt.job && job.calls.map(\.function) == ["test.ping"])
            #expect(try await member.node.ask(member.node.returnRequest(job.job.text)) == .value(.null))
            var updates: [JobUpdate.Kind] = []
            for try await group in try await controller.follow(receipt.job) { updates += group.map(\.kind) }
            #expect(updates == [.begun, .answered, .ended])
            #expect(try await controller.job(receipt.job).counts == [.ok: 1])
            let status = try await controller.status()
            #expect(status.openJobs == 0 && status.connectedNodes == 1)
            await member.client.shutdown()
        }
    }

    @Test("cancelling tells the nodes, and a deleted key changes the publish key")
    func cancelAndDelete() async throws {
        try await withController(change: { $0.salt.autosign.acceptsAll = true }) { controller, store in
            let member = try await join(controller, "web1", key: Make.keys[0])
            try await member.waitForTopic(controller)
            let receipt = try await controller.publish(
                JobRequest(calls: [FunctionCall("test.sleep")], target: Target(.glob, "*"), user: "root"))
            #expect(try await member.nextJob().job == receipt.job)
            #expect(try await controller.cancel(receipt.job, by: "root").counts == [.cancelled: 1])
            let kill = try await member.nextJob()
            #expect(kill.calls == [FunctionCall("saltutil.term_job", arguments: [.string(receipt.job.text)])])
            await #expect(throws: ControllerError.jobHasEnded(receipt.job)) {
                _ = try await controller.cancel(receipt.job, by: "root")
            }

            let other = try await join(controller, "web2", key: Make.keys[1])
            _ = try await controller.change(KeyChange(action: .delete, match: ["web2"], user: "root"))
            #expect(try await other.node.ask(.mineGet) == .refused("bad load"))
            // The next publish does not open under the old key; after signing in it does.
            let second = try await controller.publish(
                JobRequest(calls: [FunctionCall("test.ping")], target: Target(.glob, "web1"), user: "root"))
            #expect(try await member.nextJob(signingIn: true).job == second.job)
            let health = try await controller.status()
            #expect(health.counters["muster_salt_key_rotations_total"] == 1)
            await member.client.shutdown()
            await other.client.shutdown()
        }
    }

    @Test("a job that is held and cancelled was never published, and why says so")
    func whyOfAHeldJob() async throws {
        let node = Make.node("web1")
        let directory = try TestDirectory()
        let store = try TestStore()
        try await store.commit([.contact(node, NodeContact(time: .now, isConnected: true, address: "10.0.0.1"))])
        var configuration = ControllerConfiguration(
            keyDirectory: directory.file("pki"), stateDirectory: directory.file("state"))
        configuration.keyBits = 1024
        let controller = try await Controller(configuration, store: store, logger: TestLog().logger)
        try controller.keys.store(Make.keys[0].publicKey.pem, of: node, as: .accepted)
        let request = JobRequest(calls: [FunctionCall("test.ping")], target: Target(.glob, "*"), user: "root")
        let job = try await controller.publish(request).job
        let before = try await controller.why(job, node).notes.map(\.text)
        #expect(before.contains("made for 1 node by root, not published yet"))
        _ = await controller.engine.cancel(job, by: "root")
        let notes = try await controller.why(job, node).notes.map(\.text)
        #expect(notes.contains("made for 1 node by root, never published"))
        #expect(notes.contains("cancelled by root"))
    }

    @Test("a key that cannot be changed leaves the others changed, told of, and the publish key new")
    func oneKeyFails() async throws {
        try await withController { controller, store in
            try controller.keys.store(Make.keys[0].publicKey.pem, of: Make.node("web1"), as: .accepted)
            try controller.keys.store(Make.keys[1].publicKey.pem, of: Make.node("web3"), as: .accepted)
            // A directory in the place of the file: also the superuser cannot unlink it.
            try Files.makeDirectory("\(controller.keys.directory)/minions_pre/web2")
            let error = await #expect(throws: ControllerError.self) {
                _ = try await controller.change(KeyChange(action: .delete, match: ["web*"], user: "root"))
            }
            guard case .keysUnchanged([Make.node("web2")], _)? = error else {
                Issue.record("it throws \(String(describing: error))")
                return
            }
            #expect(try await controller.keys().map(\.node) == Make.nodes("web2"))
            #expect(try await controller.status().counters["muster_salt_key_rotations_total"] == 1)
            for try await batch in try await controller.events(EventQuery(tag: "salt/key", after: 0)) {
                guard case .events(let told) = batch else { continue }
                #expect(told.map { $0.data["id"] } == ["web1", "web3"])
                break
            }
        }
    }

    @Test("a node's own wish deletes its key")
    func revocation() async throws {
        try await withController(change: { $0.salt.autosign.acceptsAll = true }) { controller, store in
            let member = try await join(controller, "web1", key: Make.keys[0])
            let events = try await controller.events(EventQuery(tag: "salt/key"))
            #expect(try await member.node.ask(.revokeAuthentication) == .value(true))
            for try await batch in events {
                guard case .events(let told) = batch else { continue }
                #expect(told.map { $0.data["act"] } == ["delete"])
                break
            }
            #expect(try await controller.keys().isEmpty)
            #expect(try await member.node.ask(.mineGet) == .refused("bad load"))
            await member.client.shutdown()
        }
    }

    @Test("a denied key is judged apart from the accepted one beside it")
    func deniedKeys() async throws {
        try await withController { controller, store in
            let id = Make.node("web1")
            try controller.keys.store(Make.keys[0].publicKey.pem, of: id, as: .accepted)
            try controller.keys.store(Make.keys[1].publicKey.pem, of: id, as: .denied)
            #expect(try await controller.keys().map(\.state) == [.accepted, .denied])
            let deleted = try await controller.change(
                KeyChange(action: .delete, match: ["web1"], states: [.denied], user: "root"))
            #expect(deleted.count == 1)
            #expect(try await controller.keys().map(\.state) == [.accepted])
            await #expect(throws: ControllerError.noKeyMatched(["db*"])) {
                _ = try await controller.change(KeyChange(action: .delete, match: ["db*"], user: "root"))
            }
        }
    }
}

/// A node with its subscription.
private final class Member {
    let node: TestNode
    let client: SubscriberClient
    private let inbox: Inbox
    private var verifier: PublishVerifier?
    private var taken = 0

    init(node: TestNode, inbox: Inbox, client: SubscriberClient) {
        (self.node, self.inbox, self.client) = (node, inbox, client)
    }

    /// Returns when the controller knows the subscription.
    func waitForTopic(_ controller: Controller) async throws {
        while await controller.fabric.publisher.subscribers().allSatisfy({ $0.topics.isEmpty }) { await Task.yield() }
    }

    /// The next job, verified as a node does it.
    func nextJob(signingIn: Bool = false) async throws -> PublishLoad {
        await inbox.received.passes(Int64(taken))
        let frame = inbox.frames.value[taken]
        taken += 1
        let session = try #require(node.session)
        let verifier = try verifier ?? PublishVerifier(session, minimumAlgorithm: .saltDefault)
        self.verifier = verifier
        var action = verifier.received(frame)
        if signingIn {
            #expect(action == .signInAgain)
            #expect(try await node.signInFailure() == nil)
            let renewed = try #require(node.session)
            action = try #require(try verifier.established(renewed).first)
        }
        guard case .deliver(let load) = action else { throw Refused(action: "\(action)") }
        return try PublishLoad(messagePack: load)
    }

    struct Refused: Error { let action: String }
}

/// Frames of the publish port as they come.
private final class Inbox: SubscriberClientDelegate {
    let frames = Shared<[[UInt8]]>([])
    let connected = SequenceSignal()
    let received = SequenceSignal()

    func subscriberConnected(to address: SocketAddress?) { connected.advance(to: 1) }
    func subscriberReceived(_ message: Message) {
        let bytes = Array(buffer: message.first)
        frames.change { $0.append(bytes) }
        received.advance(to: Int64(frames.value.count))
    }
    func subscriberDisconnected(reason: CloseReason) {}
}
