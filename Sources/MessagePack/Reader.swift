/// Reads MessagePack in place, token by token; allocates nothing and copies nothing.
///
/// Bytes come back as ranges into the input. Every operation looks before it consumes: one that throws leaves `offset`
/// where it was, at the value that was refused. Both generations of the format are read: raw as well as str and bin.
///
/// ```swift
/// var reader = MessagePackReader(buffer.readableBytesSpan)
/// for _ in 0..<(try reader.readMap()) {
///     let key = try reader.readString()
///     if reader.matches(key, "jid") { jid = try reader.readString() } else { try reader.skip() }
/// }
/// ```
///
/// Source: https://github.com/msgpack/msgpack/blob/master/spec.md
public struct MessagePackReader: ~Escapable {
    /// The whole input; ranges count from its start.
    public let bytes: RawSpan
    /// Where the next value begins.
    public private(set) var offset = 0
    public let limits: MessagePackLimits

    /// A reader at the start of the bytes.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, limits: MessagePackLimits = .standard) {
        self.bytes = bytes
        self.limits = limits
    }

    /// Whether everything has been read.
    public var isAtEnd: Bool { offset == bytes.byteCount }

    /// How many bytes have not been read.
    public var remaining: Int { bytes.byteCount - offset }

    // MARK: Tokens

    /// Reads a scalar, a run of bytes, or the head of a container.
    public mutating func next() throws(MessagePackError) -> MessagePackToken {
        guard offset < bytes.byteCount else { throw .truncated(offset: offset, missingBytes: 1) }
        let byte = bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
        switch byte {
        case 0x00...0x7f: return scalar(.int(Int64(byte)), bytes: 1)
        case 0x80...0x8f: return .map(count: try container(Int(byte & 0x0f), bytesEach: 2, head: 1))
        case 0x90...0x9f: return .array(count: try container(Int(byte & 0x0f), bytesEach: 1, head: 1))
        case 0xa0...0xbf: return .string(try body(Int(byte & 0x1f), head: 1))
        case 0xc0: return scalar(.null, bytes: 1)
        case 0xc1: throw .reservedByte(offset: offset)
        case 0xc2: return scalar(.bool(false), bytes: 1)
        case 0xc3: return scalar(.bool(true), bytes: 1)
        case 0xc4: return .binary(try body(Int(try load(UInt8.self)), head: 2))
        case 0xc5: return .binary(try body(Int(try load(UInt16.self)), head: 3))
        case 0xc6: return .binary(try body(Int(try load(UInt32.self)), head: 5))
        case 0xc7: return try ext(Int(try load(UInt8.self)), head: 3)
        case 0xc8: return try ext(Int(try load(UInt16.self)), head: 4)
        case 0xc9: return try ext(Int(try load(UInt32.self)), head: 6)
        case 0xca: return scalar(.float(Float(bitPattern: try load(UInt32.self))), bytes: 5)
        case 0xcb: return scalar(.double(Double(bitPattern: try load(UInt64.self))), bytes: 9)
        case 0xcc: return scalar(.int(Int64(try load(UInt8.self))), bytes: 2)
        case 0xcd: return scalar(.int(Int64(try load(UInt16.self))), bytes: 3)
        case 0xce: return scalar(.int(Int64(try load(UInt32.self))), bytes: 5)
        case 0xcf:
            let number = try load(UInt64.self)
            return scalar(Int64(exactly: number).map(MessagePackToken.int) ?? .uint(number), bytes: 9)
        case 0xd0: return scalar(.int(Int64(try load(Int8.self))), bytes: 2)
        case 0xd1: return scalar(.int(Int64(try load(Int16.self))), bytes: 3)
        case 0xd2: return scalar(.int(Int64(try load(Int32.self))), bytes: 5)
        case 0xd3: return scalar(.int(try load(Int64.self)), bytes: 9)
        case 0xd4: return try ext(1, head: 2)
        case 0xd5: return try ext(2, head: 2)
        case 0xd6: return try ext(4, head: 2)
        case 0xd7: return try ext(8, head: 2)
        case 0xd8: return try ext(16, head: 2)
        case 0xd9: return .string(try body(Int(try load(UInt8.self)), head: 2))
        case 0xda: return .string(try body(Int(try load(UInt16.self)), head: 3))
        case 0xdb: return .string(try body(Int(try load(UInt32.self)), head: 5))
        case 0xdc: return .array(count: try container(Int(try load(UInt16.self)), bytesEach: 1, head: 3))
        case 0xdd: return .array(count: try container(Int(try load(UInt32.self)), bytesEach: 1, head: 5))
        case 0xde: return .map(count: try container(Int(try load(UInt16.self)), bytesEach: 2, head: 3))
        case 0xdf: return .map(count: try container(Int(try load(UInt32.self)), bytesEach: 2, head: 5))
        default: return scalar(.int(Int64(Int8(bitPattern: byte))), bytes: 1)  // e0...ff, the negative fixint
        }
    }

    /// Passes over one whole value, whatever it holds, and checks its structure. Needs no stack for nesting.
    ///
    /// - Returns: Where the value lies, head included.
    @discardableResult
    public mutating func skip() throws(MessagePackError) -> Range<Int> {
        let start = offset
        var pending = 1
        var budget = limits.maxValues
        do throws(MessagePackError) {
            while pending > 0 {
                guard budget > 0 else { throw .tooManyValues(offset: offset, limit: limits.maxValues) }
                budget -= 1
                switch try next() {
                case .array(let count): pending += count
                case .map(let count): pending += 2 * count
                case .null, .bool, .int, .uint, .float, .double, .string, .binary, .ext: break
                }
                pending -= 1
                // Every value still owed takes a byte at least: fails at the head of a bomb and not at its end.
                guard pending <= remaining else {
                    throw .truncated(offset: offset, missingBytes: pending - remaining)
                }
            }
        } catch {
            offset = start
            throw error
        }
        return start..<offset
    }

    /// Throws when bytes are left.
    public func finish() throws(MessagePackError) {
        guard isAtEnd else { throw .trailingBytes(offset: offset, count: remaining) }
    }

    // MARK: Expected values

    /// Reads the head of a map: the number of its pairs.
    public mutating func readMap() throws(MessagePackError) -> Int {
        let start = offset
        let token = try next()
        guard case .map(let count) = token else { throw rewind(to: start, expected: .map, found: token) }
        return count
    }

    /// Reads the head of an array: the number of its elements.
    public mutating func readArray() throws(MessagePackError) -> Int {
        let start = offset
        let token = try next()
        guard case .array(let count) = token else { throw rewind(to: start, expected: .array, found: token) }
        return count
    }

    /// Reads a str or a bin, which peers use for each other.
    public mutating func readString() throws(MessagePackError) -> Range<Int> {
        let start = offset
        let token = try next()
        switch token {
        case .string(let range), .binary(let range): return range
        case .null, .bool, .int, .uint, .float, .double, .array, .map, .ext:
            throw rewind(to: start, expected: .string, found: token)
        }
    }

    /// Reads a boolean.
    public mutating func readBool() throws(MessagePackError) -> Bool {
        let start = offset
        let token = try next()
        guard case .bool(let flag) = token else { throw rewind(to: start, expected: .bool, found: token) }
        return flag
    }

    /// Reads an integer that fits into 64 bits with sign.
    public mutating func readInt() throws(MessagePackError) -> Int64 {
        let start = offset
        let token = try next()
        switch token {
        case .int(let number): return number
        case .uint:
            offset = start
            throw .integerOutOfRange(offset: start)
        case .null, .bool, .float, .double, .string, .binary, .array, .map, .ext:
            throw rewind(to: start, expected: .integer, found: token)
        }
    }

    /// Consumes a nil if the next value is one.
    public mutating func readNull() -> Bool {
        guard offset < bytes.byteCount, bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self) == 0xc0
        else { return false }
        offset += 1
        return true
    }

    // MARK: Contents

    /// Whether the bytes at `range` are exactly this text. For keys: no text is made.
    public func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return bytes.extracting(range).withUnsafeBytes { ours in
            ours.elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
    }

    /// The text at `range`, nil when it is not UTF-8.
    public func text(_ range: Range<Int>) -> String? {
        bytes.extracting(range).withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    }

    /// A copy of the bytes at `range`.
    public func array(_ range: Range<Int>) -> [UInt8] {
        bytes.extracting(range).withUnsafeBytes { [UInt8]($0) }
    }

    // MARK: Private

    private mutating func scalar(_ token: MessagePackToken, bytes count: Int) -> MessagePackToken {
        offset += count
        return token
    }

    /// The big-endian number behind the first byte.
    private func load<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) throws(MessagePackError)
        -> Number
    {
        let missing = 1 + MemoryLayout<Number>.size - remaining
        guard missing <= 0 else { throw .truncated(offset: offset, missingBytes: missing) }
        return Number(bigEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset + 1, as: type))
    }

    private mutating func body(_ length: Int, head: Int) throws(MessagePackError) -> Range<Int> {
        guard length <= limits.maxLength else {
            throw .tooLong(offset: offset, declaredBytes: length, limitBytes: limits.maxLength)
        }
        let missing = head + length - remaining
        guard missing <= 0 else { throw .truncated(offset: offset, missingBytes: missing) }
        let start = offset + head
        offset = start + length
        return start..<offset
    }

    private mutating func ext(_ length: Int, head: Int) throws(MessagePackError) -> MessagePackToken {
        let range = try body(length, head: head)
        return .ext(type: bytes.unsafeLoad(fromUncheckedByteOffset: range.lowerBound - 1, as: Int8.self), range)
    }

    private mutating func container(_ count: Int, bytesEach: Int, head: Int) throws(MessagePackError) -> Int {
        let missing = head + count * bytesEach - remaining
        guard missing <= 0 else { throw .truncated(offset: offset, missingBytes: missing) }
        offset += head
        return count
    }

    private mutating func rewind(
        to start: Int, expected: MessagePackToken.Kind, found: MessagePackToken
    ) -> MessagePackError {
        offset = start
        return .unexpectedKind(offset: start, expected: expected, found: found.kind)
    }
}
