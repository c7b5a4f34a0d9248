/// Scalars: plain, quoted and blocks of text, with their tags.
extension YAMLReader {
    /// Reads a scalar.
    ///
    /// - Parameter indent: The column that further lines of it must lie behind; `Int.max` when it must stay in its line.
    mutating func scalar(within indent: Int, flow: Bool, depth: Int) throws(YAMLError) -> RubyValue {
        try charge(depth: depth)
        let tag = try tag()
        guard !isAtLineEnd else { return try YAMLScalar.value(of: "", tag: tag, isPlain: true, at: self) }
        switch peek {
        case UInt8(ascii: "&"), UInt8(ascii: "*"): throw failure(.alias)
        case UInt8(ascii: "\""):
            return try YAMLScalar.value(of: try doubleQuoted(), tag: tag, isPlain: false, at: self)
        case UInt8(ascii: "'"):
            return try YAMLScalar.value(of: try singleQuoted(), tag: tag, isPlain: false, at: self)
        case UInt8(ascii: "|") where !flow, UInt8(ascii: ">") where !flow:
            return try YAMLScalar.value(of: try blockText(within: indent), tag: tag, isPlain: false, at: self)
        case let byte? where "|>%@`,]}".utf8.contains(byte): throw failure(.unexpected)
        case let byte? where "-?:".utf8.contains(byte) && isBlank(at: offset + 1): throw failure(.unexpected)
        default:
            return try YAMLScalar.value(of: plain(within: indent, flow: flow), tag: tag, isPlain: true, at: self)
        }
    }

    private mutating func tag() throws(YAMLError) -> String? {
        guard peek == UInt8(ascii: "!") else { return nil }
        let start = offset
        while !isBlank(at: offset) { offset += 1 }
        let tag = String(decoding: bytes[start..<offset], as: UTF8.self)
        skipSpaces()
        return tag
    }

    // MARK: Plain

    /// A plain scalar; line ends in it are folded.
    private mutating func plain(within indent: Int, flow: Bool) -> String {
        var text = plainLine(flow: flow)
        while indent != .max {
            let end = offset
            skipSpaces()
            guard !isAtEnd, bytes[offset] == 0x0a || bytes[offset] == 0x0d else {
                offset = end
                break
            }
            let breaks = skipLineBreaks()
            guard !isAtEnd, column > indent, !isAtMarker, !isAtLineEnd, !(flow && isFlowEnd(at: offset)) else {
                offset = end
                break
            }
            text += breaks > 1 ? String(repeating: "\n", count: breaks - 1) : " "
            text += plainLine(flow: flow)
        }
        return text
    }

    private mutating func plainLine(flow: Bool) -> String {
        let start = offset
        var end = offset
        while let byte = peek, byte != 0x0a {
            if byte == UInt8(ascii: ":"), isBlank(at: offset + 1) || (flow && isFlowEnd(at: offset + 1)) { break }
            if byte == UInt8(ascii: "#"), isBlank(at: offset - 1) { break }
            if flow, isFlowEnd(at: offset) { break }
            offset += 1
            if byte != 0x20, byte != 0x09, byte != 0x0d { end = offset }
        }
        offset = end
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private func isFlowEnd(at place: Int) -> Bool { place < bytes.count && ",[]{}".utf8.contains(bytes[place]) }

    /// Passes over line ends and the blanks behind them, and says how many there were.
    private mutating func skipLineBreaks() -> Int {
        var breaks = 0
        while let byte = peek, [0x20, 0x09, 0x0a, 0x0d].contains(byte) {
            if byte == 0x0a { breaks += 1 }
            offset += 1
        }
        return breaks
    }

    // MARK: Quoted

    private mutating func singleQuoted() throws(YAMLError) -> String {
        offset += 1
        var text: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "'"):
                offset += 1
                guard peek == UInt8(ascii: "'") else { return String(decoding: text, as: UTF8.self) }
                text.append(byte)
                offset += 1
            case 0x0a: fold(into: &text, keeping: 0)
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw failure(.unfinished)
    }

    private mutating func doubleQuoted() throws(YAMLError) -> String {
        offset += 1
        var text: [UInt8] = []
        /// Blanks up to here were written as escapes, and stay.
        var kept = 0
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                offset += 1
                if peek == 0x0a || (peek == 0x0d && offset + 1 < bytes.count && bytes[offset + 1] == 0x0a) {
                    offset = lineEnd
                    _ = skipLineBreaks()
                } else {
                    text += try escape()
                }
                kept = text.count
            case 0x0a: fold(into: &text, keeping: kept)
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw failure(.unfinished)
    }

