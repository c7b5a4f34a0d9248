/// The name of a node, checked: what a peer calls a minion id or identity.
///
/// 1 to 255 bytes of text without `/`, `\`, `,`, control characters or NUL, which does not begin with a dot and neither
/// begins nor ends with a blank: a `NodeID` is safe as a file name, in a log line and in a list of ids. Two ids are the
/// same when their bytes are: texts that only look alike (`é` as one character or as two) are two nodes.
///
/// Source: Salt's `valid_id`, which allows more: there an id `a,b` is reached by no list of its own, and makes every list
/// it stands in mean `a` and `b`; one that begins with a dot is a key that nobody sees.
package struct NodeID: Sendable, Hashable, Comparable {
    package let text: String

    /// Nil when the text is no valid id.
    package init?(_ text: String) {
        guard NodeID.isValid(text.utf8) else { return nil }
        self.text = text
    }

    /// Nil when the bytes are no valid UTF-8 or no valid id.
    package init?(utf8 bytes: some Collection<UInt8>) {
        guard NodeID.isValid(bytes), let text = String(validating: bytes, as: UTF8.self) else { return nil }
        self.text = text
    }

    package static func == (left: NodeID, right: NodeID) -> Bool {
        // Swift's texts are equal when their characters are; file names and rows are compared by bytes.
        left.text == right.text && left.text.utf8.elementsEqual(right.text.utf8)
    }

    package static func < (left: NodeID, right: NodeID) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    private static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
        guard (1...255).contains(bytes.count) else { return false }
        var last: UInt8 = 0
        for byte in bytes {
            guard byte >= 0x20, byte != 0x7f, byte != UInt8(ascii: "/"), byte != UInt8(ascii: "\\"),
                byte != UInt8(ascii: ",")
            else { return false }
            last = byte
        }
        return bytes.first != UInt8(ascii: ".") && bytes.first != UInt8(ascii: " ") && last != UInt8(ascii: " ")
    }
}

extension NodeID: CustomStringConvertible {
    package var description: String { text }
}

extension NodeID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = NodeID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a node id")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
