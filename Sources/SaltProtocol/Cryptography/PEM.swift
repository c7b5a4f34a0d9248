import MusterCore

/// The text form of keys (RFC 7468), the way Salt treats it.
///
/// Salt compares, signs and hashes the *text* of public keys, so line ends and white space at both ends matter:
/// ``normalised(_:)`` is the only form to send, store or compare.
public enum PEM {
    /// No key that we accept is longer; an 8192-bit private key has about 6500 characters.
    static let maximumCount = 16_384

    /// The text without white space at both ends and with `\n` between its lines: Salt's `clean_key`.
    public static func normalised(_ text: String) -> String {
        String(decoding: normalised(utf8: Array(text.utf8)), as: UTF8.self)
    }

    /// The same over bytes: a UTF-8 text stays one, other bytes are kept.
    static func normalised(utf8 bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var previous: UInt8 = 0
        for byte in bytes {
            switch byte {
            case 0x0a where previous == 0x0d: break  // the second half of a line end already written
            case 0x0d, 0x0a: text.append(0x0a)
            default: text.append(byte)
            }
            previous = byte
        }
        guard let first = text.firstIndex(where: { !isSpace($0) }), let last = text.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return Array(text[first...last])
    }

    /// The Salt fingerprint of a PEM text: pairs of lower-case hex digits, separated by colons.
    ///
    /// - Parameter scope: What is hashed; Salt releases differ, see ``FingerprintScope``.
    /// Source: Salt, `salt/utils/crypt.py`, `pem_finger`.
    public static func fingerprint(
        of text: String, using algorithm: DigestAlgorithm = .sha256, scope: FingerprintScope = .body
    ) throws(CryptographyError) -> String {
        let hashed: [UInt8] =
            switch scope {
            case .body: body(of: normalised(utf8: Array(text.utf8)))
            case .wholeText: Array(text.utf8)
            }
        let digest = Hex.ascii(try algorithm.hash(hashed))
        var pairs: [UInt8] = []
        pairs.reserveCapacity(digest.count / 2 * 3)
        for (index, digit) in digest.enumerated() {
            if index > 0, index.isMultiple(of: 2) { pairs.append(0x3a) }
            pairs.append(digit)
        }
        return String(decoding: pairs, as: UTF8.self)
    }

    /// The lines between the first and the last, blank ones left out, each with its `\n`.
    private static func body(of text: [UInt8]) -> [UInt8] {
        let lines = text.split(separator: 0x0a).filter { !$0.allSatisfy(isSpace) }
        guard lines.count > 2 else { return [] }
        return lines[1..<(lines.count - 1)].flatMap { $0 + [0x0a] }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}

/// Which part of a PEM text a Salt fingerprint covers.
public enum FingerprintScope: Sendable {
    /// The base64 lines only, each ending with `\n`: `master_finger`, and `salt-key -f` of 3006 and 3007.
    case body
    /// Every byte of the stored text: what `salt-key -f` of 3008 prints.
    case wholeText
}

extension PEM {
    /// One PEM block: what the BEGIN line names, and the bytes within.
    struct Block: Equatable {
        var label: String
        var bytes: [UInt8]

        /// The block as text with `\n` line ends and without one at the end.
        var text: String {
            let body = Array(Base64.encode(bytes).utf8)
            var lines = ["-----BEGIN \(label)-----"]
            for start in stride(from: 0, to: body.count, by: 64) {
                lines.append(String(decoding: body[start..<min(start + 64, body.count)], as: UTF8.self))
            }
            lines.append("-----END \(label)-----")
            return lines.joined(separator: "\n")
        }
    }

    /// The single block of a text that holds nothing else but white space.
    static func block(in text: String) throws(CryptographyError) -> Block {
        guard text.utf8.count <= maximumCount else { throw .notPEM }
        let lines = normalised(text).split(separator: "\n", omittingEmptySubsequences: false)
        let begin = "-----BEGIN "
        let dashes = "-----"
        guard lines.count > 2, let first = lines.first, let last = lines.last, first.hasPrefix(begin),
            first.hasSuffix(dashes), first.utf8.count > begin.utf8.count + dashes.utf8.count
        else { throw .notPEM }
        let label = String(first.dropFirst(begin.count).dropLast(dashes.count))
        guard last == "-----END \(label)-----" else { throw .notPEM }
        guard let bytes = Base64.decode(lines[1..<(lines.count - 1)].joined().utf8), !bytes.isEmpty
        else { throw .malformedKey }
        return Block(label: label, bytes: bytes)
    }
}
