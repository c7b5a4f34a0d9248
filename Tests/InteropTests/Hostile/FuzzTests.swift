import Foundation
import MusterCore
import MusterTestSupport
import NIOCore
import SaltProtocol
import Synchronization
import Testing
import ZMTP

/// Random and mutated bytes on both ports of a controller, which is a process of its own: it does not end, what it took it
/// gives back, and a node that does nothing wrong is answered all the while.
///
/// `MUSTER_FUZZ_FRAMES` sets how many frames are sent; `MUSTER_FUZZ_SEED` makes other ones.
@Suite(.serialized, .timeLimit(.minutes(30))) struct FuzzTests {
    private static let frames = number("MUSTER_FUZZ_FRAMES") ?? 100_000
    private static let seed = UInt64(number("MUSTER_FUZZ_SEED") ?? 20_261_121)
    /// Frames that one connection sends.
    private static let perConnection = 100

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    @Test("random and mutated frames: no crash, nothing kept, and others are served")
    func survives() async throws {
        try await SaltSite.with { site in
            let controller = try await site.startController(options: ["--log-level", "info"])
            let honest = try HonestNode("honest", port: site.ports.request)
            let hostile = try HonestNode("hostile", port: site.ports.request)
            for node in [honest, hostile] {
                await #expect(throws: SiteError.self) { try await node.join() }  // its key waits
                #expect(try await site.muster("keys", "accept", arguments: ["-y", node.id.text]).status == 0)
                try await node.join()
            }
            var fuzzer = try Fuzzer(seed: FuzzTests.seed, ports: site.ports, hostile: hostile)

            // What is made once and kept is there after a tenth of it.
            try await fuzzer.send(FuzzTests.frames / 10, FuzzTests.perConnection)
            try await site.waitUntilQuiet(controller)
            let before = try controller.usage()

            let isOver = Flag()
            var served = 0
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [fuzzer] in
                    defer { isOver.raise() }
                    var fuzzing = fuzzer
                    try await fuzzing.send(FuzzTests.frames, FuzzTests.perConnection)
                }
                while !isOver.isRaised {
                    #expect(try await honest.ask(.event("my/sign", data: [:], from: honest.id)) == .null)
                    served += 1
                }
                try await group.waitForAll()
            }
            #expect(served > 0)
            #expect(try await honest.ask(.event("my/sign", data: [:], from: honest.id)) == .null)

            try await site.waitUntilQuiet(controller)
            let after = try controller.usage()
            #expect(after.descriptors <= before.descriptors, "\(before) \(after)")
            #expect(after.residentBytes - before.residentBytes < 48 << 20, "\(before) \(after)")
            // What a peer can trigger is told once a minute.
            #expect(controller.output.split(separator: "\n").count < 500)
            let counters = try #require(try await site.musterJSON("status").first?["counters"])
            #expect(try #require(counters["muster_salt_requests_total"]?.int) > FuzzTests.frames / 2)
            #expect(try #require(counters["muster_salt_requests_malformed_total"]?.int) > 0)
            #expect(try #require(counters["muster_salt_protocol_violations_total"]?.int) > 0)
            await honest.leave()
            await hostile.leave()
            #expect(controller.isRunning)
            print(
                "fuzz: \(FuzzTests.frames) frames, \(served) honest requests meanwhile, before \(before), after \(after)"
            )
        }
    }
}

/// Says to another task that something is over.
private final class Flag: Sendable {
    private let state = Atomic(false)

    var isRaised: Bool { state.load(ordering: .relaxed) }
    func raise() { state.store(true, ordering: .relaxed) }
}

/// Makes frames from captured and fresh ones, and sends them.
private struct Fuzzer: Sendable {
    private let ports: (publish: Int, request: Int)
    private var random: SeededRandom
    /// Whole payloads of requests.
    private let payloads: [[UInt8]]
    /// Loads that the hostile node may seal: they get past every check of the outside.
    private let loads: [[UInt8]]
    private let key: KeyString
    private let id: String

