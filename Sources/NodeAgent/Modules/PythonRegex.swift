import MusterCore

/// A regular expression in Python's notation, on Swift's engine.
///
/// The notations agree in what operators write. Differences that are translated: `(?P<name>` and `\Z`; Python's `$`
/// also matches before a final line end, which Swift's does too. Matching goes by Unicode scalars, as Python's.
struct PythonRegex {
    private let regex: Regex<AnyRegexOutput>

    /// Python's flags `re.I`, `re.M` and `re.S`.
    struct Flags: OptionSet {
        let rawValue: Int
        static let ignoresCase = Flags(rawValue: 1)
        static let anchorsLines = Flags(rawValue: 2)
        static let dotMatchesLineEnds = Flags(rawValue: 4)

        /// Salt takes names such as `MULTILINE`, a list of them, or Python's number.
        init(_ value: Value) {
            var flags: Flags = []
            for name in value.array?.map(\.argumentText) ?? [value.argumentText] {
                switch name.uppercased() {
                case "I", "IGNORECASE": flags.insert(.ignoresCase)
                case "M", "MULTILINE": flags.insert(.anchorsLines)
                case "S", "DOTALL": flags.insert(.dotMatchesLineEnds)
                default:
                    let number = Int(name) ?? 0
                    if number & 2 != 0 { flags.insert(.ignoresCase) }
                    if number & 8 != 0 { flags.insert(.anchorsLines) }
                    if number & 16 != 0 { flags.insert(.dotMatchesLineEnds) }
                }
            }
            self = flags
        }

        init(rawValue: Int) { self.rawValue = rawValue }
    }

    /// - Throws: `FunctionError.failed` when the pattern is none.
    init(_ pattern: String, flags: Flags = []) throws(FunctionError) {
        do {
            var regex = try Regex(Self.translated(pattern)).matchingSemantics(.unicodeScalar)
            if flags.contains(.ignoresCase) { regex = regex.ignoresCase() }
            if flags.contains(.anchorsLines) { regex = regex.anchorsMatchLineEndings() }
            if flags.contains(.dotMatchesLineEnds) { regex = regex.dotMatchesNewlines() }
            self.regex = regex
        } catch {
            throw .failed(reason: "'\(pattern)' is no valid regular expression: \(error)")
        }
    }

    /// Python's `re.search`.
    func occurs(in text: String) -> Bool { firstMatch(in: text) != nil }

    /// The first match from a place on; nil when there is none. A match that the engine gives up on counts as none.
    func firstMatch(in text: String, from start: String.Index? = nil) -> Regex<AnyRegexOutput>.Match? {
        let matches = text[(start ?? text.startIndex)...].matches(of: regex, limit: 1)
        return matches.first
    }

    /// All matches that do not overlap, at most `limit`; all when it is 0.
    func matches(in text: String, limit: Int = 0) -> [Regex<AnyRegexOutput>.Match] {
        text[...].matches(of: regex, limit: limit)
    }

    /// Python's `Match.expand`: `\1`, `\g<1>`, `\g<name>` and the escapes of text.
    static func expand(_ template: String, _ match: Regex<AnyRegexOutput>.Match) throws(FunctionError) -> String {
        var result = ""
        var rest = Substring(template)
        func group(_ number: Int) throws(FunctionError) -> Substring {
            guard match.output.indices.contains(number) else {
                throw .failed(reason: "invalid group reference \(number) in the replacement")
            }
            return match.output[number].substring ?? ""
        }
        while let character = rest.popFirst() {
            guard character == "\\", let next = rest.popFirst() else {
                result.append(character)
                continue
            }
            if next.isASCII, next.isNumber {
                var digits = String(next)
                if let second = rest.first, second.isASCII, second.isNumber, next != "0" {
                    digits.append(second)
                    rest.removeFirst()
                }
                result += try group(Int(digits) ?? 0)
            } else if next == "g", rest.first == "<", let end = rest.firstIndex(of: ">") {
                let name = String(rest[rest.index(after: rest.startIndex)..<end])
                rest = rest[rest.index(after: end)...]
                if let number = Int(name) {
                    result += try group(number)
                } else {
                    guard let named = match.output.first(where: { $0.name == name }) else {
                        throw .failed(reason: "unknown group name '\(name)' in the replacement")
                    }
                    result += named.substring ?? ""
                }
            } else {
                let escapes: [Character: Character] = ["n": "\n", "t": "\t", "r": "\r", "\\": "\\"]
                if let escape = escapes[next] { result.append(escape) } else { result += "\\\(next)" }
            }
        }
        return result
    }

    /// A text as an expression that matches only it.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_"
            if !isPlain && scalar.isASCII && scalar != "\n" { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    private static func translated(_ pattern: String) -> String {
        var result = ""
        var rest = Substring(pattern)
        while let character = rest.popFirst() {
            if character == "\\", let next = rest.popFirst() {
                result += next == "Z" ? "\\z" : "\\\(next)"
            } else if character == "(", rest.hasPrefix("?P<") {
                result += "(?<"
                rest.removeFirst(3)
            } else if character == "(", rest.hasPrefix("?P="), let end = rest.firstIndex(of: ")") {
                result += "\\k<\(rest.dropFirst(3)[..<end])>"
                rest = rest[rest.index(after: end)...]
            } else {
                result.append(character)
            }
        }
        return result
    }
}

extension Substring {
    fileprivate func matches(of regex: Regex<AnyRegexOutput>, limit: Int) -> [Regex<AnyRegexOutput>.Match] {
        var found: [Regex<AnyRegexOutput>.Match] = []
        var rest = self
        while limit == 0 || found.count < limit {
            // An engine that gives up is treated as no match: the expression was valid.
            guard let match = try? regex.firstMatch(in: rest) else { break }
            found.append(match)
            if !match.range.isEmpty {
                rest = self[match.range.upperBound...]
            } else if match.range.upperBound < endIndex {
                rest = self[unicodeScalars.index(after: match.range.upperBound)...]
            } else {
                break
            }
        }
        return found
    }
}
