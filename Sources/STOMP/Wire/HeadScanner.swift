/// Finds the end of a frame's head in bytes that come piecemeal, and checks it on the way.
///
/// Every byte is looked at once, however the head is cut up. Positions count from the first byte of the frame. What the
/// scanner has passed needs no more checks: each line has a colon, and no NUL, and its escapes are escapes.
struct HeadScanner {
    /// A head that is there as a whole.
    struct Head: Equatable {
        let command: Command
        /// Where the header lines are.
        let lines: Range<Int>
        let lineCount: Int
        let escaping: Escaping
        /// What the peer said about the body's length.
        let contentLength: Int?
        /// Where the body begins.
        var bodyStart: Int
    }

    private let limits: Limits
    private let version: Version?
    private var position = 0
    private var lineStart = 0
    private var colon: Int?
    private var hasBackslash = false
    private var command: Command?
    private var linesStart = 0
    private var lineCount = 0
    private var contentLength: Int?

    /// - Parameter version: What was agreed upon; nil before.
    init(limits: Limits, version: Version?) {
        self.limits = limits
        self.version = version
    }

    /// Looks at what has come since the last call.
    ///
    /// - Parameter bytes: All that has come of the frame.
    /// - Returns: Nil when the head is not all there yet.
    mutating func scan(_ bytes: UnsafeRawBufferPointer) throws(STOMPError) -> Head? {
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case Escaping.lineFeed:
                if let head = try endLine(bytes) { return head }
            case Escaping.colon:
                if colon == nil { colon = position - 1 }
            case Escaping.backslash: hasBackslash = true
            case Frame.end: throw .malformedHead
            default: break
            }
            guard position - lineStart <= limits.maxLineBytes else {
                throw .lineTooLong(limitBytes: limits.maxLineBytes)
            }
            guard position <= limits.maxHeadBytes else { throw .headTooLarge(limitBytes: limits.maxHeadBytes) }
        }
        return nil
    }

    private mutating func endLine(_ bytes: UnsafeRawBufferPointer) throws(STOMPError) -> Head? {
        var line = UnsafeRawBufferPointer(rebasing: bytes[lineStart..<(position - 1)])
        if takesCarriageReturns, line.last == Escaping.carriageReturn {
            line = UnsafeRawBufferPointer(rebasing: line.dropLast())
        }
        defer {
            lineStart = position
            colon = nil
            hasBackslash = false
        }
        guard let command else {
            guard let named = Command(line) else { throw .unknownCommand(STOMPError.printable(line)) }
            command = named
            linesStart = position
            return nil
        }
        guard !line.isEmpty else {
            return Head(
                command: command, lines: linesStart..<lineStart, lineCount: lineCount, escaping: escaping,
                contentLength: contentLength, bodyStart: position)
        }
        try endHeader(line)
        return nil
    }

    private mutating func endHeader(_ line: UnsafeRawBufferPointer) throws(STOMPError) {
        guard let colon, colon > lineStart else { throw .malformedHead }
        lineCount += 1
        guard lineCount <= limits.maxHeaders else { throw .tooManyHeaders(limit: limits.maxHeaders) }
        if hasBackslash, !escaping.accepts(line) { throw .undefinedEscape }
        let name = UnsafeRawBufferPointer(rebasing: line[..<(colon - lineStart)])
        guard name.equals("content-length") else { return }
        let value = UnsafeRawBufferPointer(rebasing: line[(colon - lineStart + 1)...])
        guard let length = value.decimal else { throw .malformedContentLength(STOMPError.printable(value)) }
        guard length <= limits.maxBodyBytes else {
            throw .bodyTooLarge(declaredBytes: length, limitBytes: limits.maxBodyBytes)
        }
        guard contentLength == nil || contentLength == length else { throw .contradictoryContentLength }
        contentLength = length
    }

    private var escaping: Escaping {
        guard let command, let version, !command.isConnecting else { return .none }
        return version.escaping
    }

    private var takesCarriageReturns: Bool {
        version == nil || version == .v1_2
    }
}
