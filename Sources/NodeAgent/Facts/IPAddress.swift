/// An IPv4 or IPv6 address as Python's `ipaddress` reads, prints and orders it.
package struct IPAddress: Sendable, Hashable, Comparable {
    /// 4 or 16 bytes, most significant first.
    package let bytes: [UInt8]

    /// Nil unless there are 4 or 16 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Dotted quad without leading zeros, or RFC 4291 text; a zone (`%eth0`) is dropped.
    package init?(_ text: some StringProtocol) {
        let address = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)[0]
        if let bytes = address.contains(":") ? Self.ipv6(address) : Self.ipv4(address) {
            self.bytes = bytes
        } else {
            return nil
        }
    }

    package var isIPv4: Bool { bytes.count == 4 }

    /// 127.0.0.0/8 or ::1.
    package var isLoopback: Bool {
        isIPv4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// The reserved ranges of RFC 1918 and their like, as Python's `is_private` has them.
    package var isPrivate: Bool {
        let networks = isIPv4 ? Self.privateIPv4 : Self.privateIPv6
        return networks.contains { $0.contains(self) }
    }

    package static func < (left: IPAddress, right: IPAddress) -> Bool {
        left.bytes.count != right.bytes.count
            ? left.bytes.count < right.bytes.count : left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    private static let privateIPv4 = [
        "0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/29", "192.0.0.170/31",
        "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
        "255.255.255.255/32",
    ].compactMap { Subnet($0) }
    private static let privateIPv6 = [
        "::1/128", "::/128", "::ffff:0:0/96", "100::/64", "2001::/23", "2001:2::/48", "2001:db8::/32", "2001:10::/28",
        "fc00::/7", "fe80::/10",
    ].compactMap { Subnet($0) }

    private static func ipv4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { part -> UInt8? in
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
                part.utf8.count == 1 || part.first != "0"
            else { return nil }
            return UInt8(part)
        }
        return bytes.count == 4 ? bytes : nil
    }

    private static func ipv6(_ text: some StringProtocol) -> [UInt8]? {
        var parts = String(text).split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3 else { return nil }
        if let last = parts.last, last.contains(".") {
            guard let quad = ipv4(last) else { return nil }
            parts.removeLast()
            parts.append(String(UInt16(quad[0]) << 8 | UInt16(quad[1]), radix: 16))
            parts.append(String(UInt16(quad[2]) << 8 | UInt16(quad[3]), radix: 16))
        }
        // An edge written as `::` gives two empty parts, the middle one gives one.
        if parts.first == "" {
            guard parts.count > 1, parts[1] == "" else { return nil }
            parts.removeFirst()
        }
        if parts.last == "" {
            guard parts.count > 1, parts[parts.count - 2] == "" else { return nil }
            parts.removeLast()
        }
        let gaps = parts.indices.filter { parts[$0].isEmpty }
        guard gaps.count <= 1, gaps.count == 1 ? parts.count <= 8 : parts.count == 8 else { return nil }
        if let gap = gaps.first {
            parts.replaceSubrange(gap...gap, with: Array(repeating: "0", count: 9 - parts.count))
        }
        var bytes: [UInt8] = []
        for part in parts {
            guard part.utf8.count <= 4, part.first != "+", part.first != "-", let group = UInt16(part, radix: 16) else {
                return nil
            }
            bytes += [UInt8(group >> 8), UInt8(group & 255)]
        }
        return bytes.count == 16 ? bytes : nil
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        guard !isIPv4 else { return bytes.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8 && groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        func text(_ range: Range<Int>) -> String { range.map { String(groups[$0], radix: 16) }.joined(separator: ":") }
        return best.isEmpty ? text(0..<8) : text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
    }
}

/// A network: an address whose host bits are zero, and how many bits count.
package struct Subnet: Sendable, Hashable, Comparable {
    package let address: IPAddress
    package let prefixLength: Int

    /// The network that an address lies in; nil for a length beyond the address.
    package init?(containing address: IPAddress, prefixLength: Int) {
        guard (0...address.bytes.count * 8).contains(prefixLength) else { return nil }
        let masked = Self.mask(address.bytes, prefixLength)
        guard let network = IPAddress(bytes: masked) else { return nil }
        self.address = network
        self.prefixLength = prefixLength
    }

    /// `10.0.0.0/8`, `10.0.0.0/255.0.0.0` or a single address. Nil when host bits are set, as Python's strict reading.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        var length = address.bytes.count * 8
        if parts.count == 2 {
            guard let given = Int(parts[1]) ?? IPAddress(parts[1]).flatMap(Self.length(of:)) else { return nil }
            length = given
        }
        guard let network = Subnet(containing: address, prefixLength: length), network.address == address else {
            return nil
        }
        self = network
    }

    /// How many bits a netmask such as 255.255.255.0 counts; nil when it is none.
    package static func length(of mask: IPAddress) -> Int? {
        let length = mask.bytes.reduce(0) { $0 + $1.nonzeroBitCount }
        return Self.mask([UInt8](repeating: 255, count: mask.bytes.count), length) == mask.bytes ? length : nil
    }

    package func contains(_ other: IPAddress) -> Bool {
        other.bytes.count == address.bytes.count && Self.mask(other.bytes, prefixLength) == address.bytes
    }

    package static func < (left: Subnet, right: Subnet) -> Bool {
        left.address != right.address ? left.address < right.address : left.prefixLength < right.prefixLength
    }

    private static func mask(_ bytes: [UInt8], _ length: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(max(length - index * 8, 0), 8)
            return kept == 0 ? 0 : byte & UInt8(truncatingIfNeeded: 0xff << (8 - kept))
        }
    }
}

extension Subnet: CustomStringConvertible {
    package var description: String { "\(address)/\(prefixLength)" }
}
