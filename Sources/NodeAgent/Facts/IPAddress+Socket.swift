#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Addresses as the C library has them.
extension IPAddress {
    /// Nil when it is neither IPv4 nor IPv6.
    init?(_ socket: UnsafeMutablePointer<sockaddr>) {
        let address: IPAddress? =
            switch Int32(socket.pointee.sa_family) {
            case AF_INET:
                socket.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { socket in
                    withUnsafeBytes(of: socket.pointee.sin_addr) { IPAddress(bytes: Array($0)) }
                }
            case AF_INET6:
                socket.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { socket in
                    withUnsafeBytes(of: socket.pointee.sin6_addr) { IPAddress(bytes: Array($0)) }
                }
            default: nil
            }
        guard let address else { return nil }
        self = address
    }

    /// Hands out the address as the C library wants it.
    func withSocketAddress<Result>(port: UInt16 = 0, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        if isIPv4 {
            var socket = sockaddr_in()
            socket.sin_family = sa_family_t(AF_INET)
            socket.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &socket.sin_addr) { $0.copyBytes(from: bytes) }
            return withUnsafePointer(to: &socket) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var socket = sockaddr_in6()
        socket.sin6_family = sa_family_t(AF_INET6)
        socket.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &socket.sin6_addr) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &socket) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}
