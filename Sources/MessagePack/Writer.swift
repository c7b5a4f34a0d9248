/// Writes MessagePack into a buffer of its own.
///
/// Numbers, lengths and counts take their shortest form. The writer does not check that a container gets as many values
/// as its head announces: that is the caller's part. Reuse one with `removeAll()`, or take the bytes with `finish()`.
public struct MessagePackWriter: ~Copyable {
    /// Which generation of the format is written. Readers accept both.
    public enum Dialect: Hashable, Sendable {
        /// Before 2013: text and bytes alike as raw (fixstr, raw16, raw32); no str8 and no bin. What Salt sends.
        case raw
        /// Text as str, str8 included, and bytes as bin.
        case modern
    }

    public let dialect: Dialect
    /// What has been written.
    public private(set) var bytes: [UInt8] = []

    /// An empty writer with room for `capacity` bytes.
    public init(_ dialect: Dialect, capacity: Int = 256) {
        self.dialect = dialect
        bytes.reserveCapacity(capacity)
    }

    /// Ends the writer and gives what it wrote.
    public consuming func finish() -> [UInt8] { bytes }

    /// Starts over and keeps the memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    // MARK: Scalars

    /// Writes nil.
    public mutating func writeNull() { bytes.append(0xc0) }

    /// Writes a boolean.
    public mutating func write(_ value: Bool) { bytes.append(value ? 0xc3 : 0xc2) }

    /// Writes an integer.
    public mutating func write(_ value: Int64) {
        switch value {
        case 0...: write(UInt64(value))
        case -0x20 ... -1: bytes.append(UInt8(truncatingIfNeeded: value))
        case -0x80 ... -1: append(0xd0, Int8(value))
        case -0x8000 ... -1: append(0xd1, Int16(value))
        case -0x8000_0000 ... -1: append(0xd2, Int32(value))
        default: append(0xd3, value)
        }
    }

    /// Writes an integer.
    public mutating func write(_ value: Int) { write(Int64(value)) }

    /// Writes an integer.
    public mutating func write(_ value: UInt64) {
        switch value {
        case 0...0x7f: bytes.append(UInt8(value))
        case 0...0xff: append(0xcc, UInt8(value))
        case 0...0xffff: append(0xcd, UInt16(value))
        case 0...0xffff_ffff: append(0xce, UInt32(value))
        default: append(0xcf, value)
        }
    }

    /// Writes a number of four bytes.
    public mutating func write(_ value: Float) { append(0xca, value.bitPattern) }

    /// Writes a number of eight bytes.
    public mutating func write(_ value: Double) { append(0xcb, value.bitPattern) }

    // MARK: Text and bytes

    /// Writes text.
    public mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in writeString(UnsafeRawBufferPointer(utf8)) }
    }

    /// Writes text that is known when compiling, as the keys of messages are.
    public mutating func writeKey(_ text: StaticString) {
        writeString(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Writes bytes as text without asking whether they are UTF-8.
    public mutating func writeString(_ contents: UnsafeRawBufferPointer) {
        let count = contents.count
        switch count {
        case 0...0x1f: bytes.append(0xa0 | UInt8(count))
        case 0...0xff where dialect == .modern: append(0xd9, UInt8(count))
        case 0...0xffff: append(0xda, UInt16(count))
        default: append(0xdb, length(count))
        }
        bytes.append(contentsOf: contents)
    }

    /// Writes bytes as text without asking whether they are UTF-8.
    public mutating func writeString(_ contents: [UInt8]) {
        contents.withUnsafeBytes { writeString($0) }
    }

    /// Writes bytes: as bin, or in the raw dialect as raw.
    public mutating func writeBinary(_ contents: UnsafeRawBufferPointer) {
        guard dialect == .modern else { return writeString(contents) }
        let count = contents.count
        switch count {
        case 0...0xff: append(0xc4, UInt8(count))
        case 0...0xffff: append(0xc5, UInt16(count))
        default: append(0xc6, length(count))
        }
        bytes.append(contentsOf: contents)
    }

    /// Writes bytes: as bin, or in the raw dialect as raw.
    public mutating func writeBinary(_ contents: [UInt8]) {
        contents.withUnsafeBytes { writeBinary($0) }
    }

    /// Writes an extension value.
    public mutating func writeExtension(type: Int8, _ contents: [UInt8]) {
        let count = contents.count
        switch count {
        case 1: bytes.append(0xd4)
        case 2: bytes.append(0xd5)
        case 4: bytes.append(0xd6)
        case 8: bytes.append(0xd7)
        case 16: bytes.append(0xd8)
        case 0...0xff: append(0xc7, UInt8(count))
        case 0...0xffff: append(0xc8, UInt16(count))
        default: append(0xc9, length(count))
        }
        bytes.append(UInt8(bitPattern: type))
        bytes.append(contentsOf: contents)
    }

    // MARK: Containers

    /// Writes the head of an array; `count` values must follow.
    public mutating func writeArray(count: Int) {
        switch count {
        case 0...0x0f: bytes.append(0x90 | UInt8(count))
        case 0...0xffff: append(0xdc, UInt16(count))
        default: append(0xdd, length(count))
        }
    }

    /// Writes the head of a map; `count` keys, each with its value behind it, must follow.
    public mutating func writeMap(count: Int) {
        switch count {
        case 0...0x0f: bytes.append(0x80 | UInt8(count))
        case 0...0xffff: append(0xde, UInt16(count))
        default: append(0xdf, length(count))
        }
    }

    /// Writes a value that is MessagePack already, as it is.
    public mutating func writeEncoded(_ contents: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: contents)
    }

    /// Writes a value that is MessagePack already, as it is.
    public mutating func writeEncoded(_ contents: [UInt8]) {
        bytes.append(contentsOf: contents)
    }

    // MARK: Private

    private mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(_ first: UInt8, _ number: Number) {
        bytes.append(first)
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private func length(_ count: Int) -> UInt32 {
        guard let length = UInt32(exactly: count) else {
            preconditionFailure("MessagePack has no length for \(count) bytes or values")
        }
        return length
    }
}
