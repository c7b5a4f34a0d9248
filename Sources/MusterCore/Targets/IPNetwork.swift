#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An IPv4 or IPv6 address, or a network of them in CIDR form with zero host bits.
package struct IPNetwork: Sendable, Hashable {
    /// 4 or 16 bytes in network order.
    private let bytes: [UInt8]
    private let prefix: Int

    package var isIPv4: Bool { bytes.count == 4 }

    /// Nil when the text is neither an address nor a network, or host bits are set.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = IPNetwork.parse(String(parts[0])) else { return nil }
        self.bytes = bytes
        guard parts.count == 2 else {
            prefix = bytes.count * 8
            return
        }
        guard parts[1].allSatisfy(\.isNumber), let prefix = Int(parts[1]), prefix <= bytes.count * 8 else { return nil }
        self.prefix = prefix
        guard (prefix..<bytes.count * 8).allSatisfy({ bytes[$0 / 8] & (0x80 >> UInt8($0 % 8)) == 0 }) else {
            return nil
        }
    }

    /// Whether the text is an address of this network. Text that is no address is not.
    package func contains(_ address: String) -> Bool {
        guard let other = IPNetwork.parse(address), other.count == bytes.count else { return false }
        return (0..<prefix).allSatisfy { bit in
            (other[bit / 8] ^ bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }

    private static func parse(_ text: String) -> [UInt8]? {
        for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: size)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
