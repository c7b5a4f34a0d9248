/// Any MessagePack value as a tree, with nothing lost but the width of integers and lengths.
///
/// For values of unknown shape; messages of known shape are read faster with ``MessagePackReader``. Maps keep the order
/// and the repetitions of their source, and their keys may be of any kind.
public enum MessagePackValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// Every integer that fits.
    case int(Int64)
    /// Only integers above `Int64.max`.
    case uint(UInt64)
    case float(Float)
    case double(Double)
    /// A str that is UTF-8.
    case string(String)
    /// A str that is not UTF-8, as the old dialect carries bytes.
    case raw([UInt8])
    /// A bin.
    case binary([UInt8])
    case array([MessagePackValue])
    case map([Entry])
    case ext(type: Int8, [UInt8])

    /// One key of a map with its value.
    public struct Entry: Hashable, Sendable {
        public var key: MessagePackValue
        public var value: MessagePackValue

        public init(_ key: MessagePackValue, _ value: MessagePackValue) {
            self.key = key
            self.value = value
        }
    }
}

extension MessagePackValue {
    /// Decodes bytes that hold one value and nothing behind it.
    public init(decoding bytes: [UInt8], limits: MessagePackLimits = .standard) throws(MessagePackError) {
        var reader = MessagePackReader(bytes.span.bytes, limits: limits)
        self = try reader.readValue()
        try reader.finish()
    }

    /// The value in the given dialect.
    public func encoded(_ dialect: MessagePackWriter.Dialect) -> [UInt8] {
        var writer = MessagePackWriter(dialect)
        writer.write(self)
        return writer.finish()
    }

    /// The value of a text key, the last if it is repeated; nil when there is none or this is not a map.
    public subscript(_ key: String) -> MessagePackValue? {
        guard case .map(let entries) = self else { return nil }
        return entries.last { $0.key == .string(key) }?.value
    }
}

extension MessagePackReader {
    /// Reads one whole value as a tree, within `limits.maxDepth` and `limits.maxValues`.
    public mutating func readValue() throws(MessagePackError) -> MessagePackValue {
        let start = self
        var budget = MessagePackBudget(limits)
        do throws(MessagePackError) {
            return try readValue(depth: 0, &budget)
        } catch {
            self = start
            throw error
        }
    }

    private mutating func readValue(
        depth: Int, _ budget: inout MessagePackBudget
    ) throws(MessagePackError) -> MessagePackValue {
        let start = offset
        switch try next() {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .int(let number): return .int(number)
        case .uint(let number): return .uint(number)
        case .float(let number): return .float(number)
        case .double(let number): return .double(number)
        case .string(let range): return text(range).map(MessagePackValue.string) ?? .raw(array(range))
        case .binary(let range): return .binary(array(range))
        case .ext(let type, let range): return .ext(type: type, array(range))
        case .array(let count):
            try budget.open(count, at: start, depth: depth, remaining: remaining)
            var elements: [MessagePackValue] = []
            elements.reserveCapacity(count)
            for _ in 0..<count {
                budget.take()
                elements.append(try readValue(depth: depth + 1, &budget))
            }
            return .array(elements)
        case .map(let count):
            try budget.open(2 * count, at: start, depth: depth, remaining: remaining)
            var entries: [MessagePackValue.Entry] = []
            entries.reserveCapacity(count)
            for _ in 0..<count {
                budget.take()
                let key = try readValue(depth: depth + 1, &budget)
                budget.take()
                entries.append(.init(key, try readValue(depth: depth + 1, &budget)))
            }
            return .map(entries)
        }
    }
}

extension MessagePackWriter {
    /// Writes a tree.
    public mutating func write(_ value: MessagePackValue) {
        switch value {
        case .null: writeNull()
        case .bool(let flag): write(flag)
        case .int(let number): write(number)
        case .uint(let number): write(number)
        case .float(let number): write(number)
        case .double(let number): write(number)
        case .string(let text): write(text)
        case .raw(let contents): writeString(contents)
        case .binary(let contents): writeBinary(contents)
        case .ext(let type, let contents): writeExtension(type: type, contents)
        case .array(let elements):
            writeArray(count: elements.count)
            for element in elements { write(element) }
        case .map(let entries):
            writeMap(count: entries.count)
            for entry in entries {
                write(entry.key)
                write(entry.value)
            }
        }
    }
}
