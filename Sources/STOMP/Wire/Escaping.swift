/// How the names and values of header lines are written.
///
///     none    as they are: 1.0, and CONNECT, STOMP and CONNECTED of every version
///     v1_1    \n is LF, \c is a colon, \\ is a backslash
///     v1_2    the same, and \r is CR; any other escape is a fatal error
///
/// Tolerance: an escape that 1.1 does not define stays as it is (1.1 does not forbid it; clients that write Windows
/// paths into headers send such).
public enum Escaping: Sendable, Hashable {
    case none
    case v1_1
    case v1_2

    /// Whether every escape in these bytes is one.
    func accepts(_ bytes: some Sequence<UInt8>) -> Bool {
        guard self == .v1_2 else { return true }
        var isEscape = false
        for byte in bytes {
            if isEscape {
                guard Escaping.unescaped(byte, in: self) != nil else { return false }
                isEscape = false
            } else {
                isEscape = byte == Escaping.backslash
            }
        }
        return !isEscape
    }

    /// The text that these bytes of a line mean; bytes that are no UTF-8 become U+FFFD.
    public func text(_ bytes: some Collection<UInt8>) -> String {
        guard self != .none, bytes.contains(Escaping.backslash) else { return String(decoding: bytes, as: UTF8.self) }
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        unescape(bytes) { plain.append($0) }
        return String(decoding: plain, as: UTF8.self)
    }

    /// Gives the bytes that these bytes of a line mean, one by one.
    func unescape(_ bytes: some Collection<UInt8>, _ write: (UInt8) -> Void) {
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            guard self != .none, byte == Escaping.backslash else {
                write(byte)
                continue
            }
            guard let code = iterator.next() else { return write(byte) }
            if let plain = Escaping.unescaped(code, in: self) {
                write(plain)
            } else {
                write(byte)
                write(code)
            }
        }
    }

    /// Gives the bytes of a line that mean this byte.
    ///
    /// What cannot be said becomes a blank, so that no text ever ends its line: LF where there are no escapes, NUL (which
    /// many readers take for the end of the frame) everywhere, and, where there are no escapes, a colon in a name.
    func escape(_ byte: UInt8, isName: Bool, _ write: (UInt8) -> Void) {
        switch (byte, self) {
        case (0, _): write(Escaping.blank)
        case (Escaping.lineFeed, .none): write(Escaping.blank)
        case (Escaping.colon, .none): write(isName ? Escaping.blank : byte)
        case (Escaping.lineFeed, .v1_1), (Escaping.lineFeed, .v1_2): writePair(UInt8(ascii: "n"), write)
        case (Escaping.colon, .v1_1), (Escaping.colon, .v1_2): writePair(UInt8(ascii: "c"), write)
        case (Escaping.backslash, .v1_1), (Escaping.backslash, .v1_2): writePair(Escaping.backslash, write)
        case (Escaping.carriageReturn, .v1_2): writePair(UInt8(ascii: "r"), write)
        case (Escaping.carriageReturn, .none), (Escaping.carriageReturn, .v1_1): write(Escaping.blank)
        default: write(byte)
        }
    }

    /// Whether the byte is written otherwise, or means something else, anywhere.
    static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case 0, lineFeed, carriageReturn, colon, backslash: true
        default: false
        }
    }

    private func writePair(_ code: UInt8, _ write: (UInt8) -> Void) {
        write(Escaping.backslash)
        write(code)
    }

    private static func unescaped(_ code: UInt8, in escaping: Escaping) -> UInt8? {
        switch code {
        case UInt8(ascii: "n"): lineFeed
        case UInt8(ascii: "c"): colon
        case backslash: backslash
        case UInt8(ascii: "r") where escaping == .v1_2: carriageReturn
        default: nil
        }
    }

    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let colon = UInt8(ascii: ":")
    static let backslash = UInt8(ascii: "\\")
    static let blank = UInt8(ascii: " ")
}
