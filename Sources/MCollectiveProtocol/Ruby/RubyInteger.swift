/// An integer outside `Int64`, as sign and magnitude. There is no arithmetic: such numbers are only passed on.
package struct RubyInteger: Hashable, Sendable {
    package let isNegative: Bool
    /// Little endian, without zeros at the high end.
    package let magnitude: [UInt8]

    /// Takes sign and little endian bytes as they stand on the wire; the zeros that Marshal pads with are dropped.
    init(isNegative: Bool, magnitude: some Collection<UInt8>) {
        self.isNegative = isNegative
        var magnitude = Array(magnitude)
        while magnitude.last == 0 { magnitude.removeLast() }
        self.magnitude = magnitude
    }

    /// The number of decimal digits; nil for more than a thousand of them, since reading takes time in their square.
    init?(isNegative: Bool, digits: String) {
        guard digits.utf8.count <= 1000 else { return nil }
        var magnitude: [UInt8] = []
        for digit in digits.utf8 {
            guard (0x30...0x39).contains(digit) else { return nil }
            var carry = UInt16(digit - 0x30)
            for place in magnitude.indices {
                carry += UInt16(magnitude[place]) * 10
                magnitude[place] = UInt8(truncatingIfNeeded: carry)
                carry >>= 8
            }
            if carry > 0 { magnitude.append(UInt8(carry)) }
        }
        self.init(isNegative: isNegative, magnitude: magnitude)
    }

    /// The number when it fits after all.
    var int64: Int64? {
        guard magnitude.count <= 8 else { return nil }
        let number = magnitude.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        if !isNegative { return Int64(exactly: number) }
        return number <= UInt64(Int64.max) + 1 ? Int64(bitPattern: ~number &+ 1) : nil
    }

    /// The number when it is positive and fits into 64 bits.
    var uint64: UInt64? {
        guard !isNegative, magnitude.count <= 8 else { return nil }
        return magnitude.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
}

extension RubyInteger: CustomStringConvertible {
    /// The number in decimal.
    ///
    /// - Complexity: O(*n*²) in the bytes, which readers limit.
    package var description: String {
        var groups: [UInt32] = []
        var rest = Array(magnitude.reversed())
        while !rest.isEmpty {
            var remainder: UInt64 = 0
            for place in rest.indices {
                let number = remainder << 8 | UInt64(rest[place])
                rest[place] = UInt8(number / 1_000_000_000)
                remainder = number % 1_000_000_000
            }
            rest.removeFirst(rest.firstIndex { $0 != 0 } ?? rest.count)
            groups.append(UInt32(remainder))
        }
        let digits = groups.reversed().enumerated().map { place, group in
            place == 0 ? String(group) : String(String(group + 1_000_000_000).dropFirst())
        }
        return (isNegative ? "-" : "") + (digits.isEmpty ? "0" : digits.joined())
    }
}
