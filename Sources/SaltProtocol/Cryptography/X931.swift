/// The padding of ANSI X9.31, which Salt uses to "encrypt" a few bytes with a private key.
///
/// With k the length of the modulus and M the message: `6b bb…bb ba M cc`, with at least one `bb`; or `6a M cc` when M
/// has k - 2 bytes. Two numbers stand for the same message, s and n - s: the smaller one is sent, and on recovery
/// the one whose last four bits are `c` is meant. Message recovery, not a hash signature.
///
/// Source: OpenSSL, `crypto/rsa/rsa_x931.c` and `rsa_ossl.c` (padding 5), through Salt's `salt/utils/rsax931.py`.
enum X931 {
    /// The padded message of exactly `count` bytes, or nil when it does not fit.
    static func encode(_ message: [UInt8], count: Int) -> [UInt8]? {
        guard message.count <= count - 2, message.count != count - 3 else { return nil }
        guard message.count != count - 2 else { return [0x6a] + message + [0xcc] }
        let fill = [UInt8](repeating: 0xbb, count: count - message.count - 3)
        return [0x6b] + fill + [0xba] + message + [0xcc]
    }

    /// The message within a padded block, or nil when the padding is wrong.
    static func decode(_ block: [UInt8]) -> [UInt8]? {
        guard block.count > 2, block.last == 0xcc else { return nil }
        switch block[0] {
        case 0x6a:
            return Array(block[1..<(block.count - 1)])
        case 0x6b:
            guard let marker = block.dropFirst().firstIndex(where: { $0 != 0xbb }), marker > 1, block[marker] == 0xba
            else { return nil }
            return Array(block[(marker + 1)..<(block.count - 1)])
        default:
            return nil
        }
    }

    /// The smaller of `number` and `modulus - number`; both big-endian and of one length.
    static func smaller(_ number: [UInt8], modulus: [UInt8]) -> [UInt8] {
        let other = difference(modulus, number)
        return other.lexicographicallyPrecedes(number) ? other : number
    }

    /// Whichever of `number` and `modulus - number` ends in the bits that a padded block ends in.
    static func padded(_ number: [UInt8], modulus: [UInt8]) -> [UInt8] {
        number.last.map { $0 & 15 == 12 } == true ? number : difference(modulus, number)
    }

    /// `left - right` of two big-endian numbers of one length, `left` not the smaller one.
    static func difference(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var result = left
        var borrow = 0
        for index in left.indices.reversed() {
            let digit = Int(left[index]) - Int(right[index]) - borrow
            borrow = digit < 0 ? 1 : 0
            result[index] = UInt8(truncatingIfNeeded: digit)
        }
        return result
    }
}
