package import MusterCore

/// Finds the id of a node that has none configured, as Salt does: from the machine's names, then kept in a file.
///
/// Source: Salt 3008, `salt/config/__init__.py`, `get_id`; `salt/utils/network.py`, `_generate_minion_id`.
package enum NodeIdentity {
    /// The id in the file (`minion_id`), else one made from the machine's names, which is written there.
    ///
    /// A file that cannot be written is no reason to stop: the id will be the same next time as long as the names are.
    ///
    /// - Parameter resolver: may block for seconds.
    package static func id(cachedAt path: String?, resolver: NameResolver) -> NodeID {
        if let path, let text = try? Files.read(path, limitBytes: 4096), let id = NodeID(text.trimmedText) {  // none yet
            return id
        }
        let id = choose(names: names(resolver), addresses: resolver.addresses(resolver.hostName()).map(\.description))
        if let path { try? Files.write(id.text.utf8, to: path, mode: 0o644) }  // see above
        return id
    }

    /// The first name that tells this machine from others, else the first address that does, else `localhost`.
    package static func choose(names: [String], addresses: [String]) -> NodeID {
        for candidate in names + addresses where !isLocal(candidate) {
            if let id = NodeID(candidate) { return id }
        }
        return local
    }

    /// Salt's last resort. A literal that is a valid id.
    private static let local: NodeID = {
        guard let id = NodeID("localhost") else { preconditionFailure("'localhost' is a valid id") }
        return id
    }()

    private static func names(_ resolver: NameResolver) -> [String] {
        let host = resolver.hostName()
        let canonical = resolver.canonicalName(host)
        let reverse = resolver.addresses(host).lazy.compactMap(resolver.name).first { $0.contains(".") }
        let full = [canonical, reverse].compactMap { $0 }.first { $0.contains(".") }
        return [full ?? host, host]
    }

    private static func isLocal(_ name: String) -> Bool {
        let prefixes = ["localhost", "ip6-", "ipv6-", "127.", "0.0.0.0", "::1", "fe00::", "fe02::", "1.0.0.127"]
        return name.isEmpty || prefixes.contains { name.lowercasedASCII.hasPrefix($0) } || name.hasSuffix(".ip6.arpa")
    }
}
