#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Questions to the machine's resolver. They may block for seconds: never ask on an event loop or in a task.
package struct NameResolver: Sendable {
    /// The machine's own name, as set.
    package var hostName: @Sendable () -> String
    /// The canonical name that the resolver has for a name; nil when it does not resolve.
    package var canonicalName: @Sendable (String) -> String?
    /// The addresses of a name, each once, in the resolver's order.
    package var addresses: @Sendable (String) -> [IPAddress]
    /// The name of an address; nil when it has none.
    package var name: @Sendable (IPAddress) -> String?

    package init(
        hostName: @escaping @Sendable () -> String, canonicalName: @escaping @Sendable (String) -> String?,
        addresses: @escaping @Sendable (String) -> [IPAddress], name: @escaping @Sendable (IPAddress) -> String?
    ) {
        self.hostName = hostName
        self.canonicalName = canonicalName
        self.addresses = addresses
        self.name = name
    }

    /// The C library's resolver.
    package static let system = NameResolver(
        hostName: {
            var buffer = [CChar](repeating: 0, count: 256)
            guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
            return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        },
        canonicalName: { name in
            lookUp(name, flags: AI_CANONNAME) { $0.compactMap { $0.ai_canonname.map { String(cString: $0) } }.first }
        },
        addresses: { name in
            lookUp(name, flags: 0) { found in
                var addresses: [IPAddress] = []
                for entry in found {
                    guard let socket = entry.ai_addr, let address = IPAddress(socket) else { continue }
                    if !addresses.contains(address) { addresses.append(address) }
                }
                return addresses
            } ?? []
        },
        name: { address in
            address.withSocketAddress { socket, length in
                var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
                guard getnameinfo(socket, length, &buffer, socklen_t(buffer.count), nil, 0, NI_NAMEREQD) == 0 else {
                    return nil
                }
                return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        })

    private static func lookUp<Result>(_ name: String, flags: Int32, read: ([addrinfo]) -> Result?) -> Result? {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags
        var head: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &head) == 0 else { return nil }
        defer { freeaddrinfo(head) }
        var entries: [addrinfo] = []
        var next = head
        while let entry = next?.pointee {
            entries.append(entry)
            next = entry.ai_next
        }
        return read(entries)
    }
}
