/// Whether a text is an address, as the validators ask. Networks are none.
enum IPText {
    /// Four numbers up to 255 without zeros in front.
    static func isVersion4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { (0x30...0x39).contains($0) } && (part.utf8.count == 1 || !part.hasPrefix("0"))
                    && part.utf8.count <= 3 && (Int(part) ?? 256) <= 255
            }
    }

    /// Eight groups of hex digits, of which `::` may stand for some; the last two may be an address of version 4.
    static func isVersion6(_ text: String) -> Bool {
        let halves = text.components(around: "::")
        guard halves.count <= 2 else { return false }
        var groups = 0
        for (place, half) in halves.enumerated() where !half.isEmpty {
            let parts = half.split(separator: ":", omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() {
                let isLast = place == halves.count - 1 && index == parts.count - 1
                if isLast, part.contains("."), isVersion4(String(part)) {
                    groups += 2
                } else if (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                    part.utf8.count == part.count
                {
                    groups += 1
                } else {
                    return false
                }
            }
        }
        return halves.count == 2 ? groups <= 7 : groups == 8
    }
}

extension String {
    /// The parts around each place where the mark stands.
    fileprivate func components(around mark: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: mark) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
