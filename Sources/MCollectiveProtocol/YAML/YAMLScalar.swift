import MusterCore

/// What the text of a scalar means: YAML 1.1 as Ruby's Psych reads it.
///
/// Dates and numbers to the base sixty stay text: MCollective allows no class for the first and never writes the second.
///
/// Source: Psych 4.0, `scalar_scanner.rb`, `to_ruby.rb`.
enum YAMLScalar {
    /// The value of a scalar with its tag.
    static func value(
        of text: String, tag: String?, isPlain: Bool, at reader: YAMLReader
    ) throws(YAMLError) -> RubyValue {
        switch tag {
        case nil: return isPlain ? resolved(text) ?? .text(text) : .text(text)
        case "!" where text.isEmpty: return .null  // how Psych writes a key that is nil
        case "!", "!str", "!!str", "!<tag:yaml.org,2002:str>": return .text(text)
        case "!ruby/symbol", "!ruby/sym": return .symbol(text)
        case "!ruby/regexp":
            guard let regexp = regexp(text) else { throw reader.failure(.invalidValue(tag: "!ruby/regexp")) }
            return .regexp(regexp)
        case "!binary", "!!binary":
            guard let bytes = Base64.decode(text.utf8.filter { $0 != 0x20 }) else {
                throw reader.failure(.invalidValue(tag: "!binary"))
            }
            return .bytes(bytes)
        case "!!int", "!!float", "!!bool", "!!null": return resolved(text) ?? .text(text)
        case let tag?: throw reader.failure(.refusedTag(tag))
        }
    }

    /// The value of a plain scalar that is no text, or nil.
    static func resolved(_ text: String) -> RubyValue? {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return .bool(true)
        case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return .bool(false)
        case ".inf", ".Inf", ".INF", "+.inf": return .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        default: break
        }
        if text.hasPrefix(":"), text.utf8.count > 1 { return .symbol(symbol(text.dropFirst())) }
        guard let first = text.utf8.first, "0123456789+-.".utf8.contains(first) else { return nil }
        return number(text)
    }

    private static func symbol(_ name: Substring) -> String {
        for quote in ["\"", "'"] where name.utf8.count > 1 && name.hasPrefix(quote) && name.hasSuffix(quote) {
            return String(name.dropFirst().dropLast())
        }
        return String(name)
    }

    private static func number(_ text: String) -> RubyValue? {
        let isNegative = text.hasPrefix("-")
        let digits = (isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]).filter {
            $0 != "_" && $0 != ","
        }
        guard let first = digits.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+") else { return nil }
        for (prefix, radix) in [("0x", 16), ("0b", 2), ("0", 8)] where digits.hasPrefix(prefix) && digits != "0" {
            guard let number = Int64((isNegative ? "-" : "") + digits.dropFirst(prefix.count), radix: radix) else {
                break
            }
            return .int(number)
        }
        if digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // A zero in front, and yet no octal digits: Ruby calls it text.
            guard digits == "0" || !digits.hasPrefix("0") else { return nil }
            if let number = Int64((isNegative ? "-" : "") + digits) { return .int(number) }
            return RubyInteger(isNegative: isNegative, digits: digits).map(RubyValue.big)
        }
        guard digits.contains("."), digits.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }), digits != ".",
            let number = Double((isNegative ? "-" : "") + digits)
        else { return nil }
        return .double(number)
    }

    private static func regexp(_ text: String) -> RubyRegexp? {
        guard text.hasPrefix("/"), let end = text.lastIndex(of: "/"), end > text.startIndex else { return nil }
        var options: RubyRegexp.Options = []
        for letter in text[text.index(after: end)...] {
            switch letter {
            case "i": options.insert(.ignoreCase)
            case "x": options.insert(.extended)
            case "m": options.insert(.multiLine)
            case "n": break
            default: return nil
            }
        }
        return RubyRegexp(String(text[text.index(after: text.startIndex)..<end]), options: options)
    }
}
