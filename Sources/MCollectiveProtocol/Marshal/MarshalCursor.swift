/// The bytes of Marshal and the place in them: numbers, counts and texts, checked against what is left.
struct MarshalCursor {
    let bytes: [UInt8]
    var offset: Int

    var remaining: Int { bytes.count - offset }

    /// The next byte, nil at the end.
    var peek: UInt8? { remaining > 0 ? bytes[offset] : nil }

    /// The encoding of small integers, lengths and counts.
    mutating func number() throws(MarshalError) -> Int32 {
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

    /// A count of things that take at least so many bytes each.
    mutating func count(bytesEach: Int) throws(MarshalError) -> Int {
        let start = offset
        let count = Int(try number())
        guard count >= 0 else { throw .negativeCount(offset: start) }
        guard count * bytesEach <= remaining else {
            throw .truncated(offset: start, missingBytes: count * bytesEach - remaining)
        }
        return count
    }

    /// A length, and so many bytes.
    mutating func text() throws(MarshalError) -> ArraySlice<UInt8> {
        take(try count(bytesEach: 1))
    }

    /// So many bytes, which a count has promised.
    mutating func take(_ length: Int) -> ArraySlice<UInt8> {
        offset += length
        return bytes[(offset - length)..<offset]
    }

    /// One byte.
    mutating func byte() throws(MarshalError) -> UInt8 {
        guard remaining > 0 else { throw .truncated(offset: offset, missingBytes: 1) }
        defer { offset += 1 }
        return bytes[offset]
    }
}
