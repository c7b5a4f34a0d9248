package import MessagePack
package import NIOCore

/// Replies to requests: what a controller writes and what a node reads.
package enum RequestReply: Sendable, Hashable {
    /// Sealed bytes at the range: open them with the session key and the nonce of the request.
    case sealed(Range<Int>)
    /// The reply to `_pillar`: an RSA-encrypted key and what is sealed with that.
    case pillar(key: Range<Int>, sealed: Range<Int>)
    /// A text instead of sealed bytes: the session is no longer valid, sign in again and repeat the request once.
    case refused(String)

    /// Reads a reply, as a node does.
    package init(_ bytes: [UInt8]) throws(MessageError) { try self.init(bytes.span.bytes) }

    /// Reads a reply, as a node does. Texts are too short to be sealed bytes, and opening fails if they are not.
    package init(_ bytes: RawSpan, limits: MessagePackLimits = .standard) throws(MessageError) {
        do throws(MessagePackError) {
            var reader = MessagePackReader(bytes, limits: limits)
            let reply = try RequestReply.read(&reader)
            try reader.finish()
            guard let reply else { throw MessagePackError.unexpectedKind(offset: 0, expected: .string, found: .map) }
            self = reply
        } catch {
            throw .undecodable(error)
        }
    }

    private static func read(_ reader: inout MessagePackReader) throws(MessagePackError) -> RequestReply? {
        let start = reader.offset
        switch try reader.next() {
        case .string(let range), .binary(let range):
            if range.count >= Container.sealedCount(of: 0) { return .sealed(range) }
            return .refused(reader.text(range) ?? "unreadable")
        case .map(let count):
            var key: Range<Int>?
            var sealed: Range<Int>?
            var text: Range<Int>?
            for _ in 0..<count {
                guard let name = try reader.readTextOrSkip() else {
                    try reader.skip()
                    continue
                }
                if reader.matches(name, "key") {
                    key = try reader.readTextOrSkip()
                } else if reader.matches(name, "pillar") {
                    sealed = try reader.readTextOrSkip()
                } else if reader.matches(name, "msg") || reader.matches(name, "error") {
                    text = try reader.readTextOrSkip()
                } else {
                    try reader.skip()
                }
            }
            if let key, let sealed { return .pillar(key: key, sealed: sealed) }
            return text.flatMap { reader.text($0) }.map(RequestReply.refused)
        case let token:
            throw .unexpectedKind(offset: start, expected: .string, found: token.kind)
        }
    }
}

// MARK: Writing

extension RequestReply {
    /// Plain replies, encoded: what is sealed as the answer of the commands that have nothing more to say.
    package enum Plain {
        /// nil: the answer to `_return` and `_minion_event`.
        package static let null: [UInt8] = [0xc0]
        package static let yes: [UInt8] = [0xc3]
        package static let no: [UInt8] = [0xc2]
        /// `{}`: an unknown command, and what is not permitted.
        package static let emptyMap: [UInt8] = [0x80]
        /// An empty text: the command failed.
        package static let emptyText: [UInt8] = [0xa0]
    }

    /// Appends the sealed reply to a buffer, as a frame of its own.
    ///
    /// - Parameters:
    ///   - value: The encoded value.
    ///   - nonce: That of the request.
    package static func write(
        _ value: RawSpan, nonce: Nonce, sealedBy container: Container, into buffer: inout ByteBuffer
    ) throws(CryptographyError) {
        let count = Container.sealedCount(of: value.byteCount, nonce: nonce)
        buffer.reserveCapacity(minimumWritableBytes: count + 5)
        buffer.writeRawHead(count: count)
        try container.seal(value, nonce: nonce, into: &buffer)
    }
}

extension ByteBuffer {
    /// Writes the head of sealed bytes, which are never few, in the dialect of Salt's network.
    mutating func writeRawHead(count: Int) {
        if count <= 0xffff {
            writeMultipleIntegers(UInt8(0xda), UInt16(count))
        } else {
            writeMultipleIntegers(UInt8(0xdb), UInt32(clamping: count))
        }
    }
}
