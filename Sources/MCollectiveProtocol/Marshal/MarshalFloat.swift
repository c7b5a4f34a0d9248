/// The text of floating-point numbers in Marshal.
///
///     "inf" | "-inf" | "nan" | digits with an optional point and an optional exponent
///
/// Written are the shortest digits that read back as the number: plainly when the point lies among them or at most three
/// places before, with an exponent otherwise, so that ten is `1e1`.
///
/// Source: Ruby 3.1, `marshal.c`, `w_float` and `r_float`.
enum MarshalFloat {
    /// The number of a text; Ruby never writes one of more than 25 characters.
    static func value(of text: ArraySlice<UInt8>, at offset: Int) throws(MarshalError) -> Double {
        switch String(decoding: text, as: UTF8.self) {
        case "inf": return .infinity
        case "-inf": return -.infinity
        case "nan": return .nan
        case let digits:
            guard text.count <= 400, text.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
                let number = Double(digits)
            else { throw .invalidNumber(offset: offset) }
            return number
        }
    }

    /// The text of a number.
    static func text(of number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        let sign = number.sign == .minus ? "-" : ""
        if number == 0 { return sign + "0" }
        let (digits, point) = decimal(number.magnitude)
        let count = digits.count
        if point < -3 || point > count {
            let fraction = count > 1 ? "." + digits.dropFirst() : ""
            return "\(sign)\(digits.prefix(1))\(fraction)e\(point - 1)"
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        let fraction = point < count ? "." + digits.dropFirst(point) : ""
        return sign + digits.prefix(point) + fraction
    }

    /// The shortest digits, without zeros at either end, and where the point stands: 0.DIGITS times ten to the `point`.
    static func decimal(_ number: Double) -> (digits: String, point: Int) {
        let parts = number.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        var digits = Substring(mantissa.joined())
        var point = mantissa[0].count + exponent
        while digits.first == "0" {
            digits.removeFirst()
            point -= 1
        }
        while digits.last == "0" { digits.removeLast() }
        return (String(digits), point)
    }
}
