/// What Marshal and YAML carry between MCollective's programs: plain data of Ruby, and nothing that has a class.
///
/// Symbols and strings stay apart, strings keep their encoding and hashes their order, so that a value that was read is
/// written back as the same bytes. `MusterCore.Value` is what the rest of Muster sees; see ``value`` for the way there.
package enum RubyValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// Every integer that fits.
    case int(Int64)
    /// Only integers outside `Int64`.
    case big(RubyInteger)
    case double(Double)
    case string(RubyString)
    case symbol(String)
    case array([RubyValue])
    case hash(RubyHash)
    case regexp(RubyRegexp)
}

extension RubyValue {
    /// UTF-8 text.
    package static func text(_ text: String) -> RubyValue { .string(RubyString(text)) }

    /// Text that Ruby's digest functions made: its encoding is US-ASCII.
    package static func ascii(_ text: String) -> RubyValue {
        .string(RubyString(bytes: Array(text.utf8), encoding: .ascii))
    }

    /// Bytes without an encoding.
    package static func bytes(_ bytes: [UInt8]) -> RubyValue { .string(RubyString(bytes: bytes, encoding: .binary)) }

    /// A hash from pairs, in their order.
    package static func hash(_ pairs: [(RubyValue, RubyValue)]) -> RubyValue { .hash(RubyHash(pairs)) }

    /// The text of a string or a symbol, which peers use for each other; nil for anything else and for what is no UTF-8.
    package var text: String? {
        switch self {
        case .string(let string): string.text
        case .symbol(let name): name
        case .null, .bool, .int, .big, .double, .array, .hash, .regexp: nil
        }
    }

    /// The elements, or nil when this is no array.
    package var array: [RubyValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The hash, or nil when this is none.
    package var hash: RubyHash? {
        guard case .hash(let hash) = self else { return nil }
        return hash
    }

    /// The integer, or nil when this is none or does not fit.
    package var int: Int64? {
        guard case .int(let number) = self else { return nil }
        return number
    }
}

extension RubyValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral
{
    package init(stringLiteral text: String) { self = .text(text) }
    package init(integerLiteral number: Int64) { self = .int(number) }
    package init(booleanLiteral flag: Bool) { self = .bool(flag) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: RubyValue...) { self = .array(elements) }
}
