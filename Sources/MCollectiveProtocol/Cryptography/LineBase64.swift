import MusterCore

/// Base64 as Ruby's `Base64.encode64` writes it: sixty characters a line, a line end after each, the last included.
package enum LineBase64 {
    /// The text of some bytes; empty for none.
    package static func encode(_ bytes: [UInt8]) -> String {
        let text = Array(Base64.encode(bytes).utf8)
        var lines: [UInt8] = []
        lines.reserveCapacity(text.count + text.count / 60 + 1)
        for start in stride(from: 0, to: text.count, by: 60) {
            lines += text[start..<min(start + 60, text.count)]
            lines.append(0x0a)
        }
        return String(decoding: lines, as: UTF8.self)
    }

    /// The bytes of a text in lines of any length, nil when it is none.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? { Base64.decode(text) }
}
