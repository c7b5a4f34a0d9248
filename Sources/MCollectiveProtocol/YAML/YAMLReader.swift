/// Reads the YAML that Ruby's Psych writes of plain data, into plain data.
///
///     document = [ "---" ] ( inline | block ) [ "..." ]
///     block    = mapping | sequence | scalar             by columns
///     mapping  = { ( key | "? " inline ) ":" ( inline | block ) }   sequences may stand in the column of their key
///     sequence = { "- " block }
///     inline   = [ tag ] ( flow | quoted | plain | "|" text | ">" text )
///     flow     = "[" … "]" | "{" … "}"
///
/// Tags: `!ruby/regexp`, `!ruby/symbol`, `!ruby/sym`, `!binary`, and the standard ones of scalars. Not read: anchors and
/// aliases, directives, several documents, keys that are blocks of lines. Tolerances: comments, line ends `\r\n`.
///
/// Why not Yams, which the rest of Muster uses: a node reads this before it knows who wrote it. Yams resolves aliases
/// while it composes, and hashes keys that they make exponentially large, before a caller can refuse them.
///
/// Source: Psych 4.0 (Ruby 3.1), libyaml 0.2.5; the classes that MCollective 2.12.5 allows.
package struct YAMLReader {
    let bytes: [UInt8]
    let limits: SerializerLimits
    var offset = 0
    private var values = 0
    /// Whether the last key began with `?`: then a block may follow its colon in the same line.
    private var isKeyExplicit = false

    /// The one value of the text.
    package static func value(
        _ bytes: [UInt8], limits: SerializerLimits = .standard
    ) throws(YAMLError) -> RubyValue {
        guard bytes.count <= limits.maxBytes else {
            throw YAMLError(line: 1, problem: .tooLong(bytes: bytes.count, limit: limits.maxBytes))
        }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw YAMLError(line: 1, problem: .notUTF8) }
        var reader = YAMLReader(bytes, limits)
        return try reader.document()
    }

    private init(_ bytes: [UInt8], _ limits: SerializerLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    private mutating func document() throws(YAMLError) -> RubyValue {
        skipBlankLines()
        var value: RubyValue?
        if takeMarker("---") {
            skipSpaces()
            if !isAtLineEnd { value = try inline(within: -1, depth: 0) }
        }
        if value == nil {
            skipBlankLines()
            value = isAtEnd || isAtMarker ? .null : try block(within: -1, depth: 0)
        }
        try endLine()
        _ = takeMarker("...")
        skipBlankLines()
        guard isAtEnd else { throw failure(.unexpected) }
        return value ?? .null
    }

    // MARK: Blocks

    /// A mapping, sequence or scalar that begins here, in any column behind that of what holds it.
    private mutating func block(within indent: Int, depth: Int) throws(YAMLError) -> RubyValue {
        let column = column
        if isAtDash { return try sequence(in: column, depth: depth) }
        if let key = try key(depth: depth) { return try mapping(in: column, firstKey: key, depth: depth) }
        return try inline(within: indent, depth: depth)
    }

    private mutating func sequence(in column: Int, depth: Int) throws(YAMLError) -> RubyValue {
        try charge(depth: depth)
        var elements: [RubyValue] = []
        repeat {
            let line = lineStart
            offset += 1
            skipSpaces()
            if isAtLineEnd { skipBlankLines() }
            // Nothing behind the dash, and nothing deeper below it.
            if isAtEnd || isAtMarker || (lineStart != line && self.column <= column) {
                try charge(depth: 0)
                elements.append(.null)
            } else {
                elements.append(try block(within: column, depth: depth + 1))
            }
            try endLine()
        } while !isAtEnd && self.column == column && isAtDash && !isAtMarker
        return .array(elements)
    }

    private mutating func mapping(in column: Int, firstKey: RubyValue, depth: Int) throws(YAMLError) -> RubyValue {
        try charge(depth: depth)
        var pairs: [RubyHash.Pair] = []
        var next: RubyValue? = firstKey
        while let key = next {
            pairs.append(.init(key: key, value: try mappingValue(in: column, depth: depth + 1)))
            try endLine()
            guard !isAtEnd, self.column == column, !isAtMarker, !isAtDash else { break }
            next = try self.key(depth: depth)
            guard next != nil else { throw failure(.unexpected) }
        }
        return .hash(RubyHash(pairs))
    }

    /// What follows the colon of a key in `column`.
    private mutating func mappingValue(in column: Int, depth: Int) throws(YAMLError) -> RubyValue {
        skipSpaces()
        if !isAtLineEnd {
            guard isKeyExplicit else { return try inline(within: column, depth: depth) }
            return try block(within: column, depth: depth)
        }
        skipBlankLines()
        let isValue = self.column > column || (self.column == column && isAtDash)
        if !isAtEnd, isValue, !isAtMarker { return try block(within: column, depth: depth) }
        try charge(depth: 0)
        return .null
    }

    /// The key that begins here and its colon, or nil, and nothing read, when this line is no pair.
    private mutating func key(depth: Int) throws(YAMLError) -> RubyValue? {
        let start = offset
        isKeyExplicit = false
        if peek == UInt8(ascii: "?"), isBlank(at: offset + 1) { return try explicitKey(depth: depth) }
        if peek == UInt8(ascii: "!") {
            while !isBlank(at: offset) { offset += 1 }
            skipSpaces()
        }
        let isText = peek.map { !"[{|>".utf8.contains($0) } ?? false
        offset = start
        guard isText else { return nil }
        let end = lineEnd
        let key = try scalar(within: .max, flow: false, depth: depth)
        skipSpaces()
        if offset <= end, peek == UInt8(ascii: ":"), isBlank(at: offset + 1) {
            offset += 1
            return key
        }
        offset = start
        return nil
    }

    /// A key that takes more than its line, as `? |`, and the colon below it.
    private mutating func explicitKey(depth: Int) throws(YAMLError) -> RubyValue {
        let column = column
        offset += 1
        skipSpaces()
        let key = try inline(within: column, depth: depth)
        try endLine()
        guard self.column == column, peek == UInt8(ascii: ":"), isBlank(at: offset + 1) else {
            throw failure(.unexpected)
        }
        offset += 1
        isKeyExplicit = true
        return key
    }

    // MARK: One node

    /// A value that begins behind something else in its line: no mapping and no sequence of lines.
    mutating func inline(within indent: Int, flow: Bool = false, depth: Int) throws(YAMLError) -> RubyValue {
        switch peek {
        case UInt8(ascii: "["): return try flowSequence(depth: depth)
        case UInt8(ascii: "{"): return try flowMapping(depth: depth)
        default: return try scalar(within: indent, flow: flow, depth: depth)
        }
    }

    private mutating func flowSequence(depth: Int) throws(YAMLError) -> RubyValue {
        try charge(depth: depth)
        offset += 1
        var elements: [RubyValue] = []
        while try !flowEnds(with: UInt8(ascii: "]")) {
            elements.append(try inline(within: -1, flow: true, depth: depth + 1))
            try flowComma(before: UInt8(ascii: "]"))
        }
        return .array(elements)
    }

    private mutating func flowMapping(depth: Int) throws(YAMLError) -> RubyValue {
        try charge(depth: depth)
        offset += 1
        var pairs: [RubyHash.Pair] = []
        while try !flowEnds(with: UInt8(ascii: "}")) {
            let key = try scalar(within: -1, flow: true, depth: depth + 1)
            skipBlankLines()
            guard peek == UInt8(ascii: ":") else { throw failure(.unexpected) }
            offset += 1
            skipBlankLines()
            pairs.append(.init(key: key, value: try inline(within: -1, flow: true, depth: depth + 1)))
            try flowComma(before: UInt8(ascii: "}"))
        }
        return .hash(RubyHash(pairs))
    }

    private mutating func flowEnds(with bracket: UInt8) throws(YAMLError) -> Bool {
        skipBlankLines()
        guard !isAtEnd else { throw failure(.unfinished) }
        guard peek == bracket else { return false }
        offset += 1
        return true
    }

    private mutating func flowComma(before bracket: UInt8) throws(YAMLError) {
        skipBlankLines()
        if peek == UInt8(ascii: ",") { return offset += 1 }
        guard peek == bracket else { throw failure(isAtEnd ? .unfinished : .unexpected) }
    }

    /// One more value, `depth` containers deep.
    mutating func charge(depth: Int) throws(YAMLError) {
        guard depth < limits.maxDepth else { throw failure(.tooDeep(limit: limits.maxDepth)) }
        values += 1
        guard values <= limits.maxValues else { throw failure(.tooManyValues(limit: limits.maxValues)) }
    }

    /// The rest of a line behind a value, which must be blank, and the blank lines below it.
    private mutating func endLine() throws(YAMLError) {
        // A block scalar or a nested block has ended lines already.
        if column == 0 { return skipBlankLines() }
        let isFresh = bytes[lineStart..<offset].allSatisfy { $0 == 0x20 }
        if isFresh { return }
        skipSpaces()
        guard isAtLineEnd else { throw failure(.unexpected) }
        skipBlankLines()
    }
}
