import MessagePack
import MusterCore
import NIOCore
import SaltProtocol

/// Writes requests under session keys, without taking memory for the same things again and again.
///
/// Owner: the fleet's event loop.
final class RequestWriter {
    private var load = MessagePackWriter(.raw, capacity: 4096)
    private var stamp = (time: Timestamp(microseconds: 0), text: "")

    /// A return.
    func write(
        _ answer: ReturnTemplate, of node: NodeID, token: [UInt8], nonce: Nonce, sealedBy container: Container
    ) throws(CryptographyError) -> ByteBuffer {
        let now = Timestamp.now
        load.removeAll()
        answer.write(from: node, stamp: text(of: now), nonce: nonce, now: now, token: token, into: &load)
        let bytes = load.bytes
        return try seal(bytes, of: node, by: container)
    }

    /// Any other request.
    func write(
        _ request: NodeRequest, token: [UInt8], nonce: Nonce, sealedBy container: Container
    ) throws(CryptographyError) -> ByteBuffer {
        try seal(request.encoded(nonce: nonce, now: .now, token: token), of: request.node, by: container)
    }

    private func seal(
        _ load: [UInt8], of node: NodeID, by container: Container
    ) throws(CryptographyError) -> ByteBuffer {
        var frame = ByteBuffer()
        try RequestEnvelope.write(sealing: load.span.bytes, by: container, id: node.text, into: &frame)
        return frame
    }

    /// The time as text, exact to a millisecond: making it costs more than sealing the return.
    private func text(of now: Timestamp) -> String {
        if (now - stamp.time).microseconds.magnitude > 1000 { stamp = (now, now.iso8601) }
        return stamp.text
    }
}
