import Glibc

/// Ports of loopback that nobody uses now.
package enum FreePort {
    /// Two ports that are free at the same time.
    package static func pair() throws -> (Int, Int) {
        let first = try bound()
        defer { close(first.descriptor) }
        let second = try bound()
        defer { close(second.descriptor) }
        return (first.port, second.port)
    }

    /// Whether a connection to a port is accepted.
    package static func isAnswered(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return withAddress(port) { connect(descriptor, $0, $1) } == 0
    }

    /// Below the ports that the system gives to outgoing connections: it stays free until the daemon takes it, and
    /// while the daemon is restarted.
    private static func bound() throws -> (descriptor: Int32, port: Int) {
        for _ in 0..<200 {
            let port = Int.random(in: 10_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            if descriptor >= 0, withAddress(port, { bind(descriptor, $0, $1) }) == 0 { return (descriptor, port) }
            close(descriptor)
        }
        throw SiteError("no free port: \(String(cString: strerror(errno)))")
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
