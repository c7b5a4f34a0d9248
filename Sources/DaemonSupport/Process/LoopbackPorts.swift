#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// TCP ports of 127.0.0.1, for fleets that live on one machine for a short time.
package enum LoopbackPorts {
    /// Nothing could be bound.
    package struct NoneFree: Error, CustomStringConvertible {
        package var description: String { "no free port on 127.0.0.1" }
    }

    /// Different ports that nobody uses now.
    ///
    /// They lie below those that the system gives to outgoing connections: they stay free until a daemon takes them,
    /// and while it is restarted.
    package static func free(_ count: Int) throws(NoneFree) -> [Int] {
        var held: [Int32] = []
        // All are held until all are known, so that they differ.
        defer { for descriptor in held { close(descriptor) } }
        var ports: [Int] = []
        for _ in 0..<1000 where ports.count < count {
            let port = Int.random(in: 10_000..<32_000)
            guard let descriptor = stream() else { break }
            held.append(descriptor)
            if withAddress(port, { bind(descriptor, $0, $1) }) == 0 { ports.append(port) }
        }
        guard ports.count == count else { throw NoneFree() }
        return ports
    }

    /// Whether a connection to a port is accepted.
    package static func isAnswered(_ port: Int) -> Bool {
        guard let descriptor = stream() else { return false }
        defer { close(descriptor) }
        return withAddress(port) { connect(descriptor, $0, $1) } == 0
    }

    private static func stream() -> Int32? {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        return descriptor < 0 ? nil : descriptor
    }

    private static func withAddress<Result>(
        _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
