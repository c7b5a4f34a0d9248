import Glibc

/// Whether a text is an IPv4 or IPv6 address, with a zone or not.
func isAddress(_ text: String) -> Bool {
    var v4 = in_addr()
    var v6 = in6_addr()
    let withoutZone =
        text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? ""
    return inet_pton(AF_INET, text, &v4) == 1 || inet_pton(AF_INET6, withoutZone, &v6) == 1
}

/// A host with a port: `host`, `host:4506`, `192.0.2.1:4506`, `2001:db8::1`, `[2001:db8::1]:4506`.
package struct HostPort: Sendable, Hashable {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Whether only this machine reaches it.
    package var isLoopback: Bool { host == "localhost" || host == "::1" || (isAddress(host) && host.hasPrefix("127.")) }

    /// Nil when the text is none of the forms.
    package init?(_ text: String, defaultPort: Int) {
        var host = text[...]
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
            guard isAddress(String(host)) else { return nil }
        } else if text.count(where: { $0 == ":" }) == 1, let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        } else if text.contains(":") {
            guard isAddress(text) else { return nil }
        }
        guard (1...255).contains(host.utf8.count),
            host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
        else { return nil }
        self.host = String(host)
        guard let port else {
            self.port = defaultPort
            return
        }
        guard let number = Int(port), (1...65_535).contains(number) else { return nil }
        self.port = number
    }
}
