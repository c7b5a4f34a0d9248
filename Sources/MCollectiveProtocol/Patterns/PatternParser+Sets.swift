/// Escapes and brackets: what stands for one character of several.
extension PatternParser {
    mutating func escape() throws(PatternError) -> PatternNode {
        guard let next = peek else { throw .malformed(offset: offset) }
        let assertions: [Unicode.Scalar: PatternAssertion] = [
            "A": .textStart, "z": .textEnd, "Z": .textEndOrLastLineEnd, "b": .wordBoundary, "B": .noWordBoundary,
        ]
        if let assertion = assertions[next] {
            offset += 1
            return .assertion(assertion)
        }
        if ("1"..."9").contains(next) || next == "k" || next == "g" { throw unsupported("a reference to a group") }
        return .set(marked(try escapedSet()))
    }

    /// What an escape means in brackets and outside of them.
    private mutating func escapedSet() throws(PatternError) -> ScalarSet {
        guard let next = peek else { throw .malformed(offset: offset) }
        offset += 1
        func negated(_ set: ScalarSet) -> ScalarSet { ScalarSet(set.ranges, isNegated: true) }
        switch next {
        case "d": return .digits
        case "D": return negated(.digits)
        case "w": return .words
        case "W": return negated(.words)
        case "s": return .spaces
        case "S": return negated(.spaces)
        case "h": return .hexDigits
        case "H": return negated(.hexDigits)
        case "n": return ScalarSet("\n")
        case "t": return ScalarSet("\t")
        case "r": return ScalarSet("\r")
        case "f": return ScalarSet("\u{c}")
        case "v": return ScalarSet("\u{b}")
        case "a": return ScalarSet("\u{7}")
        case "e": return ScalarSet("\u{1b}")
        case "0": return ScalarSet("\0")
        case "x": return ScalarSet(try codePoint(digits: 2))
        case "u": return ScalarSet(try codePoint(digits: 4))
        case "p", "P", "R", "X", "G", "K", "c", "C", "M": throw unsupported("\\\(next)")
        default: return ScalarSet(next)
        }
    }

    private mutating func codePoint(digits: Int) throws(PatternError) -> Unicode.Scalar {
        let start = offset
        let isBraced = digits == 4 && take("{")
        var code: UInt32 = 0
        var count = 0
        while let next = peek, let digit = Character(next).hexDigitValue, count < (isBraced ? 6 : digits) {
            code = code << 4 | UInt32(digit)
            offset += 1
            count += 1
        }
        guard count > 0, !isBraced || take("}"), let scalar = Unicode.Scalar(code) else {
            throw .malformed(offset: start)
        }
        return scalar
    }

    mutating func bracket(depth: Int) throws(PatternError) -> ScalarSet {
        guard depth <= PatternParser.maxDepth else { throw .tooDeep(limit: PatternParser.maxDepth) }
        let start = offset
        var set = ScalarSet()
        set.isNegated = take("^")
        var isFirst = true
        while let next = peek {
            if next == "]", !isFirst { break }
            isFirst = false
            let member = try member(depth: depth)
            guard let low = member.single, peek == "-", offset + 1 < scalars.count, scalars[offset + 1] != "]" else {
                set.formUnion(member)
                continue
            }
            offset += 1
            guard let high = try self.member(depth: depth).single, low <= high else { throw .malformed(offset: start) }
            set.insert(low...high)
        }
        guard take("]") else { throw .malformed(offset: start) }
        return set
    }

    private mutating func member(depth: Int) throws(PatternError) -> ScalarSet {
        guard let next = peek else { throw .malformed(offset: offset) }
        offset += 1
        switch next {
        case "\\":
            if take("b") { return ScalarSet("\u{8}") }
            return try escapedSet()
        case "[":
            guard take(":") else { return try bracket(depth: depth + 1) }
            let isNegated = take("^")
            let start = offset
            while let next = peek, next != ":" { offset += 1 }
            let name = String(String.UnicodeScalarView(scalars[start..<offset]))
            guard take(":"), take("]"), var set = ScalarSet.named[name] else { throw .malformed(offset: start) }
            set.isNegated = isNegated
            return set
        case "&" where peek == "&": throw unsupported("an intersection of sets")
        default: return ScalarSet(next)
        }
    }
}

extension ScalarSet {
    /// The one character of the set, if it has but one.
    fileprivate var single: UInt32? {
        guard !isNegated, ranges.count == 1, let range = ranges.first, range.count == 1 else { return nil }
        return range.lowerBound
    }
}
