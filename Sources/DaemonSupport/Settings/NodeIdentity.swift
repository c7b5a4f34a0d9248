import Glibc
package import MusterCore

/// Which id a node has: as configured, else as kept in the id file, else made from the host's name and kept.
///
/// Source: Salt 3008, `salt/config/__init__.py`, `get_id`, `_append_domain`; the host's name as `generate_minion_id`
/// begins to look for it.
package enum NodeIdentity {
    /// The id, and where it came from.
    package enum Origin: Sendable, Hashable {
        case configured
        case file(String)
        case hostName
    }

    /// - Parameter hostName: the host's full name; asked only when it is needed.
    /// - Throws: `ConfigurationError` when what was found is no node id.
    package static func resolve(
        _ settings: NodeSettings, hostName: () -> String = { currentHostName() }
    ) throws(ConfigurationError) -> (id: NodeID, origin: Origin) {
        if let id = settings.id {
            return (try checked(appendingDomain(id, settings.idDomain), from: "id"), .configured)
        }
        if let file = settings.idFile, let kept = kept(in: file) {
            return (try checked(appendingDomain(kept, settings.idDomain), from: file), .file(file))
        }
        var name = hostName()
        if settings.idIsLowercased { name = name.lowercased() }
        let id = try checked(name, from: "the host's name")
        return (
            isAddress(name) ? id : try checked(appendingDomain(name, settings.idDomain), from: "id_append_domain"),
            .hostName
        )
    }

    /// Keeps an id that the host's name made, so that it stays when the name changes. Without the domain that is appended.
    ///
    /// - Throws: `FileError`.
    package static func keep(_ id: NodeID, for settings: NodeSettings) throws(FileError) {
        guard let file = settings.idFile else { return }
        try Files.write(Array((id.text + "\n").utf8), to: file, mode: 0o644)
    }

    /// The full name of this host as the resolver knows it, else its short one; `localhost` when it has none.
    package static func currentHostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        let short = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var hints = addrinfo()
        hints.ai_flags = AI_CANONNAME
        var result: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(short, nil, &hints, &result) == 0, let result else {
            return short.isEmpty ? "localhost" : short
        }
        defer { freeaddrinfo(result) }
        let full = result.pointee.ai_canonname.map { String(cString: $0) } ?? short
        return full.hasPrefix("localhost") || full.isEmpty ? (short.isEmpty ? "localhost" : short) : full
    }

    private static func kept(in file: String) -> String? {
        // Without a file the host's name makes the id; an unreadable one is the same to Salt.
        guard let text = try? Files.text(file) else { return nil }
        let line = text.prefix { !$0.isNewline }.drop { $0 == "\u{feff}" }
        let name = String(line).split(separator: " ").joined(separator: " ")
        return name.isEmpty || name == "localhost" ? nil : name
    }

    private static func appendingDomain(_ id: String, _ domain: String?) -> String {
        guard let domain, !id.hasSuffix(domain), !id.hasSuffix(".") else { return id }
        return "\(id).\(domain)"
    }

    private static func checked(_ text: String, from origin: String) throws(ConfigurationError) -> NodeID {
        guard let id = NodeID(text) else {
            let reason = "'\(text)' is no node id: set id in the node's configuration"
            throw ConfigurationError(problems: [.init(file: origin, reason: reason)])
        }
        return id
    }
}
