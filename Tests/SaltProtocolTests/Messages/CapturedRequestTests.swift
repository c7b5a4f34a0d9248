import MessagePack
import MusterCore
import MusterTestSupport
import NIOCore
import Testing

@testable import SaltProtocol

/// Whole conversations of unchanged peers, from the frame to the value and back to the same bytes.
struct CapturedRequestTests {
    @Test func thereAreManyCaptures() {
        #expect(CapturedRequest.all.count >= 23)
    }

    @Test("a captured request passes every check and holds what its peer said", arguments: CapturedRequest.all)
    func passes(_ capture: CapturedRequest) throws {
        let (request, opened) = try capture.check()
        #expect(try Value(messagePack: opened) == .map(capture.load))
        #expect(request.node.text == capture.load["id"]?.string)
        #expect(request.command?.rawValue == capture.load["cmd"]?.string)
        #expect(request.nonce.description == capture.load["nonce"]?.string)
        #expect(request.load.time == capture.load["ts"]?.int)
    }

    @Test("a captured request can be written again to the same bytes", arguments: CapturedRequest.all)
    func rewrites(_ capture: CapturedRequest) throws {
        let opened = try capture.opened()
        #expect(try Value(messagePack: opened).messagePack() == opened)
        let envelope = try RequestEnvelope(capture.frame)
        let sealed = Array(capture.frame[envelope.load])
        let again = try Container(capture.session).seal(opened, nonce: nil, initializationVector: Array(sealed[..<16]))
        #expect(again == sealed)
        #expect(RequestEnvelope.sealed(load: again, id: capture.load["id"]?.string ?? "") == capture.frame)
    }

    @Test("a changed byte anywhere in the load is noticed", arguments: CapturedRequest.all("_return"))
    func noticesChanges(_ capture: CapturedRequest) throws {
        let envelope = try RequestEnvelope(capture.frame)
        let container = try Container(capture.session)
        for place in stride(from: envelope.load.lowerBound, to: envelope.load.upperBound, by: 7) {
            var frame = capture.frame
            frame[place] ^= 1
            #expect(throws: ContainerError.wrongMAC) { try container.open(Array(frame[envelope.load])) }
        }
    }

    @Test("a captured reply opens with the nonce of its request", arguments: CapturedRequest.all)
    func replies(_ capture: CapturedRequest) throws {
        guard let reply = capture.reply else { return }
        let parsed = try RequestReply(reply)
        guard case .sealed(let range) = parsed else {
            Issue.record("not a sealed reply")
            return
        }
        let container = try Container(capture.session)
        let nonce = try #require(capture.load["nonce"]?.string.flatMap { Nonce($0) })
        let value = try container.open(Array(reply[range]), expecting: nonce)
        let again = try container.seal(
            value, nonce: nonce, initializationVector: Array(reply[range][range.lowerBound..<(range.lowerBound + 16)]))
        #expect(again == Array(reply[range]))
        if ["_return", "_minion_event", "_syndic_return"].contains(capture.load["cmd"]?.string) {
            #expect(value == RequestReply.Plain.null)
        }
        var buffer = ByteBuffer()
        try RequestReply.write(value.span.bytes, nonce: nonce, sealedBy: container, into: &buffer)
        let ours = Array(buffer.readableBytesView)
        #expect(ours.prefix(range.lowerBound) == reply.prefix(range.lowerBound))
        #expect(ours.count == reply.count)
        #expect(try RequestReply(ours) == .sealed(range))
    }

    @Test("every command of a minion's start is known", arguments: try Vector.saltOfEachRelease("startup-sequence"))
    func startup(_ vector: Vector) throws {
        let sequence = try #require(try vector.value("sequence").array)
        #expect(sequence.count > 4)
        for step in sequence {
            let name = try #require(step["cmd"]?.string)
            let isKnown = ClearCommand(rawValue: name) != nil || MinionCommand(rawValue: name) != nil
            #expect(isKnown, "\(name)")
        }
    }
}
