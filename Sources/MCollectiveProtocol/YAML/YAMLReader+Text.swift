/// The lines and columns of a text.
extension YAMLReader {
    var isAtEnd: Bool { offset >= bytes.count }

    /// The next byte, nil at the end.
    var peek: UInt8? { isAtEnd ? nil : bytes[offset] }

    /// Where the line of `offset` begins.
    var lineStart: Int { bytes[..<offset].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0 }

    /// Where the line of `offset` ends: at its line end or at the end of the text.
    var lineEnd: Int { bytes[offset...].firstIndex(of: 0x0a) ?? bytes.count }

    /// How many bytes stand before this one in its line.
    var column: Int { offset - lineStart }

    /// Whether nothing but a comment follows in this line.
    var isAtLineEnd: Bool {
        guard let byte = peek else { return true }
        if byte == UInt8(ascii: "#") { return offset == 0 || isBlank(at: offset - 1) }
        return byte == 0x0a || (byte == 0x0d && (offset + 1 == bytes.count || bytes[offset + 1] == 0x0a))
    }

    /// Whether a line begins here with `---` or `...` and a blank.
    var isAtMarker: Bool { isMarker("---") || isMarker("...") }

    /// Whether an element of a sequence begins here.
    var isAtDash: Bool { peek == UInt8(ascii: "-") && isBlank(at: offset + 1) }

    /// Whether there is white space, or no byte at all.
    func isBlank(at place: Int) -> Bool { place >= bytes.count || [0x20, 0x09, 0x0a, 0x0d].contains(bytes[place]) }

    mutating func skipSpaces() {
        while let byte = peek, byte == 0x20 || byte == 0x09 { offset += 1 }
    }

    /// To the next byte that is no white space and in no comment.
    mutating func skipBlankLines() {
        while !isAtEnd {
            skipSpaces()
            guard !isAtEnd, isAtLineEnd else { return }
            offset = min(lineEnd + 1, bytes.count)
        }
    }

    /// Passes over `---` or `...` at the beginning of a line.
    mutating func takeMarker(_ marker: String) -> Bool {
        guard isMarker(marker) else { return false }
        offset += 3
        return true
    }

    private func isMarker(_ marker: String) -> Bool {
        column == 0 && bytes[offset...].starts(with: marker.utf8) && isBlank(at: offset + 3)
    }

    func failure(_ problem: YAMLError.Problem) -> YAMLError {
        let line = 1 + bytes[..<min(offset, bytes.count)].count { $0 == 0x0a }
        return YAMLError(line: line, problem: problem)
    }
}
