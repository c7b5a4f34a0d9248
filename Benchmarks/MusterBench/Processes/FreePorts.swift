import Glibc

/// Ports of loopback.
enum FreePorts {
    /// Different ports that nobody uses now, below those that the system gives to outgoing connections: they stay free
    /// until a daemon takes them.
    static func take(_ count: Int) throws(BenchFailure) -> [Int] {
        var held: [Int32] = []
        // All are held until all are known, so that they differ.
        defer { for descriptor in held { close(descriptor) } }
        var ports: [Int] = []
        for _ in 0..<1000 where ports.count < count {
            let port = Int.random(in: 10_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            held.append(descriptor)
            if withAddress(port, { bind(descriptor, $0, $1) }) == 0 { ports.append(port) }
        }
        guard ports.count == count else { throw BenchFailure("there are no free ports on 127.0.0.1") }
        return ports
    }

    /// Whether a connection to a port is accepted.
    static func isAnswered(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return withAddress(port) { connect(descriptor, $0, $1) } == 0
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
