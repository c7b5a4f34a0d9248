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
        var weight = 0
    }

    private let bytes: [UInt8]
    private let limits: SerializerLimits
    private var offset = 0
    private var symbols: [String] = []
    private var objects: [Object] = []
    /// Values read or linked so far.
    private var values = 0
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
        guard reader.remaining == 0 else {
            throw .trailingBytes(offset: reader.offset, count: reader.remaining)
        }
        return value
    }

    private init(_ bytes: [UInt8], _ limits: SerializerLimits) {
        self.bytes = bytes
        self.limits = limits
        offset = 2
    }

    private var remaining: Int { bytes.count - offset }

    // MARK: Values

    private mutating func value(depth: Int) throws(MarshalError) -> RubyValue {
        let start = offset
        guard depth <= limits.maxDepth else { throw .tooDeep(offset: start, limit: limits.maxDepth) }
        try charge(1, at: start)
        switch try byte() {
        case UInt8(ascii: "0"): return .null
        case UInt8(ascii: "T"): return .bool(true)
        case UInt8(ascii: "F"): return .bool(false)
        case UInt8(ascii: "i"): return .int(Int64(try number()))
        case UInt8(ascii: ":"), UInt8(ascii: ";"):
            offset = start
            return .symbol(try symbol())
        case UInt8(ascii: "@"): return try link(at: start)
        case UInt8(ascii: "I"): return try attributed(depth: depth)
        case let type: return try object(type, at: start, depth: depth)
        }
    }

    /// A value that takes a number in the table of objects.
    private mutating func object(_ type: UInt8, at start: Int, depth: Int) throws(MarshalError) -> RubyValue {
        let place = objects.count
        let valuesBefore = values
        objects.append(Object())
        let value = try content(type, at: start, depth: depth)
        objects[place] = Object(value: value, weight: 1 + values - valuesBefore)
        return value
    }

    private mutating func content(_ type: UInt8, at start: Int, depth: Int) throws(MarshalError) -> RubyValue {
        switch type {
        case UInt8(ascii: "\""): return .string(RubyString(bytes: Array(try text()), encoding: .binary))
        case UInt8(ascii: "["): return .array(try elements(at: start, depth: depth))
        case UInt8(ascii: "{"): return .hash(try pairs(at: start, depth: depth))
        case UInt8(ascii: "}"):
            let pairs = try pairs(at: start, depth: depth)
            _ = try value(depth: depth + 1)
            return .hash(pairs)
        case UInt8(ascii: "f"): return .double(try MarshalFloat.value(of: try text(), at: start))
        case UInt8(ascii: "l"): return try integer(at: start)
        case UInt8(ascii: "/"):
            let source = RubyString(bytes: Array(try text()), encoding: .binary)
            return .regexp(RubyRegexp(source, options: .init(rawValue: try byte())))
        case UInt8(ascii: "C"):
            _ = try className(depth: depth)
            let inner = offset
            let type = try byte()
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
        let start = offset
        switch try byte() {
        case UInt8(ascii: ":"):
            offset = start
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
        let count = try count(bytesEach: 2)
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
        let count = try count(bytesEach: valuesEach)
        guard depth < limits.maxDepth else { throw .tooDeep(offset: start, limit: limits.maxDepth) }
        owed += count * valuesEach
        guard owed <= remaining else { throw .truncated(offset: start, missingBytes: owed - remaining) }
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
        let index = Int(try number())
        guard objects.indices.contains(index), let value = objects[index].value else {
            throw .danglingLink(offset: start)
        }
        try charge(objects[index].weight, at: start)
        return value
    }

    /// A symbol or a link to one.
    private mutating func symbol() throws(MarshalError) -> String {
        let start = offset
        switch try byte() {
        case UInt8(ascii: ":"):
            guard let name = String(validating: try text(), as: UTF8.self) else { throw .invalidText(offset: start) }
            symbols.append(name)
            return name
        case UInt8(ascii: ";"):
            let index = Int(try number())
            guard symbols.indices.contains(index) else { throw .danglingLink(offset: start) }
            return symbols[index]
        default: throw .misplaced(offset: start)
        }
    }

    /// A symbol that may carry its encoding.
    private mutating func className(depth: Int) throws(MarshalError) -> String {
        guard remaining > 0, bytes[offset] == UInt8(ascii: "I") else { return try symbol() }
        let start = offset
        guard case .symbol(let name) = try value(depth: depth + 1) else { throw .misplaced(offset: start) }
        return name
    }

    // MARK: Numbers and bytes

    /// The encoding of small integers, lengths and counts.
    private mutating func number() throws(MarshalError) -> Int32 {
        let first = Int8(bitPattern: try byte())
        switch first {
        case 0: return 0
        case 5...: return Int32(first) - 5
        case ...(-5): return Int32(first) + 5
        default: break
        }
        let count = Int(first.magnitude)
        guard count <= remaining else { throw .truncated(offset: offset, missingBytes: count - remaining) }
        var number: UInt32 = first < 0 ? .max : 0
        for place in 0..<count {
            let shift = UInt32(8 * place)
            number = number & ~(0xff << shift) | UInt32(bytes[offset + place]) << shift
        }
        offset += count
        return Int32(bitPattern: number)
    }

    private mutating func count(bytesEach: Int) throws(MarshalError) -> Int {
        let start = offset
        let count = Int(try number())
        guard count >= 0 else { throw .negativeCount(offset: start) }
        guard count * bytesEach <= remaining else {
            throw .truncated(offset: start, missingBytes: count * bytesEach - remaining)
        }
        return count
    }

    private mutating func integer(at start: Int) throws(MarshalError) -> RubyValue {
        let sign = try byte()
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { throw .invalidNumber(offset: start) }
        let length = 2 * (try count(bytesEach: 2))
        guard length <= limits.maxIntegerBytes else {
            throw .integerTooLong(offset: start, bytes: length, limit: limits.maxIntegerBytes)
        }
        let number = RubyInteger(
            isNegative: sign == UInt8(ascii: "-"), magnitude: bytes[offset..<(offset + length)])
        offset += length
        return number.int64.map(RubyValue.int) ?? .big(number)
    }

    private mutating func text() throws(MarshalError) -> ArraySlice<UInt8> {
        let length = try count(bytesEach: 1)
        offset += length
        return bytes[(offset - length)..<offset]
    }

    private mutating func byte() throws(MarshalError) -> UInt8 {
        guard remaining > 0 else { throw .truncated(offset: offset, missingBytes: 1) }
        defer { offset += 1 }
        return bytes[offset]
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
