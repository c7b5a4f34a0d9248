import MusterCore

/// The two MessagePack extensions of Salt.
enum SaltExtension {
    /// A date and time: ASCII `YYYYMMDDTHH:MM:SS.ffffff`, without a zone.
    static let dateTime: Int8 = 78
    /// A named constant: MessagePack `[name, value]`.
    static let constant: Int8 = 79

    /// `2026-11-21T06:57:00.240995` for `20261121T06:57:00.240995`; nil when the text is no date and time.
    static func isoText(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count == 24, bytes[8] == UInt8(ascii: "T"), bytes[17] == UInt8(ascii: ".") else { return nil }
        guard bytes[11] == UInt8(ascii: ":"), bytes[14] == UInt8(ascii: ":") else { return nil }
        let digits = bytes[..<8] + bytes[9..<11] + bytes[12..<14] + bytes[15..<17] + bytes[18...]
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let dash = [UInt8(ascii: "-")]
        return String(decoding: bytes[..<4] + dash + bytes[4..<6] + dash + bytes[6...], as: UTF8.self)
    }

    /// The contents of a date-time extension for a moment, which Salt reads without a zone.
    static func dateTimeContents(_ time: Timestamp) -> [UInt8] {
        Array(time.iso8601.utf8.filter { $0 != UInt8(ascii: "-") })
    }
}
