/// A shell pattern over a whole text: `*`, `?`, `[abc]`, `[a-z]`, `[!abc]`; case-sensitive.
///
/// As Python's `fnmatch`: no escape character, an unclosed `[` stands for itself, `*` also crosses `/` and line ends.
package struct Glob: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case any
        case one
        case literal(Unicode.Scalar)
        case set([ClosedRange<UInt32>], isNegated: Bool)
    }

    private let parts: [Part]

    package init(_ pattern: String) {
        var parts: [Part] = []
        let scalars = Array(pattern.unicodeScalars)
        var index = 0
        while index < scalars.count {
            switch scalars[index] {
            case "*":
                if parts.last != .any { parts.append(.any) }
                index += 1
            case "?":
                parts.append(.one)
                index += 1
            case "[":
                if let (set, next) = Glob.set(scalars, from: index) {
                    parts.append(set)
                    index = next
                } else {
                    parts.append(.literal("["))
                    index += 1
                }
            case let other:
                parts.append(.literal(other))
                index += 1
            }
        }
        self.parts = parts
    }

    /// A pattern that matches this text only.
    package static func escaping(_ text: String) -> String {
        text.reduce(into: "") { pattern, character in
            pattern += "*?[".contains(character) ? "[\(character)]" : String(character)
        }
    }

    /// Whether the whole text matches. Linear in practice, at worst text times pattern.
    package func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var part = 0
        var position = 0
        // Where to go on when the text after the last `*` does not fit: one character further.
        var retry: (part: Int, position: Int)?
        while position < scalars.count {
            if part < parts.count, parts[part] == .any {
                retry = (part + 1, position)
                part += 1
            } else if part < parts.count, fits(parts[part], scalars[position]) {
                part += 1
                position += 1
            } else if let next = retry {
                retry = (next.part, next.position + 1)
                (part, position) = (next.part, next.position + 1)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .any }
    }

    private func fits(_ part: Part, _ scalar: Unicode.Scalar) -> Bool {
        switch part {
        case .any, .one: true
        case .literal(let literal): literal == scalar
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar.value) } != isNegated
        }
    }

    private static func set(_ scalars: [Unicode.Scalar], from start: Int) -> (Part, next: Int)? {
        var index = start + 1
        let isNegated = index < scalars.count && scalars[index] == "!"
        if isNegated { index += 1 }
        let first = index
        // A `]` right at the beginning belongs to the set.
        guard let end = scalars.indices.first(where: { $0 > first && scalars[$0] == "]" }) else { return nil }
        var ranges: [ClosedRange<UInt32>] = []
        while index < end {
            let low = scalars[index].value
            if index + 2 < end, scalars[index + 1] == "-" {
                let high = scalars[index + 2].value
                if low <= high { ranges.append(low...high) }
                index += 3
            } else {
                ranges.append(low...low)
                index += 1
            }
        }
        return (.set(ranges, isNegated: isNegated), end + 1)
    }
}
