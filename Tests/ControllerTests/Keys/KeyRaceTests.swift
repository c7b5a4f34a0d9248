import Dispatch
import Glibc
import MusterCore
import NIOPosix
import SaltProtocol
import Synchronization
import Testing

@testable import Controller

/// An operator and a sign-in judge one key at the same time: one of them is first, and neither undoes the other.
@Suite(.serialized, .timeLimit(.minutes(1))) struct KeyRaceTests {
    private let web1 = Make.node("web1")

    // MARK: The sign-in is first

    @Test("a key that is removed while its node is let in: the node has the publish key of before, and nothing else")
    func removedMeanwhile() async throws {
        try await TestPort.with { port in
            let held = try HeldKey(of: web1, as: .accepted, in: port.keys)
            let joining = Joining("web1", at: port)
            try await held.isRead()
            #expect(!port.keys.isUndecided, "nobody else judges meanwhile")
            let before = port.ring.vouched.key
            // As after a removal: who is being judged must not get what was made to keep it out.
            try port.ring.rotate(at: port.clock.now)
            async let isRemoved = blocking { try port.keys.deciding { try port.keys.delete(web1) } }
            try held.giveOut()
            #expect(try await isRemoved)
            let outcome = try await joining.outcome()
            #expect(outcome.failure == nil && outcome.publishKey == before && before != port.ring.vouched.key)
            #expect(!outcome.isServed)
            #expect(port.keys.entries().isEmpty)
            #expect(try await port.signInFailure(of: "web1") == .pending)
        }
    }

    @Test("a key that is rejected while a rule accepts it is rejected")
    func rejectedMeanwhile() async throws {
        try await TestPort.with(policy: .everybody) { port in
            let held = try HeldKey(of: web1, as: .pending, in: port.keys)
            let joining = Joining("web1", at: port)
            try await held.isRead()
            #expect(!port.keys.isUndecided, "nobody else judges meanwhile")
            async let isRejected = blocking { try port.keys.deciding { try port.keys.move(web1, to: .rejected) } }
            try held.giveOut()
            #expect(try await isRejected)
            let outcome = try await joining.outcome()
            #expect(outcome.failure == nil && !outcome.isServed)
            #expect(port.keys.entries().map(\.state) == [.rejected])
            #expect(try await TestNode("web1", at: port).signInFailure() == .rejected)
        }
    }

    // MARK: The operator is first

    @Test("a sign-in that meets a removal gets in no more, and has no key")
    func removedBefore() async throws {
        try await TestPort.with { port in
            try port.keys.store(Make.keys[0].publicKey.pem, of: web1, as: .accepted)
            let outcome = try await meeting(port) {
                try port.ring.rotate(at: port.clock.now)
                return try port.keys.delete(web1)
            }
            #expect(outcome.failure == .pending && outcome.publishKey == nil)
            #expect(port.keys.entries().map(\.state) == [.pending])
        }
    }

    @Test("a sign-in that meets a rejection does not undo it, whatever rule would accept the key")
    func rejectedBefore() async throws {
        try await TestPort.with(policy: .everybody) { port in
            try port.keys.store(Make.keys[0].publicKey.pem, of: web1, as: .pending)
            let outcome = try await meeting(port) { try port.keys.move(web1, to: .rejected) }
            #expect(outcome.failure == .rejected && outcome.publishKey == nil)
            #expect(port.keys.entries().map(\.state) == [.rejected])
        }
    }

    /// Lets web1 sign in when the operator has begun to judge; the operator is done after the sign-in has come.
    private func meeting(_ port: TestPort, _ judge: @escaping @Sendable () throws -> Bool) async throws -> Outcome {
        let (begun, beginning) = AsyncStream<Never>.makeStream()
        let arrival = DispatchSemaphore(value: 0)
        async let isJudged = blocking {
            try port.keys.deciding {
                beginning.finish()
                arrival.wait()
                return try judge()
            }
        }
        for await _ in begun {}
        let joining = Joining("web1", at: port)
        await port.gate.passed.passes(0)
        arrival.signal()
        #expect(try await isJudged)
        return try await joining.outcome()
    }
}

extension KeyStore {
    /// Whether nobody judges a key now.
    fileprivate var isUndecided: Bool { decisions.withLockIfAvailable { _ in true } ?? false }
}

extension AutosignPolicy {
    fileprivate static var everybody: AutosignPolicy {
        var policy = AutosignPolicy()
        policy.acceptsAll = true
        return policy
    }
}

/// Runs what waits for a lock or a file on a thread that may wait.
private func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await NIOThreadPool.singleton.runIfActive(body)
}

/// What became of a sign-in.
private struct Outcome: Sendable {
    var failure: SignInFailure?
    var publishKey: KeyString?
    /// Whether the node is answered under its session when everything is over.
    var isServed: Bool
}

/// A node that signs in beside the test.
private struct Joining {
    private let task: Task<Outcome, any Error>
    private let end: AsyncStream<Never>.Continuation

    init(_ id: String, at port: TestPort) {
        let (over, end) = AsyncStream<Never>.makeStream()
        self.end = end
        task = Task {
            let node = try TestNode(id, at: port)
            let failure = try await node.signInFailure()
            for await _ in over {}
            let isServed = failure == nil ? try await node.ask(.mineGet) == .value([:]) : false
            return Outcome(failure: failure, publishKey: node.session?.publishKey, isServed: isServed)
        }
    }

    /// Everything is over: lets the node ask for something, and says what became of it.
    func outcome() async throws -> Outcome {
        end.finish()
        return try await task.value
    }
}

/// A stored key whose reader waits until the test hands it out: a pipe lies in its place.
private final class HeldKey {
    private let pem = Make.keys[0].publicKey.pem
    private let path: String
    private var writingEnd: Int32 = -1

    init(of node: NodeID, as state: KeyState, in keys: KeyStore) throws {
        path = "\(keys.directory)/\(state.directoryName)/\(node)"
        guard mkfifo(path, 0o600) == 0 else { throw FileError(.write, path, errno) }
        keys.rescan()
    }

    /// Waits until somebody is about to read the key: opening a pipe waits for its other end.
    func isRead() async throws {
        let path = path
        writingEnd = try await blocking { open(path, O_WRONLY | O_CLOEXEC) }
        guard writingEnd >= 0 else { throw FileError(.write, path, errno) }
    }

    /// Gives the key to who waits for it; whoever comes later finds an ordinary file.
    func giveOut() throws {
        try Files.write(Array(pem.utf8), to: path)
        let bytes = Array(pem.utf8)
        #expect(write(writingEnd, bytes, bytes.count) == bytes.count)
        close(writingEnd)
    }
}
