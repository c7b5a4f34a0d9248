extension [UInt8] {
    /// The bytes that hexadecimal digits spell; blanks between them are ignored. Nil when it is not that.
    package init?(hex: String) {
        var digits: [UInt8] = []
        digits.reserveCapacity(hex.utf8.count)
        for character in hex where !character.isWhitespace {
            guard let digit = character.hexDigitValue else { return nil }
            digits.append(UInt8(digit))
        }
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// Lower-case hexadecimal digits.
    package var hex: String {
        let digits = Array<UInt8>("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
