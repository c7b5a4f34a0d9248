import MessagePack
package import MusterCore

/// An event on the local bus of a Salt daemon: `TAG`, two line feeds, and a map in the modern dialect.
///
/// Sockets carry it as MessagePack `{head: {}, body: EVENT}`; 3006 puts the length in front. ``encodedFrame`` and
/// ``read(frame:)`` are about that frame without a length.
///
/// Source: `docs/protocols/salt.md`, section 12; Salt 3006, `salt/utils/event.py`, `SaltEvent.pack` and `unpack`.
package struct BusEvent: Sendable, Hashable {
    package var tag: String
    package var data: Value

    package init(tag: String, data: Value) {
        self.tag = tag
        self.data = data
    }

    private static let separator: [UInt8] = [0x0a, 0x0a]

    /// Reads a frame and nothing behind it.
    package static func read(frame: [UInt8]) throws(MessageError) -> BusEvent {
        do throws(MessagePackError) {
            var reader = MessagePackReader(frame.span.bytes)
            var body: Range<Int>?
            for _ in 0..<(try reader.readMap()) {
                if let key = try reader.readTextOrSkip(), reader.matches(key, "body") {
                    body = try reader.readTextOrSkip()
                } else {
                    try reader.skip()
                }
            }
            try reader.finish()
            return try BusEvent(body: body.map { reader.array($0) } ?? [])
        } catch {
            throw .undecodable(error)
        }
    }

    private init(body: [UInt8]) throws(MessagePackError) {
        guard let end = body.firstRange(of: BusEvent.separator) else { throw .invalidText(offset: 0) }
        guard let tag = String(validating: body[..<end.lowerBound], as: UTF8.self) else {
            throw .invalidText(offset: 0)
        }
        self.init(tag: tag, data: try Value(messagePack: Array(body[end.upperBound...])))
    }

    /// The frame.
    package func encodedFrame() -> [UInt8] {
        var writer = MessagePackWriter(.modern)
        writer.writeMap(count: 2)
        writer.writeKey("head")
        writer.writeMap(count: 0)
        writer.writeKey("body")
        writer.writeBinary(Array(tag.utf8) + BusEvent.separator + data.messagePack(.modern))
        return writer.finish()
    }
}
