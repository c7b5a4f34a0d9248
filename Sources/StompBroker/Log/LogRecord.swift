import NIOCore
import STOMP

/// The form of entries on disk: those that were appended together are one record, which is there as a whole or not at all.
///
///     record  = length checksum 1*entry          ; both of 32 bits, over the entries
///     entry   = %x01 id expires priority escaping line-count line-bytes queue tail
///             / %x02 id queue                    ; moved
///             / %x03 id                          ; done
///     id      = 8OCTET
///     expires = 8OCTET                           ; milliseconds since 1970
///     queue   = 2OCTET *OCTET
///     tail    = 4OCTET *OCTET
///
/// Numbers are big-endian; `priority` and `escaping` have one byte, `line-count` and `line-bytes` four.
enum LogRecord {
    /// What stands before the entries.
    static let headBytes = 8
    /// More than any record has; a length beyond it is no length.
    static let maxBytes = 1 << 30

    /// Appends the record of some entries.
    static func encode(_ entries: [LogEntry], into buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        buffer.writeMultipleIntegers(UInt32(0), UInt32(0))
        for entry in entries { encode(entry, into: &buffer) }
        let body = start + headBytes
        var checksum = Checksum()
        buffer.withUnsafeReadableBytes { bytes in
            let offset = body - buffer.readerIndex
            checksum.update(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
        }
        buffer.setInteger(UInt32(buffer.writerIndex - body), at: start)
        buffer.setInteger(checksum.value, at: start + 4)
    }

    /// Takes the first record.
    ///
    /// - Returns: Its entries; nil when it is not whole, or no record, and nothing was taken.
    static func decode(from buffer: inout ByteBuffer) -> [LogEntry]? {
        var rest = buffer
        guard let (length, checksum) = rest.readMultipleIntegers(as: (UInt32, UInt32).self), length > 0,
            length <= maxBytes, var body = rest.readSlice(length: Int(length))
        else { return nil }
        var sum = Checksum()
        body.withUnsafeReadableBytes { sum.update($0) }
        guard sum.value == checksum else { return nil }
        var entries: [LogEntry] = []
        while body.readableBytes > 0 {
            guard let entry = decodeEntry(from: &body) else { return nil }
            entries.append(entry)
        }
        buffer = rest
        return entries
    }

    private static func encode(_ entry: LogEntry, into buffer: inout ByteBuffer) {
        switch entry {
        case .stored(let message, let queue):
            buffer.writeMultipleIntegers(
                UInt8(1), message.id, message.expires.milliseconds, UInt8(message.priority), code(message.escaping),
                UInt32(message.lineCount), UInt32(message.lineBytes))
            write(queue, into: &buffer)
            buffer.writeInteger(UInt32(message.tail.readableBytes))
            buffer.writeImmutableBuffer(message.tail)
        case .moved(let id, let queue):
            buffer.writeMultipleIntegers(UInt8(2), id)
            write(queue, into: &buffer)
        case .done(let id): buffer.writeMultipleIntegers(UInt8(3), id)
        }
    }

    private static func decodeEntry(from buffer: inout ByteBuffer) -> LogEntry? {
        guard let (kind, id) = buffer.readMultipleIntegers(as: (UInt8, UInt64).self) else { return nil }
        switch kind {
        case 1: return decodeMessage(id: id, from: &buffer)
        case 2: return readText(&buffer).map { .moved(id: id, queue: $0) }
        case 3: return .done(id: id)
        default: return nil
        }
    }

    private static func decodeMessage(id: UInt64, from buffer: inout ByteBuffer) -> LogEntry? {
        typealias Numbers = (Int64, UInt8, UInt8, UInt32, UInt32)
        guard let (expires, priority, code, count, lineBytes) = buffer.readMultipleIntegers(as: Numbers.self),
            let escaping = escaping(code), let queue = readText(&buffer),
            let length = buffer.readInteger(as: UInt32.self),
            lineBytes <= length, let slice = buffer.readSlice(length: Int(length))
        else { return nil }
        // A copy: the slice would hold on to the whole segment.
        let tail = ByteBuffer(bytes: slice.readableBytesView)
        let message = StoredMessage(
            id: id, tail: tail, lineBytes: Int(lineBytes), lineCount: Int(count), escaping: escaping,
            expires: Moment(milliseconds: expires), priority: min(9, Int(priority)), isLogged: true)
        return .stored(message, queue: queue)
    }

    private static func write(_ text: String, into buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt16(text.utf8.count))
        buffer.writeString(text)
    }

    private static func readText(_ buffer: inout ByteBuffer) -> String? {
        buffer.readInteger(as: UInt16.self).flatMap { buffer.readString(length: Int($0)) }
    }

    private static func code(_ escaping: Escaping) -> UInt8 {
        switch escaping {
        case .none: 0
        case .v1_1: 1
        case .v1_2: 2
        }
    }

    private static func escaping(_ code: UInt8) -> Escaping? {
        switch code {
        case 0: Escaping.none
        case 1: .v1_1
        case 2: .v1_2
        default: nil
        }
    }
}
