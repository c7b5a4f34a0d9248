public import NIOCore

/// The header lines of a frame, kept as they are on the wire.
///
/// Keeping the bytes makes a relay cheap: lines that are passed on are copied, not parsed, and a frame that was read is
/// written again byte for byte. Lines are looked at when somebody asks. Order and repetitions are kept; the first of
/// repeated headers is the one that counts (STOMP 1.2; RabbitMQ and ActiveMQ do the same in all versions).
public struct Headers: Sendable {
    /// The lines, each with its end (LF, or CRLF where the peer wrote that).
    public private(set) var lines: ByteBuffer
    /// How names and values are written in `lines`.
    public let escaping: Escaping
    /// How many lines there are.
    public private(set) var count: Int

    /// No headers, to append to.
    public init(escaping: Escaping = .v1_2) {
        self.init(asRead: ByteBuffer(), count: 0, escaping: escaping)
    }

    /// These headers, in this order.
    public init(_ headers: KeyValuePairs<String, String>, escaping: Escaping = .v1_2) {
        self.init(escaping: escaping)
        for (name, value) in headers { append(name, value) }
    }

    /// Lines that were read, or written, as headers before.
    ///
    /// - Parameter lines: Each with a colon and its end; what is no such line hides all after it.
    public init(asRead lines: ByteBuffer, count: Int, escaping: Escaping) {
        self.lines = lines
        self.count = count
        self.escaping = escaping
    }

    /// The value of the first header of this name.
    ///
    /// - Parameter name: A name that needs no escapes, as all that STOMP defines.
    public subscript(name: String) -> String? {
        var found: String?
        scan { field in
            guard field.isNamed(name) else { return true }
            found = escaping.text(field.value)
            return false
        }
        return found
    }

    /// The value of the last header of this name: what counts for StompServer.
    public func last(_ name: String) -> String? {
        var found: String?
        forEachField { if $0.isNamed(name) { found = escaping.text($0.value) } }
        return found
    }

    /// All headers, in order.
    public var pairs: [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        pairs.reserveCapacity(count)
        forEachField { pairs.append((escaping.text($0.name), escaping.text($0.value))) }
        return pairs
    }

    /// Adds a header at the end, whether or not there is one of the name.
    public mutating func append(_ name: String, _ value: String) {
        lines.writeEscaped(name.utf8, isName: true, as: escaping)
        lines.writeInteger(Escaping.colon)
        lines.writeEscaped(value.utf8, isName: false, as: escaping)
        lines.writeInteger(Escaping.lineFeed)
        count += 1
    }

    /// Removes all headers of this name.
    public mutating func remove(_ name: String) {
        var kept = Headers(escaping: escaping)
        forEachField { field in
            guard !field.isNamed(name) else { return }
            kept.lines.writeBytes(field.line)
            kept.count += 1
        }
        if kept.count < count { self = kept }
    }

    /// The same headers, written otherwise.
    ///
    /// - Complexity: O(1) when they are written so already.
    public func written(as other: Escaping) -> Headers {
        guard other != escaping else { return self }
        var copy = Headers(escaping: other)
        copy.lines.reserveCapacity(lines.readableBytes)
        forEachField { field in
            copy.lines.rewriteEscaped(field.name, isName: true, from: escaping, as: other)
            copy.lines.writeInteger(Escaping.colon)
            copy.lines.rewriteEscaped(field.value, isName: false, from: escaping, as: other)
            copy.lines.writeInteger(Escaping.lineFeed)
        }
        copy.count = count
        return copy
    }

    /// Calls `body` with each line, first to last; for those who must be quick, since nothing is copied.
    public func forEachField(_ body: (HeaderField) -> Void) {
        scan { field in
            body(field)
            return true
        }
    }

    /// Calls `visit` with each line until it returns false.
    private func scan(_ visit: (HeaderField) -> Bool) {
        lines.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            while let end = rest.firstIndex(of: Escaping.lineFeed) {
                let line = UnsafeRawBufferPointer(rebasing: rest[...end])
                rest = rest[(end + 1)...]
                // Every line was checked when it was read, or was written here.
                guard let field = HeaderField(line: line), visit(field) else { return }
            }
        }
    }
}

extension Headers: Equatable {
    /// Equal when names and values are, in the same order, however they are written.
    public static func == (left: Headers, right: Headers) -> Bool {
        if left.escaping == right.escaping, left.lines == right.lines { return true }
        return left.count == right.count && left.pairs.elementsEqual(right.pairs, by: ==)
    }
}

extension Headers: CustomStringConvertible {
    /// The names alone: values may be passwords.
    public var description: String { "[\(pairs.map(\.name).joined(separator: ", "))]" }
}

extension ByteBuffer {
    fileprivate mutating func writeEscaped(_ text: String.UTF8View, isName: Bool, as escaping: Escaping) {
        guard text.contains(where: Escaping.isSpecial) else {
            writeBytes(text)
            return
        }
        for byte in text { escaping.escape(byte, isName: isName) { writeInteger($0) } }
    }

    fileprivate mutating func rewriteEscaped(
        _ bytes: UnsafeRawBufferPointer, isName: Bool, from old: Escaping, as new: Escaping
    ) {
        guard bytes.contains(where: Escaping.isSpecial) else {
            writeBytes(bytes)
            return
        }
        old.unescape(bytes) { new.escape($0, isName: isName) { writeInteger($0) } }
    }
}
