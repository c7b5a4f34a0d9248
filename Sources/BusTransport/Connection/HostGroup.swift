import NIOCore

/// Those that share what one address may be given: an IPv4 address, or an IPv6 network of 64 bits, since whoever has one
/// address of it has them all.
enum HostGroup: Hashable {
    case ipv4(UInt32)
    case ipv6(UInt64)
    case other

    init(_ address: SocketAddress?) {
        guard let address else {
            self = .other
            return
        }
        self = address.withSockAddr { pointer, size in
            let bytes = UnsafeRawBufferPointer(start: pointer, count: size)
            // Where `sockaddr_in` and `sockaddr_in6` have the address, on every system.
            switch address {
            case .v4: return .ipv4(bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            case .v6: return .ipv6(UnsafeRawBufferPointer(rebasing: bytes[8..<24]))
            case .unixDomainSocket: return .other
            }
        }
    }

    /// The group of an IPv6 address; one that holds an IPv4 address (`::ffff:a.b.c.d`, as a socket on `::` shows them)
    /// counts as that.
    private static func ipv6(_ bytes: UnsafeRawBufferPointer) -> HostGroup {
        let network = bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
        let isMapped = network == 0 && bytes[10] == 0xff && bytes[11] == 0xff
        return isMapped ? .ipv4(bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)) : .ipv6(network)
    }
}
