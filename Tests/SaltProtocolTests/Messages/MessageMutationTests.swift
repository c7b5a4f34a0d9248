import MessagePack
import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

/// Every decoder of messages against the captured ones, changed at random, always the same way. The captured messages
/// are the corpus; inputs that once broke something are added to `Tests/MessagePackTests/Corpus`.
struct MessageMutationTests {
    @Test("no decoder fails on what nobody should send")
    func decodersEnd() throws {
        var random = SeededRandom(seed: 0x7361_6c74)
        var outcomes = (read: 0, refused: 0)
        let node = try #require(NodeID("n1"))
        for seed in try seeds() {
            for round in 0..<150 {
                let bytes = round == 0 ? seed : random.mutate(seed)
                decode(bytes, node, &outcomes)
            }
        }
        #expect(outcomes.read > 1000)
        #expect(outcomes.refused > 1000)
    }

    private func seeds() throws -> [[UInt8]] {
        var seeds = CapturedRequest.all.map(\.frame)
        for capture in CapturedRequest.all { seeds.append(try capture.opened()) }
        for vector in try Vector.saltOfEachRelease("publish") {
            seeds.append(try vector.bytes("frame_hex"))
            seeds.append(Array(try vector.bytes("load_plaintext_hex").dropFirst(8)))
        }
        for vector in try Vector.saltOfEachRelease("event-bus") { seeds.append(try vector.bytes("frame_hex")) }
        for vector in try Vector.saltOfEachRelease("return-client") { seeds.append(try vector.bytes("reply_hex")) }
        return seeds
    }

    /// Ranges that a decoder hands out must lie in the bytes it read.
    private func decode(_ bytes: [UInt8], _ node: NodeID, _ outcomes: inout (read: Int, refused: Int)) {
        func count(_ body: () throws -> Void) {
            do {
                try body()
                outcomes.read += 1
            } catch {
                #expect(!"\(error)".isEmpty)
                outcomes.refused += 1
            }
        }
        count {
            let envelope = try RequestEnvelope(bytes)
            #expect(bytes.indices.contains(envelope.load) || envelope.load.isEmpty)
            _ = try RequestRules(acceptsVersion2: true).key(of: envelope, in: bytes)
        }
        count {
            let load = try RequestLoad(bytes)
            var replays = ReplayMemory()
            _ = try? EventMessage(load, in: bytes).fired(from: .relay(node))
            _ = try? ReturnMessage(load, in: bytes, from: node)
            _ = try RequestRules().check(
                load, in: bytes, openedWith: .session(node), now: Timestamp(seconds: load.time ?? 0),
                replays: &replays
            ) { _, range in bytes.indices.contains(range) }
        }
        count { _ = try PublishEnvelope(bytes) }
        count {
            let load = try PublishLoad(messagePack: bytes)
            #expect(try PublishLoad(messagePack: load.encoded()) == load)
        }
        count { _ = try SyndicReturn.read(bytes) }
        count { _ = try PillarRequest(bytes) }
        count { _ = try RequestReply(bytes) }
        count { _ = try BusEvent.read(frame: bytes) }
        count { _ = try ClearCommand.named(in: bytes) }
    }
}