    init(seed: UInt64, ports: (publish: Int, request: Int), hostile: HonestNode) throws {
        random = SeededRandom(seed: seed)
        self.ports = ports
        var payloads: [[UInt8]] = []
        for name in ["aes-file-hash", "aes-minion-event", "aes-serve-file", "return-client", "return-real-minion"] {
            for vector in try Vector.saltOfEachRelease(name) { payloads.append(try vector.bytes("request_hex")) }
        }
        let job = NodeRequest(
            .returned, from: hostile.id,
            fields: [
                "jid": "20261121000000000001", "return": ["a": [1, nil, "text"]], "retcode": 0, "success": true,
                "fun": "test.ping", "fun_args": [],
            ])
        let event = NodeRequest.events(
            [.init(tag: "my/tag", data: ["a": 1]), .init(tag: "salt/key", data: [:])], from: hostile.id, prefix: "x")
        let pillar = PillarRequest(grains: ["os": "Debian"], environment: "base").request(from: hostile.id)
        let requests = try [job, event, pillar].map(hostile.request)
        payloads += requests.map(\.frame)
        payloads.append(
            SignInRequest(
                id: "stranger", nonce: try .random(), publicKey: try PrivateKey.generate(bits: 1024).publicKey
            )
            .encoded())
        self.payloads = payloads
        loads = requests.map(\.load)
        guard let session = hostile.session else { throw SiteError("not signed in") }
        (key, id) = (session.sessionKey, hostile.id.text)
    }

    /// Sends so many frames, over as many connections as it takes.
    mutating func send(_ frames: Int, _ perConnection: Int) async throws {
        var left = frames
        while left > 0 {
            let count = min(left, perConnection)
            switch Int.random(in: 0..<10, using: &random) {
            case 0: try await sendStream(count, to: ports.publish, as: .sub)
            case 1, 2: try await sendStream(count, to: ports.request, as: .req)
            default: try await sendRequests(count)
            }
            left -= count
        }
    }

    /// Messages in good form with bad contents: each of them is answered.
    private mutating func sendRequests(_ count: Int) async throws {
        var bytes = RawConnection.handshake(.req)
        for _ in 0..<count {
            bytes += Array(buffer: Message(request: ByteBuffer(bytes: try payload())).wire)
        }
        let connection = try await RawConnection(port: ports.request, as: .req)
        await connection.write(bytes)
        let answers = try await connection.answers(count)
        #expect(answers == count)
        await connection.close()
    }

    private mutating func payload() throws -> [UInt8] {
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
            return (0..<Int.random(in: 0..<300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        case 1...4:
            let load = random.mutate(loads.randomElement(using: &random) ?? [])
            return RequestEnvelope.sealed(load: try Container(key).seal(load), id: id)
        default: return random.mutate(payloads.randomElement(using: &random) ?? [])
        }
    }

    /// A stream that is broken somewhere: most end with the connection.
    private mutating func sendStream(_ count: Int, to port: Int, as type: SocketType) async throws {
        for _ in 0..<count / 10 {
            var bytes = RawConnection.handshake(type)
            for _ in 0..<9 {
                bytes +=
                    type == .sub
                    ? Array(buffer: Command.subscribe(topic: ByteBuffer(string: "topic")).encoded)
                    : Array(
                        buffer: Message(request: ByteBuffer(bytes: payloads.randomElement(using: &random) ?? [])).wire)
            }
            let connection = try await RawConnection(port: port, as: type)
            await connection.write(random.mutate(bytes))
            await connection.close()
        }
    }
}

extension ChildProcess {
    /// What a process has of the machine.
    struct Usage: CustomStringConvertible {
        var residentBytes: Int
        var descriptors: Int

        var description: String { "\(residentBytes >> 20) MB and \(descriptors) descriptors" }
    }

    func usage() throws -> Usage {
        let pages = try Files.text("/proc/\(pid)/statm").split(separator: " ").dropFirst().first.flatMap { Int($0) }
        guard let pages else { throw SiteError("there is no memory of \(name)") }
        return Usage(residentBytes: pages * Int(getpagesize()), descriptors: Files.list("/proc/\(pid)/fd").count)
    }
}

extension SaltSite {
    /// Waits until the ports of the controller have no connections but those that stay.
    fileprivate func waitUntilQuiet(_ controller: ChildProcess) async throws {
        var last = Int.max
        try await poll("connections are closed", within: .seconds(60)) {
            let now = try controller.usage().descriptors
            defer { last = now }
            return now == last
        }
    }
}
