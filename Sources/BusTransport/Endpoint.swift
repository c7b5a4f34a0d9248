package import NIOCore

/// A host and a TCP port, to bind to or to connect to.
///
/// The host is a name or a literal address; IPv6 without brackets. Names are resolved when the endpoint is used, and
/// again at each reconnect.
package struct Endpoint: Sendable, Hashable {
    package var host: String
    /// 0 when binding lets the system choose.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, `[ipv6]:port`, each also with `tcp://` before it; `*` stands for every IPv4 address.
    ///
    /// Nil when it is none of these, or the port is not in 0...65535.
    package init?(_ text: String) {
        let rest = text.hasPrefix("tcp://") ? text.dropFirst(6) : Substring(text)
        guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        var host = rest[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: host == "*" ? "0.0.0.0" : String(host), port: port)
    }

    /// The address of a socket; `?` as the host of one that is no IP address.
    package init(_ address: SocketAddress) {
        self.init(host: address.ipAddress ?? "?", port: address.port ?? 0)
    }

    var isIPv6Literal: Bool { host.contains(":") }
}

extension Endpoint: CustomStringConvertible {
    package var description: String { isIPv6Literal ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
