/// Writes plain data as Ruby Marshal 4.8.
///
/// Ruby writes an object that occurs twice as a link the second time. Values have no identity, so the writer links what
/// Ruby always links (symbols, and equal floats) and the strings that the caller says are one object; readers accept the
/// rest in full. With the right ``init(shared:)`` the bytes are those of Ruby.
///
/// Source: Ruby 3.1, `marshal.c`.
package struct MarshalWriter {
    private var bytes: [UInt8] = [4, 8]
    private let shared: Set<String>
    private var symbols: [String: Int] = [:]
    private var objects = 0
    private var strings: [RubyString: Int] = [:]
    private var floats: [UInt64: Int] = [:]
    private var encodings: [String: Int] = [:]

    /// The bytes of one value.
    ///
    /// - Parameter shared: Texts each of which is one object in the peer's memory, however often it occurs as a string.
    package static func bytes(_ value: RubyValue, shared: Set<String> = []) -> [UInt8] {
        var writer = MarshalWriter(shared: shared)
        writer.write(value)
        return writer.bytes
    }

    private init(shared: Set<String>) { self.shared = shared }

    private mutating func write(_ value: RubyValue) {
        switch value {
        case .null: put("0")
        case .bool(let flag): put(flag ? "T" : "F")
        case .int(let number): write(number)
        case .big(let number): write(number)
        case .double(let number): write(number)
        case .string(let string): write(string)
        case .symbol(let name): write(symbol: name)
        case .array(let elements):
            begin("[")
            write(count: elements.count)
            for element in elements { write(element) }
        case .hash(let hash):
            begin("{")
            write(count: hash.count)
            for pair in hash.pairs {
                write(pair.key)
                write(pair.value)
            }
        case .regexp(let regexp):
            attributed(regexp.source.encoding) { writer in
                writer.begin("/")
                writer.write(text: regexp.source.bytes)
                writer.bytes.append(regexp.options.rawValue)
            }
        }
    }

    // MARK: Scalars

    private mutating func write(_ number: Int64) {
        guard (-(1 << 30)..<(1 << 30)).contains(number) else {
            let magnitude = (0..<8).map { UInt8(truncatingIfNeeded: number.magnitude >> (8 * $0)) }
            return write(RubyInteger(isNegative: number < 0, magnitude: magnitude))
        }
        put("i")
        write(fixnum: Int32(number))
    }

    private mutating func write(_ number: RubyInteger) {
        begin("l")
        put(number.isNegative ? "-" : "+")
        write(count: (number.magnitude.count + 1) / 2)
        bytes += number.magnitude
        if !number.magnitude.count.isMultiple(of: 2) { bytes.append(0) }
    }

    private mutating func write(_ number: Double) {
        if let place = floats[number.bitPattern] { return link(place) }
        floats[number.bitPattern] = objects
        begin("f")
        write(text: Array(MarshalFloat.text(of: number).utf8))
    }

    private mutating func write(_ string: RubyString) {
        if let text = string.text, shared.contains(text) {
            if let place = strings[string] { return link(place) }
            strings[string] = objects
        }
        attributed(string.encoding) { writer in
            writer.begin("\"")
            writer.write(text: string.bytes)
        }
    }

    private mutating func write(symbol name: String) {
        if let place = symbols[name] {
            put(";")
            return write(fixnum: Int32(place))
        }
        symbols[name] = symbols.count
        let isASCII = name.utf8.allSatisfy { $0 < 0x80 }
        if !isASCII { put("I") }
        put(":")
        write(text: Array(name.utf8))
        if !isASCII { writeAttribute(.utf8) }
    }

    // MARK: Parts

    /// What `I` announces, unless there is nothing to say of the encoding.
    private mutating func attributed(_ encoding: RubyString.Encoding, _ content: (inout MarshalWriter) -> Void) {
        guard encoding != .binary else { return content(&self) }
        put("I")
        content(&self)
        writeAttribute(encoding)
    }

    private mutating func writeAttribute(_ encoding: RubyString.Encoding) {
        write(count: 1)
        switch encoding {
        case .utf8, .ascii, .binary:
            write(symbol: "E")
            put(encoding == .utf8 ? "T" : "F")
        case .named(let name):
            write(symbol: "encoding")
            if let place = encodings[name] { return link(place) }
            encodings[name] = objects
            begin("\"")
            write(text: Array(name.utf8))
        }
    }

    /// The type byte of a value that takes a number in the table of objects.
    private mutating func begin(_ type: Unicode.Scalar) {
        objects += 1
        put(type)
    }

    private mutating func link(_ place: Int) {
        put("@")
        write(count: place)
    }

    private mutating func write(text: [UInt8]) {
        write(count: text.count)
        bytes += text
    }

    private mutating func write(count: Int) {
        guard let count = Int32(exactly: count) else { preconditionFailure("Marshal has no count of \(count)") }
        write(fixnum: count)
    }

    private mutating func write(fixnum number: Int32) {
        switch number {
        case 0: bytes.append(0)
        case 1...122: bytes.append(UInt8(number + 5))
        case -123 ... -1: bytes.append(UInt8(bitPattern: Int8(number - 5)))
        default:
            let filler: UInt8 = number < 0 ? 0xff : 0
            var digits = (0..<4).map { UInt8(truncatingIfNeeded: number >> Int32(8 * $0)) }
            while digits.count > 1, digits.last == filler { digits.removeLast() }
            bytes.append(UInt8(bitPattern: Int8(number < 0 ? -digits.count : digits.count)))
            bytes += digits
        }
    }

    private mutating func put(_ byte: Unicode.Scalar) { bytes.append(UInt8(ascii: byte)) }
}
