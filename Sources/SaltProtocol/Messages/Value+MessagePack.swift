package import MessagePack
package import MusterCore

/// Values as Salt puts them into MessagePack.
///
/// Reading: everything that is bytes on the wire (raw, str or bin) is text when it is UTF-8, as Salt's receivers do, and
/// bytes otherwise; a date-time (extension 78) becomes ISO text, a named constant (79) its value, any other extension its
/// bytes. Writing: bytes are raw in the old dialect and bin in the modern one.
///
/// Source: Salt 3006, `salt/payload.py`, `loads` and `dumps`.
extension Value {
    /// Decodes bytes that hold one value and nothing behind it.
    package init(messagePack bytes: [UInt8], limits: MessagePackLimits = .standard) throws(MessagePackError) {
        try self.init(messagePack: bytes.span.bytes, limits: limits)
    }

    /// Decodes bytes that hold one value and nothing behind it.
    package init(messagePack bytes: RawSpan, limits: MessagePackLimits = .standard) throws(MessagePackError) {
        var reader = MessagePackReader(bytes, limits: limits)
        self = try reader.readSaltValue()
        try reader.finish()
    }

    /// The value in MessagePack; the dialect of Salt's network unless another is named.
    package func messagePack(_ dialect: MessagePackWriter.Dialect = .raw) -> [UInt8] {
        var writer = MessagePackWriter(dialect)
        writer.write(self)
        return writer.finish()
    }
}

extension ValueMap {
    /// Decodes the entries of one map whose keys are wanted, and passes over the others.
    package init(
        messagePack bytes: [UInt8], selecting isWanted: (Value) -> Bool
    ) throws(MessagePackError) {
        self.init()
        var reader = MessagePackReader(bytes.span.bytes)
        for _ in 0..<(try reader.readMap()) {
            let key = try reader.readSaltValue()
            if isWanted(key) { append(key, try reader.readSaltValue()) } else { try reader.skip() }
        }
        try reader.finish()
    }
}

extension MessagePackReader {
    /// Reads one whole value, within `limits.maxDepth` and `limits.maxValues`. Stays where it was if that fails.
    package mutating func readSaltValue() throws(MessagePackError) -> Value {
        let start = self
        var budget = MessagePackBudget(limits)
        do throws(MessagePackError) {
            return try readSaltValue(depth: 0, &budget)
        } catch {
            self = start
            throw error
        }
    }

    private mutating func readSaltValue(
        depth: Int, _ budget: inout MessagePackBudget
    ) throws(MessagePackError) -> Value {
        let start = offset
        switch try next() {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .int(let number): return .int(number)
        case .uint(let number): return .uint(number)
        case .float(let number): return .double(Double(number))
        case .double(let number): return .double(number)
        case .string(let range), .binary(let range): return textOrBytes(range)
        case .ext(let type, let range): return extensionValue(type, range, depth: depth)
        case .array(let count):
            try budget.open(count, at: start, depth: depth, remaining: remaining)
            var elements: [Value] = []
            elements.reserveCapacity(count)
            for _ in 0..<count {
                budget.take()
                elements.append(try readSaltValue(depth: depth + 1, &budget))
            }
            return .array(elements)
        case .map(let count):
            try budget.open(2 * count, at: start, depth: depth, remaining: remaining)
            var map = ValueMap()
            map.reserveCapacity(count)
            for _ in 0..<count {
                budget.take()
                let key = try readSaltValue(depth: depth + 1, &budget)
                budget.take()
                map.append(key, try readSaltValue(depth: depth + 1, &budget))
            }
            return .map(map)
        }
    }

    private func textOrBytes(_ range: Range<Int>) -> Value {
        text(range).map(Value.string) ?? .bytes(array(range))
    }

    private func extensionValue(_ type: Int8, _ range: Range<Int>, depth: Int) -> Value {
        switch type {
        case SaltExtension.dateTime:
            let contents = textOrBytes(range)
            return contents.string.flatMap(SaltExtension.isoText).map(Value.string) ?? contents
        case SaltExtension.constant where depth < limits.maxDepth:
            var limits = limits
            limits.maxDepth -= depth + 1
            // A constant that is not [name, value] is shown as the bytes it is.
            guard let pair = try? Value(messagePack: bytes.extracting(range), limits: limits).array, pair.count == 2
            else { return .bytes(array(range)) }
            return pair[1]
        default:
            return .bytes(array(range))
        }
    }
}

extension MessagePackWriter {
    /// Writes a value.
    package mutating func write(_ value: Value) {
        switch value {
        case .null: writeNull()
        case .bool(let flag): write(flag)
        case .int(let number): write(number)
        case .uint(let number): write(number)
        case .double(let number): write(number)
        case .string(let text): write(text)
        case .bytes(let contents): writeBinary(contents)
        case .array(let elements):
            writeArray(count: elements.count)
            for element in elements { write(element) }
        case .map(let map): write(map)
        }
    }

    /// Writes a map.
    package mutating func write(_ map: ValueMap) {
        writeMap(count: map.count)
        for entry in map {
            write(entry.key)
            write(entry.value)
        }
    }
}
