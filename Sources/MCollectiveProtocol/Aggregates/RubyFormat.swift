import Glibc
import MusterCore

/// Ruby's `%` for the few directives that formats of summaries use: `%s %d %f %%` with flags, width and precision.
enum RubyFormat {
    /// The format with the values put in, in their order; nil when there are not enough, or one is not of the kind.
    static func text(_ format: String, _ values: [RubyValue]) -> String? {
        var text = ""
        var rest = values[...]
        var scalars = Array(format)[...]
        while let next = scalars.popFirst() {
            guard next == "%" else {
                text.append(next)
                continue
            }
            if scalars.first == "%" {
                scalars.removeFirst()
                text.append("%")
                continue
            }
            guard let directive = Directive(&scalars), let value = rest.popFirst(), let part = directive.text(of: value)
            else { return nil }
            text += part
        }
        return text
    }

    private struct Directive {
        var isLeft = false
        var hasZeros = false
        var hasPlus = false
        var width = 0
        var precision: Int?
        var kind: Character

        init?(_ scalars: inout ArraySlice<Character>) {
            while let flag = scalars.first, "-0+ ".contains(flag) {
                isLeft = isLeft || flag == "-"
                hasZeros = hasZeros || flag == "0"
                hasPlus = hasPlus || flag == "+"
                scalars.removeFirst()
            }
            width = Directive.number(&scalars) ?? 0
            if scalars.first == "." {
                scalars.removeFirst()
                precision = Directive.number(&scalars) ?? 0
            }
            guard let kind = scalars.popFirst(), "sdif".contains(kind), width <= 1000, (precision ?? 0) <= 100 else {
                return nil
            }
            self.kind = kind
        }

        private static func number(_ scalars: inout ArraySlice<Character>) -> Int? {
            var digits = ""
            while let digit = scalars.first, ("0"..."9").contains(digit) {
                digits.append(digit)
                scalars.removeFirst()
            }
            return Int(digits)
        }

        func text(of value: RubyValue) -> String? {
            switch kind {
            case "s":
                let text = RubyText.text(of: value)
                return padded(precision.map { String(text.prefix($0)) } ?? text, withZeros: false)
            case "f":
                guard let number = value.value.double else { return nil }
                guard number.isFinite else {
                    return padded(number.isNaN ? "NaN" : number < 0 ? "-Inf" : "Inf", withZeros: false)
                }
                return padded(signed(Decimals.text(number, places: precision ?? 6)), withZeros: hasZeros)
            default:
                switch value {
                case .int(let number): return padded(signed(String(number)), withZeros: hasZeros)
                case .double(let number):
                    guard let whole = Int64(exactly: number.rounded(.down)) else { return nil }
                    return padded(signed(String(whole)), withZeros: hasZeros)
                default: return nil
                }
            }
        }

        private func signed(_ digits: String) -> String { hasPlus && !digits.hasPrefix("-") ? "+" + digits : digits }

        private func padded(_ text: String, withZeros: Bool) -> String {
            let missing = max(0, width - text.count)
            if isLeft { return text + String(repeating: " ", count: missing) }
            guard withZeros else { return String(repeating: " ", count: missing) + text }
            let sign = text.hasPrefix("-") || text.hasPrefix("+") ? text.prefix(1) : ""
            return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
        }
    }
}

/// Numbers with a fixed count of decimal places.
package enum Decimals {
    /// The number as C prints it, which is how Ruby does.
    package static func text(_ number: Double, places: Int) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            let count = withVaList([Int32(min(places, 100)), number]) {
                vsnprintf(buffer.baseAddress, buffer.count, "%.*f", $0)
            }
            return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
