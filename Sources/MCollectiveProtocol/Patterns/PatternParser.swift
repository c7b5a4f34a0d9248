/// The tree of a regular expression.
indirect enum PatternNode: Sendable {
    case set(ScalarSet)
    case assertion(PatternAssertion)
    case sequence([PatternNode])
    case choice([PatternNode])
    case repetition(PatternNode, min: Int, max: Int?)
}

/// What must hold at a place of the text.
enum PatternAssertion: Sendable {
    case lineStart, lineEnd, textStart, textEnd, textEndOrLastLineEnd, wordBoundary, noWordBoundary
}

/// Reads Ruby's regular expressions, as far as they can be matched in linear time.
///
///     choice   = sequence { "|" sequence }
///     sequence = { atom [ "*" | "+" | "?" | "{" [ min ] [ "," [ max ] ] "}" ] [ "?" ] }
///     atom     = "(" [ "?:" | "?<name>" | "?imx-imx:" ] choice ")" | "(?imx-imx)" | "(?#" … ")"
///              | "[" … "]" | "." | "^" | "$" | escape | character
///
/// Refused: references back, look-around, atomic groups, possessive repetitions, intersections of sets, properties.
/// What groups capture is not kept: filters only ask whether a pattern is found.
///
/// Source: Ruby 3.1, `doc/regexp.rdoc`.
struct PatternParser {
    static let maxDepth = 50

    let scalars: [Unicode.Scalar]
    var offset = 0
    private var options: RubyRegexp.Options

    static func tree(_ source: String, options: RubyRegexp.Options) throws(PatternError) -> PatternNode {
        var parser = PatternParser(scalars: Array(source.unicodeScalars), options: options)
        let tree = try parser.choice(depth: 0)
        guard parser.offset == parser.scalars.count else { throw .malformed(offset: parser.offset) }
        return tree
    }

    private init(scalars: [Unicode.Scalar], options: RubyRegexp.Options) {
        self.scalars = scalars
        self.options = options
    }

    var peek: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        offset += 1
        return true
    }

    func unsupported(_ what: String) -> PatternError { .unsupported(what, offset: max(0, offset - 1)) }

    // MARK: Structure

    private mutating func choice(depth: Int) throws(PatternError) -> PatternNode {
        guard depth <= PatternParser.maxDepth else { throw .tooDeep(limit: PatternParser.maxDepth) }
        var branches = [try sequence(depth: depth)]
        while take("|") { branches.append(try sequence(depth: depth)) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence(depth: Int) throws(PatternError) -> PatternNode {
        var atoms: [PatternNode] = []
        while let next = peek, next != "|", next != ")" {
            if options.contains(.extended), skipExtended() { continue }
            guard var atom = try atom(depth: depth) else { continue }
            while let (least, most) = try quantifier() {
                atom = .repetition(atom, min: least, max: most)
                if take("+") { throw unsupported("a possessive repetition") }
                _ = take("?")
            }
            atoms.append(atom)
        }
        return .sequence(atoms)
    }

    private mutating func skipExtended() -> Bool {
        guard let next = peek else { return false }
        if next == "#" {
            while let next = peek, next != "\n" { offset += 1 }
            return true
        }
        guard next == " " || (0x09...0x0d).contains(next.value) else { return false }
        offset += 1
        return true
    }

    private mutating func quantifier() throws(PatternError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = offset
        guard take("{") else { return nil }
        let least = number()
        var most = least
        let isRange = take(",")
        if isRange { most = number() }
        // What is no count of repetitions is a brace.
        guard take("}"), least != nil || most != nil else {
            offset = start
            return nil
        }
        guard (least ?? 0) <= (most ?? .max) else { throw .malformed(offset: start) }
        return (least ?? 0, most)
    }

    private mutating func number() -> Int? {
        let start = offset
        var number = 0
        while let digit = peek, (0x30...0x39).contains(digit.value), offset - start < 6 {
            number = number * 10 + Int(digit.value - 0x30)
            offset += 1
        }
        return offset > start ? number : nil
    }

    // MARK: Atoms

    /// The next atom, nil for what has no part in matching.
    private mutating func atom(depth: Int) throws(PatternError) -> PatternNode? {
        guard let next = peek else { return nil }
        // A brace without a count stands for itself, at the beginning too.
        if next == "{", try quantifier() != nil { throw .malformed(offset: offset - 1) }
        offset += 1
        switch next {
        case "(": return try group(depth: depth)
        case "[": return .set(marked(try bracket(depth: depth)))
        case ".":
            return .set(
                options.contains(.multiLine) ? ScalarSet(isNegated: true) : ScalarSet([0x0a...0x0a], isNegated: true))
        case "^": return .assertion(.lineStart)
        case "$": return .assertion(.lineEnd)
        case "\\": return try escape()
        case "*", "+", "?": throw .malformed(offset: offset - 1)
        default: return .set(marked(ScalarSet(next)))
        }
    }

    func marked(_ set: ScalarSet) -> ScalarSet {
        var set = set
        set.ignoresCase = options.contains(.ignoreCase)
        return set
    }

    private mutating func group(depth: Int) throws(PatternError) -> PatternNode? {
        let outer = options
        if take("?") {
            switch peek {
            case "#":
                while let next = peek, next != ")" { offset += 1 }
                guard take(")") else { throw .malformed(offset: offset) }
                return nil
            case ":": offset += 1
            case "=", "!", ">", "~": throw unsupported("look-ahead or an atomic group")
            case "<", "'": try groupName()
            default:
                try groupOptions()
                if take(")") { return nil }
                guard take(":") else { throw .malformed(offset: offset) }
            }
        }
        let inner = try choice(depth: depth + 1)
        guard take(")") else { throw .malformed(offset: offset) }
        options = outer
        return inner
    }

    private mutating func groupName() throws(PatternError) {
        let end: Unicode.Scalar = take("<") ? ">" : "'"
        if end == "'" { offset += 1 }
        if peek == "=" || peek == "!" { throw unsupported("look-behind") }
        let start = offset
        while let next = peek, next != end { offset += 1 }
        guard offset > start, take(end) else { throw .malformed(offset: start) }
    }

    private mutating func groupOptions() throws(PatternError) {
        var isOn = true
        while let next = peek, next != ")", next != ":" {
            let option: RubyRegexp.Options
            switch next {
            case "i": option = .ignoreCase
            case "m": option = .multiLine
            case "x": option = .extended
            case "-" where isOn:
                isOn = false
                offset += 1
                continue
            default: throw .malformed(offset: offset)
            }
            if isOn { options.insert(option) } else { options.remove(option) }
            offset += 1
        }
    }
}
