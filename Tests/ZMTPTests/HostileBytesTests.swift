import MusterCore
import MusterTestSupport
import NIOCore
import Testing
import ZMTP

/// What peers must not send, each with the error it gets, and the last good thing before it.
struct HostileBytesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let error: ZMTPError
        var socketType = SocketType.router

        var testDescription: String { name }
    }

    static let greeting = "ff00000000000000017f03014e554c4c" + String(repeating: "00", count: 48)
    static let limits = Limits(maxFrameBytes: 1000, maxMessageBytes: 1500, maxFrames: 4, maxCommandBytes: 200)

    static func ready(_ type: String, identity: [UInt8] = []) -> [UInt8] {
        let value = [UInt8](type.utf8)
        let body =
            [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, UInt8(value.count)] + value + [8]
            + Array("Identity".utf8) + [0, 0, 0, UInt8(identity.count)] + identity
        return [4, UInt8(body.count)] + body
    }

    static func greeted(_ hex: String = "") -> [UInt8] { [UInt8](hex: greeting + hex) ?? [] }
    static func open(_ hex: String) -> [UInt8] { greeted() + ready("REQ") + ([UInt8](hex: hex) ?? []) }

    static let cases: [Case] = [
        Case(name: "HTTP", bytes: Array("GET / HTTP/1.1\r\n".utf8), error: .notZMTP),
        Case(name: "TLS", bytes: [0x16, 0x03, 0x01], error: .notZMTP),
        Case(name: "ZMTP 1", bytes: [0x01, 0x00], error: .notZMTP),
        Case(name: "ZMTP 1, long", bytes: [0xff, 0, 0, 0, 0, 0, 0, 1, 0, 0], error: .unsupportedVersion(major: 1)),
        Case(name: "ZMTP 2", bytes: [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1], error: .unsupportedVersion(major: 2)),
        Case(
            name: "CURVE",
            bytes: [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1] + Array("CURVE".utf8) + Array(repeating: 0, count: 47),
            error: .mechanismMismatch(peer: Mechanism(name: "CURVE"), ours: .null)),
        Case(name: "message instead of READY", bytes: greeted("0000"), error: .readyExpected),
        Case(name: "PING instead of READY", bytes: greeted("04070450494e470000"), error: .readyExpected),
        Case(name: "ERROR", bytes: greeted("04 0a 05 4552524f52 03 626164"), error: .refusedByPeer(reason: "bad")),
        Case(name: "no socket type", bytes: greeted("0406055245414459"), error: .missingSocketType),
        Case(name: "socket type of no kind", bytes: greeted() + ready("ROUTE"), error: .unknownSocketType("ROUTE")),
        Case(
            name: "socket type that does not fit", bytes: greeted() + ready("SUB"),
            error: .incompatibleSocketTypes(peer: .sub, ours: .router)),
        Case(name: "metadata cut short", bytes: greeted("0408 055245414459 0b53"), error: .malformedMetadata),
        Case(
            name: "metadata with a length of 4 GiB", bytes: greeted("040c 055245414459 0161 ffffffff"),
            error: .malformedMetadata),
        Case(
            name: "reserved identity", bytes: greeted() + ready("REQ", identity: [0, 1, 2, 3, 4]),
            error: .reservedIdentity),
        Case(name: "command without a name", bytes: greeted("040100"), error: .malformedCommand(name: "nameless")),
        Case(name: "reserved flags", bytes: open("0800"), error: .reservedFlags(8)),
        Case(name: "all flags", bytes: open("ff00"), error: .reservedFlags(0xff)),
        Case(name: "command with MORE", bytes: open("0500"), error: .commandWithMore),
        Case(
            name: "2^62 bytes", bytes: open("024000000000000000"),
            error: .frameTooLarge(declaredBytes: 1 << 62, limitBytes: 1000)),
        Case(
            name: "2^64 - 1 bytes", bytes: open("02ffffffffffffffff"),
            error: .frameTooLarge(declaredBytes: .max, limitBytes: 1000)),
        Case(
            name: "one byte over", bytes: open("0200000000000003e9"),
            error: .frameTooLarge(declaredBytes: 1001, limitBytes: 1000)),
        Case(
            name: "command of 2^63 bytes", bytes: open("068000000000000000"),
            error: .commandTooLarge(declaredBytes: 1 << 63, limitBytes: 200)),
        Case(
            name: "message over the limit in two frames",
            bytes: open("0300000000000003e8" + String(repeating: "61", count: 1000) + "0200000000000001f5"),
            error: .messageTooLarge(limitBytes: 1500)),
        Case(name: "five frames", bytes: open("0100010001000100" + "0000"), error: .tooManyFrames(limit: 4)),
        Case(name: "PING without time to live", bytes: open("04050450494e47"), error: .malformedCommand(name: "PING")),
        Case(
            name: "READY again", bytes: open("0406055245414459"), error: .unexpectedCommand(name: "READY")),
        Case(
            name: "SUBSCRIBE to a ROUTER", bytes: open("040a 09 535542534352494245"),
            error: .unexpectedCommand(name: "SUBSCRIBE")),
    ]

    @Test("is refused, whole and drip-fed, and nothing after it is looked at", arguments: cases)
    func refuses(_ hostile: Case) {
        for chunk in [hostile.bytes.count, 1, 7] {
            var session = Session(Session.Configuration(hostile.socketType, limits: HostileBytesTests.limits))
            var error: ZMTPError?
            for start in stride(from: 0, to: hostile.bytes.count, by: chunk) where error == nil {
                session.received(ByteBuffer(bytes: hostile.bytes[start..<min(start + chunk, hostile.bytes.count)]))
                do throws(ZMTPError) { while try session.next() != nil {} } catch let thrown { error = thrown }
            }
            #expect(error == hostile.error)
            session.received(ByteBuffer(bytes: HostileBytesTests.greeted()))
            #expect((try? session.next()) == .some(.none))
            #expect(!hostile.error.description.isEmpty)
        }
    }

    @Test("is survived when mutated: no crash, and the same outcome whole and drip-fed")
    func survivesMutations() throws {
        var random = SeededRandom(seed: 37)
        for file in try Corpus.all() {
            for _ in 0..<300 {
                let bytes = random.mutate(file)
                for type in [SocketType.router, .pub, .pull] {
                    #expect(
                        outcome(of: bytes, chunk: max(1, bytes.count), as: type)
                            == outcome(of: bytes, chunk: 3, as: type))
                }
            }
        }
    }

    private func outcome(of bytes: [UInt8], chunk: Int, as type: SocketType) -> [String] {
        var session = Session(Session.Configuration(type, limits: HostileBytesTests.limits))
        var outcome: [String] = []
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            session.received(ByteBuffer(bytes: bytes[start..<min(start + chunk, bytes.count)]))
            do throws(ZMTPError) {
                while let event = try session.next() { outcome.append(summary(event)) }
            } catch {
                return outcome + ["\(error)"]
            }
        }
        return outcome
    }

    private func summary(_ event: Session.Event) -> String {
        switch event {
        case .send(let bytes): "send \(bytes.readableBytes)"
        case .established(let peer): "established \(peer.socketType) \(Array(peer.identity.readableBytesView))"
        case .message(let message): "message \(message.frames.map { Array($0.readableBytesView) })"
        case .subscribe(let topic): "subscribe \(Array(topic.readableBytesView))"
        case .cancel(let topic): "cancel \(Array(topic.readableBytesView))"
        case .ping(let timeToLive, let answer): "ping \(timeToLive.nanoseconds) \(Array(answer.readableBytesView))"
        case .pong: "pong"
        }
    }
}
