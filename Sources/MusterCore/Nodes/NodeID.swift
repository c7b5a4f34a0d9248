/// The name of a node, checked: what a peer calls a minion id or identity.
///
/// 1 to 255 bytes of text without `/`, `\`, control characters or NUL, and not `.` or `..`: a `NodeID` is safe as a
/// file name and in a log line. Source: Salt's `valid_id`, with control characters and length added.
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

    package static func < (left: NodeID, right: NodeID) -> Bool { left.text < right.text }

    private static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
        guard (1...255).contains(bytes.count) else { return false }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f && $0 != 0x2f && $0 != 0x5c }) else { return false }
        return !bytes.elementsEqual(".".utf8) && !bytes.elementsEqual("..".utf8)
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
