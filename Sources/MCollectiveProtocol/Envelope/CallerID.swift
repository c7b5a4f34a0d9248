/// Who asks: a kind and a name, as in `uid=0` or `cert=alice`.
///
/// Compared as a whole. The peers look for the pattern in any line of the text, so that `junk\nuid=0` passes for root
/// there; here it is no caller.
package struct CallerID: Hashable, Sendable {
    /// What stands before the sign: `uid`, `gid`, `user`, `group`, `identity`, `cert`.
    package let kind: String
    /// What stands behind it. May be dots alone: never a path by itself.
    package let name: String

    /// Nil when the text is not letters, `=`, and letters with dots and hyphens.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 256 else { return nil }
        self.init(kind: String(parts[0]), name: String(parts[1]))
    }

    /// Nil when either is not what a caller's may be.
    package init?(kind: String, name: String) {
        guard !kind.isEmpty, !name.isEmpty, kind.utf8.allSatisfy(Identity.isWord),
            name.utf8.allSatisfy({ Identity.isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") })
        else { return nil }
        self.kind = kind
        self.name = name
    }

    /// The caller of the ssl and aes providers: the name of the file of its public key without `.pem`.
    package init?(publicKeyFile path: String) {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        self.init(kind: "cert", name: file.hasSuffix(".pem") ? String(file.dropLast(4)) : file)
    }
}

extension CallerID: CustomStringConvertible {
    package var description: String { "\(kind)=\(name)" }
}

/// The names of nodes and senders.
package enum Identity {
    /// Whether a text may name a node: letters, digits, underscores, dots and hyphens, and at least one.
    package static func isValid(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// Ruby's `\w` of ASCII.
    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
