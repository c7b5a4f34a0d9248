/// Reads Ruby Marshal 4.8 into plain data. No class is ever instantiated, no method named by a peer is called.
///
///     input    = 04 minor value                  minor at most 8
///     value    = "0" | "T" | "F" | "i" number | "l" sign words | "f" text | string | "I" attributed
///              | symbol | ";" index | "@" index | "[" count { value } | "{" count { value value }
///              | "}" count { value value } value | "/" text options | "C" symbol value
///     attributed = ( string | symbol | regexp | "C" … ) count { symbol value }
///
/// Objects (everything but nil, booleans, small integers, symbols and links) and symbols are numbered as they begin; links
/// name them by number. Tolerances: the default of a hash (`}`) and the class of a string, array, hash or regexp (`C`)
/// are read and dropped, as are attributes other than the encoding; links may be absent where Ruby would write them.
///
/// Source: Ruby 3.1, `marshal.c`.
package struct MarshalReader {
    private struct Object {
        /// Nil while the object is being read: a link to it would be a cycle.
        var value: RubyValue?
        /// Values within it, itself included.
        var values = 0
        /// Bytes that it would have without links.
        var bytes = 0
    }

    private var cursor: MarshalCursor
    private let limits: SerializerLimits
    private var symbols: [String] = []
    private var objects: [Object] = []
    /// Values read or linked so far.
    private var values = 0
    /// Bytes that links stand for so far.
    private var linkedBytes = 0
    /// Values that open containers have promised and not brought yet, which the rest must be able to hold.
    private var owed = 0

    /// The one value that the bytes hold.
    package static func value(
        _ bytes: [UInt8], limits: SerializerLimits = .standard
    ) throws(MarshalError) -> RubyValue {
        guard bytes.count <= limits.maxBytes else {
            throw .inputTooLong(bytes: bytes.count, limit: limits.maxBytes)
        }
        guard bytes.count >= 2, bytes[0] == 4, bytes[1] <= 8 else { throw .unknownVersion }
        var reader = MarshalReader(bytes, limits)
        let value = try reader.value(depth: 0)
        guard reader.cursor.remaining == 0 else {
            throw .trailingBytes(offset: reader.cursor.offset, count: reader.cursor.remaining)
        }
        return value
    }

    private init(_ bytes: [UInt8], _ limits: SerializerLimits) {
        cursor = MarshalCursor(bytes: bytes, offset: 2)
        self.limits = limits
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(MarshalError) -> RubyValue {
        let start = cursor.offset
        guard depth <= limits.maxDepth else { throw .tooDeep(offset: start, limit: limits.maxDepth) }
        try charge(1, at: start)
        switch try cursor.byte() {
        case UInt8(ascii: "0"): return .null
        case UInt8(ascii: "T"): return .bool(true)
        case UInt8(ascii: "F"): return .bool(false)
        case UInt8(ascii: "i"): return .int(Int64(try cursor.number()))
        case UInt8(ascii: ":"), UInt8(ascii: ";"):
            cursor.offset = start
            return .symbol(try symbol())
        case UInt8(ascii: "@"): return try link(at: start)
        case UInt8(ascii: "I"): return try attributed(depth: depth)
        case let type: return try object(type, at: start, depth: depth)
        }
    }

    /// A value that takes a number in the table of objects.
    private mutating func object(_ type: UInt8, at start: Int, depth: Int) throws(MarshalError) -> RubyValue {
        let place = objects.count
        let before = (values: values, bytes: linkedBytes)
        objects.append(Object())
        let value = try content(type, at: start, depth: depth)
        objects[place] = Object(
            value: value, values: 1 + values - before.values,
            bytes: cursor.offset - start + linkedBytes - before.bytes)
        return value
    }

    private mutating func content(_ type: UInt8, at start: Int, depth: Int) throws(MarshalError) -> RubyValue {
        switch type {
        case UInt8(ascii: "\""): return .string(RubyString(bytes: Array(try cursor.text()), encoding: .binary))
        case UInt8(ascii: "["): return .array(try elements(at: start, depth: depth))
        case UInt8(ascii: "{"): return .hash(try pairs(at: start, depth: depth))
        case UInt8(ascii: "}"):
            let pairs = try pairs(at: start, depth: depth)
            _ = try value(depth: depth + 1)
            return .hash(pairs)
        case UInt8(ascii: "f"): return .double(try MarshalFloat.value(of: try cursor.text(), at: start))
        case UInt8(ascii: "l"): return try integer(at: start)
        case UInt8(ascii: "/"):
            let source = RubyString(bytes: Array(try cursor.text()), encoding: .binary)
            return .regexp(RubyRegexp(source, options: .init(rawValue: try cursor.byte())))
        case UInt8(ascii: "C"):
            _ = try className(depth: depth)
            let inner = cursor.offset
            let type = try cursor.byte()
            guard
                [UInt8(ascii: "\""), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "/")]
                    .contains(type)
            else { throw .misplaced(offset: inner) }
            return try content(type, at: inner, depth: depth)
        default:
            guard let name = MarshalReader.refused[type] else { throw .unknownType(offset: start, byte: type) }
            throw .refusedType(offset: start, name: name)
        }
    }

    private static let refused: [UInt8: String] = [
        UInt8(ascii: "e"): "value extended by a module", UInt8(ascii: "o"): "object", UInt8(ascii: "S"): "structure",
        UInt8(ascii: "u"): "user-defined dump", UInt8(ascii: "U"): "user-defined object", UInt8(ascii: "c"): "class",
        UInt8(ascii: "m"): "module", UInt8(ascii: "M"): "class or module", UInt8(ascii: "d"): "data object",
    ]

    /// What `I` announces: a string, symbol or regexp with its encoding.
    private mutating func attributed(depth: Int) throws(MarshalError) -> RubyValue {
        let start = cursor.offset
        switch try cursor.byte() {
        case UInt8(ascii: ":"):
            cursor.offset = start
            let name = try symbol()
            _ = try attributes(at: start, depth: depth)
            return .symbol(name)
        case let type where [UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "C")].contains(type):
            let place = objects.count
            let value = try object(type, at: start, depth: depth)
            objects[place].value = nil  // nothing within its own attributes can mean it
            let encoding = try attributes(at: start, depth: depth)
            let marked = value.encoded(as: encoding)
            objects[place].value = marked
            return marked
        case let type:
            if let name = MarshalReader.refused[type] { throw .refusedType(offset: start, name: name) }
            throw .misplaced(offset: start)
        }
    }

    /// Reads attributes and gives the encoding that they name.
    private mutating func attributes(at start: Int, depth: Int) throws(MarshalError) -> RubyString.Encoding {
        let count = try cursor.count(bytesEach: 2)
        var encoding = RubyString.Encoding.binary
        for _ in 0..<count {
            let name = try symbol()
            let value = try value(depth: depth + 1)
            switch (name, value) {
            case ("E", .bool(true)): encoding = .utf8
            case ("E", .bool(false)): encoding = .ascii
            case ("encoding", .string(let name)):
                guard let name = name.text else { throw .invalidText(offset: start) }
                encoding = .named(name)
            default: break
            }
        }
        return encoding
    }

    private mutating func integer(at start: Int) throws(MarshalError) -> RubyValue {
        let sign = try cursor.byte()
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { throw .invalidNumber(offset: start) }
        let length = 2 * (try cursor.count(bytesEach: 2))
        guard length <= limits.maxIntegerBytes else {
            throw .integerTooLong(offset: start, bytes: length, limit: limits.maxIntegerBytes)
        }
        let number = RubyInteger(
            isNegative: sign == UInt8(ascii: "-"), magnitude: cursor.take(length))
        return number.int64.map(RubyValue.int) ?? .big(number)
    }

    // MARK: Containers

    private mutating func elements(at start: Int, depth: Int) throws(MarshalError) -> [RubyValue] {
        let count = try open(valuesEach: 1, at: start, depth: depth)
        var elements: [RubyValue] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try promised(depth: depth + 1)) }
        return elements
    }

    private mutating func pairs(at start: Int, depth: Int) throws(MarshalError) -> RubyHash {
        let count = try open(valuesEach: 2, at: start, depth: depth)
        var pairs: [RubyHash.Pair] = []
        pairs.reserveCapacity(count)
        for _ in 0..<count {
            let key = try promised(depth: depth + 1)
            pairs.append(.init(key: key, value: try promised(depth: depth + 1)))
        }
        return RubyHash(pairs)
    }

    /// The count of a container; what all open ones still promise together must fit into the rest.
    private mutating func open(valuesEach: Int, at start: Int, depth: Int) throws(MarshalError) -> Int {
        let count = try cursor.count(bytesEach: valuesEach)
        guard depth < limits.maxDepth else { throw .tooDeep(offset: start, limit: limits.maxDepth) }
        owed += count * valuesEach
        guard owed <= cursor.remaining else { throw .truncated(offset: start, missingBytes: owed - cursor.remaining) }
        guard values + owed <= limits.maxValues else { throw .tooManyValues(offset: start, limit: limits.maxValues) }
        return count
    }

    private mutating func promised(depth: Int) throws(MarshalError) -> RubyValue {
        owed -= 1
        return try value(depth: depth)
    }

    private mutating func charge(_ count: Int, at start: Int) throws(MarshalError) {
        values += count
        guard values <= limits.maxValues else { throw .tooManyValues(offset: start, limit: limits.maxValues) }
    }

    // MARK: Links and symbols

    private mutating func link(at start: Int) throws(MarshalError) -> RubyValue {
        let index = Int(try cursor.number())
        guard objects.indices.contains(index), let value = objects[index].value else {
            throw .danglingLink(offset: start)
        }
        try charge(objects[index].values, at: start)
        linkedBytes += objects[index].bytes
        guard linkedBytes <= limits.maxBytes else { throw .linksTooLong(offset: start, limit: limits.maxBytes) }
        return value
    }

    /// A symbol or a link to one.
    private mutating func symbol() throws(MarshalError) -> String {
        let start = cursor.offset
        switch try cursor.byte() {
        case UInt8(ascii: ":"):
            guard let name = String(validating: try cursor.text(), as: UTF8.self) else {
                throw .invalidText(offset: start)
            }
            symbols.append(name)
            return name
        case UInt8(ascii: ";"):
            let index = Int(try cursor.number())
            guard symbols.indices.contains(index) else { throw .danglingLink(offset: start) }
            return symbols[index]
        default: throw .misplaced(offset: start)
        }
    }

    /// A symbol that may carry its encoding.
    private mutating func className(depth: Int) throws(MarshalError) -> String {
        guard cursor.peek == UInt8(ascii: "I") else { return try symbol() }
        let start = cursor.offset
        guard case .symbol(let name) = try value(depth: depth + 1) else { throw .misplaced(offset: start) }
        return name
    }
}

extension RubyValue {
    /// The string or regexp with an encoding put to it.
    fileprivate func encoded(as encoding: RubyString.Encoding) -> RubyValue {
        switch self {
        case .string(var string):
            string.encoding = encoding
            return .string(string)
        case .regexp(var regexp):
            regexp.source.encoding = encoding
            return .regexp(regexp)
        case .null, .bool, .int, .big, .double, .symbol, .array, .hash: return self
        }
    }
}