    /// A line end in quotes: one is a blank, each further one itself.
    private mutating func fold(into text: inout [UInt8], keeping kept: Int) {
        while text.count > kept, let last = text.last, [0x20, 0x09, 0x0d].contains(last) { text.removeLast() }
        let breaks = skipLineBreaks()
        text += breaks > 1 ? [UInt8](repeating: 0x0a, count: breaks - 1) : [0x20]
    }

    private mutating func escape() throws(YAMLError) -> [UInt8] {
        guard let byte = peek else { throw failure(.unfinished) }
        offset += 1
        let simple: [Unicode.Scalar: UInt8] = [
            "0": 0, "a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "e": 27, " ": 32, "\"": 34, "/": 47,
            "\\": 92,
        ]
        if let value = simple[Unicode.Scalar(byte)] { return [value] }
        switch byte {
        case UInt8(ascii: "N"): return Array("\u{85}".utf8)
        case UInt8(ascii: "_"): return Array("\u{a0}".utf8)
        case UInt8(ascii: "L"): return Array("\u{2028}".utf8)
        case UInt8(ascii: "P"): return Array("\u{2029}".utf8)
        case UInt8(ascii: "x"): return try codePoint(digits: 2)
        case UInt8(ascii: "u"): return try codePoint(digits: 4)
        case UInt8(ascii: "U"): return try codePoint(digits: 8)
        default: throw failure(.invalidEscape)
        }
    }

    private mutating func codePoint(digits: Int) throws(YAMLError) -> [UInt8] {
        let end = offset + digits
        guard end <= bytes.count, bytes[offset..<end].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let code = UInt32(String(decoding: bytes[offset..<end], as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(code)
        else { throw failure(.invalidEscape) }
        offset = end
        return Array(String(scalar).utf8)
    }

    // MARK: Blocks of text

    private enum Chomping { case clip, strip, keep }

    private mutating func blockText(within indent: Int) throws(YAMLError) -> String {
        let isFolded = peek == UInt8(ascii: ">")
        offset += 1
        var chomping = Chomping.clip
        var textColumn: Int?
        while let byte = peek, !isBlank(at: offset) {
            switch byte {
            case UInt8(ascii: "-"): chomping = .strip
            case UInt8(ascii: "+"): chomping = .keep
            case UInt8(ascii: "1")...UInt8(ascii: "9"): textColumn = max(indent, 0) + Int(byte - UInt8(ascii: "0"))
            default: throw failure(.unexpected)
            }
            offset += 1
        }
        skipSpaces()
        guard isAtLineEnd, indent != .max else { throw failure(.unexpected) }
        offset = min(lineEnd + 1, bytes.count)
        let lines = textLines(behind: indent, column: textColumn)
        return YAMLReader.join(lines, isFolded: isFolded, chomping)
    }

    /// The lines of a block without their indentation, up to the first that is not indented enough.
    private mutating func textLines(behind indent: Int, column: Int?) -> [ArraySlice<UInt8>] {
        var column = column
        var lines: [ArraySlice<UInt8>] = []
        while !isAtEnd {
            var line = bytes[offset..<lineEnd]
            if line.last == 0x0d { line.removeLast() }
            let spaces = line.prefix { $0 == 0x20 }.count
            let isBlank = spaces == line.count
            if !isBlank, spaces <= indent || spaces < column ?? 0 { break }
            if !isBlank, column == nil { column = spaces }
            lines.append(line.dropFirst(isBlank ? min(spaces, column ?? spaces) : column ?? spaces))
            offset = min(lineEnd + 1, bytes.count)
        }
        return lines
    }

    private static func join(_ lines: [ArraySlice<UInt8>], isFolded: Bool, _ chomping: Chomping) -> String {
        let content = lines[..<(lines.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0)]
        var text: [UInt8] = []
        for (place, line) in content.enumerated() {
            text += line
            guard place + 1 < content.count else { break }
            // Folded: one line end between two lines of text is a blank, one more for each line that is empty.
            let isSpace: (UInt8?) -> Bool = { $0 == 0x20 || $0 == 0x09 }
            let next = content[place + 1]
            if !isFolded || isSpace(line.first) || isSpace(next.first) || line.isEmpty {
                text.append(0x0a)
            } else if !next.isEmpty {
                text.append(0x20)
            }
        }
        switch chomping {
        case .strip: break
        case .clip: if !content.isEmpty { text.append(0x0a) }
        case .keep: text += [UInt8](repeating: 0x0a, count: lines.count - content.count + (content.isEmpty ? 0 : 1))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
