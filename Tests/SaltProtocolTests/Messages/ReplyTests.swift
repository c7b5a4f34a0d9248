import MessagePack
import MusterCore
import MusterTestSupport
import NIOCore
import Testing

@testable import SaltProtocol

struct ReplyTests {
    @Test("a node tells sealed bytes, refusals and pillar replies apart")
    func kinds() throws {
        let refusals: [(Value, String)] = [
            ("bad load", "bad load"),
            ("Some exception handling minion payload", "Some exception handling minion payload"),
            (["msg": "bad load"], "bad load"), (["error": "AES key not found"], "AES key not found"), ("", ""),
        ]
        for (value, text) in refusals {
            #expect(try RequestReply(value.messagePack()) == .refused(text))
        }
        let pillar = (["key": "abc", "pillar": "defg"] as Value).messagePack()
        let parsed = try RequestReply(pillar)
        guard case .pillar(let key, let sealed) = parsed else {
            Issue.record("not a pillar reply")
            return
        }
        #expect(Array(pillar[key]) == Array("abc".utf8))
        #expect(Array(pillar[sealed]) == Array("defg".utf8))
        for value: Value in [.null, 5, [1], ["x": 1], [:]] {
            #expect(throws: MessageError.self) { try RequestReply(value.messagePack()) }
        }
        #expect(throws: MessageError.self) { try RequestReply([0xa5]) }
    }

    @Test(
        "every refusal is read as one by a node",
        arguments: [
            RequestRefusal.notAnEnvelope, .loadIsNoMap, .idContainsNull, .noCommand(id: "x"), .failed,
            .undecodable(.reservedByte(offset: 0)),
        ])
    func refusals(_ refusal: RequestRefusal) throws {
        let parsed = try RequestReply(refusal.answer)
        guard case .refused = parsed else {
            Issue.record("\(refusal) is not understood")
            return
        }
    }

    @Test func writesRepliesOfEveryLength() throws {
        let container = try Container(KeyString.random())
        let nonce = try Nonce.random()
        for count in [0, 1, 300, 65_300, 65_500, 70_000] {
            let value = (Value.bytes([UInt8](repeating: 0xff, count: count))).messagePack()
            var buffer = ByteBuffer()
            try RequestReply.write(value.span.bytes, nonce: nonce, sealedBy: container, into: &buffer)
            let parsed = try RequestReply(Array(buffer.readableBytesView))
            guard case .sealed(let range) = parsed else {
                Issue.record("\(count) bytes were not read as sealed")
                continue
            }
            let opened = try container.open(Array(buffer.readableBytesView)[range].map { $0 }, expecting: nonce)
            #expect(opened == value)
        }
    }
}
