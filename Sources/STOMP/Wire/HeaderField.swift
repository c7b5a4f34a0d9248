/// One header line, as it is written; valid only inside the call that got it.
public struct HeaderField {
    /// The name, escaped as the line is.
    public let name: UnsafeRawBufferPointer
    /// The value, escaped as the line is.
    public let value: UnsafeRawBufferPointer
    /// The line with its end.
    public let line: UnsafeRawBufferPointer

    /// - Parameter line: A line with its end; nil when there is no colon in it.
    init?(line: UnsafeRawBufferPointer) {
        guard let colon = line.firstIndex(of: Escaping.colon) else { return nil }
        var end = line.count - 1
        if end > colon + 1, line[end - 1] == Escaping.carriageReturn { end -= 1 }
        name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        value = UnsafeRawBufferPointer(rebasing: line[(colon + 1)..<end])
        self.line = line
    }

    /// Whether the name is this one, compared as written.
    public func isNamed(_ name: StaticString) -> Bool { self.name.equals(name) }

    /// Whether the name is this one, compared as written.
    func isNamed(_ name: String) -> Bool {
        self.name.count == name.utf8.count && self.name.elementsEqual(name.utf8)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these are the bytes of a text.
    func equals(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { text in count == text.count && elementsEqual(text) }
    }

    /// The number that decimal digits spell; nil for anything else, and for what does not fit.
    package var decimal: Int? {
        guard !isEmpty, count <= 18 else { return nil }
        var number = 0
        for byte in self {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }
}
