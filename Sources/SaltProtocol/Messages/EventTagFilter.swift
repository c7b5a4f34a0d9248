package import MusterCore

/// Which event tags a peer may fire on the controller's bus.
///
/// Salt filters a few tags, and only in the list form of `_minion_event` (CVE-2025-22239). Here every tag passes the
/// same rules in both forms and after a prefix was put in front: nothing that the controller says itself (jobs, keys,
/// runners, presence, refreshes), nothing internal, and where a tag names a node only the sender's own name.
///
/// Source: `docs/protocols/salt.md`, section 16; Salt 3008, `salt/daemons/masterapi.py`, `MINION_EVENT_BLACKLIST`.
package enum EventTagFilter {
    /// Who fires.
    package enum Sender: Sendable, Hashable {
        case node(NodeID)
        /// A node that is the relay of others: it may forward anything, but only below `syndic/ID/`, and say under a bare
        /// job id which nodes it expects to answer.
        case relay(NodeID)
    }

    /// Whether a tag may be fired, or why not.
    package enum Verdict: Sendable, Hashable {
        case allowed
        /// Empty, too long, or with control characters: it would break the framing of the bus or a log line.
        case malformed
        /// Only the controller says this.
        case reserved
        /// Speaks in the name of another node.
        case anotherNode
    }

    /// The longest tag in bytes.
    static let maximumLength = 512

    /// Judges one tag. Glob-like rules of Salt match across `/`, and so do these.
    package static func verdict(_ tag: String, data: Value = .null, from sender: Sender) -> Verdict {
        guard isWellFormed(tag) else { return .malformed }
        let parts = tag.split(separator: "/", omittingEmptySubsequences: false)
        switch sender {
        case .node(let node):
            return verdict(parts, own: node.text)
        case .relay(let relay):
            if parts[0] == "syndic" {
                guard parts.count > 2, isSame(parts[1], relay.text) else { return .anotherNode }
                return .allowed
            }
            if JobID(tag) != nil { return data["minions"]?.array == nil ? .reserved : .allowed }
            return verdict(parts, own: relay.text)
        }
    }

    private static func isWellFormed(_ tag: String) -> Bool {
        let bytes = tag.utf8
        return (1...maximumLength).contains(bytes.count) && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }

    private static func verdict(_ parts: [Substring], own: String) -> Verdict {
        switch parts[0] {
        case "salt":
            return saltVerdict(parts.dropFirst(), own: own)
        case "syndic", "minion":
            return .reserved
        case "_salt_error":
            return parts.count == 1 ? .allowed : .reserved
        case let first where first.hasPrefix("_"):
            return .reserved
        case let first where parts.count == 1 && (internalTags.contains(first) || JobID(String(first)) != nil):
            return .reserved
        default:
            return .allowed
        }
    }

    /// Tags below `salt/`. What is not known to come from nodes is the controller's.
    private static func saltVerdict(_ parts: ArraySlice<Substring>, own: String) -> Verdict {
        guard let kind = parts.first else { return .reserved }
        let rest = parts.dropFirst()
        switch kind {
        case "minion", "syndic", "beacon":
            guard let name = rest.first, rest.count > 1 else { return .reserved }
            return isSame(name, own) ? .allowed : .anotherNode
        case "job":
            // salt/job/JID/prog/ID/N: the only one that nodes send.
            let fields = Array(rest)
            guard fields.count == 4, JobID(String(fields[0])) != nil, fields[1] == "prog", Int(fields[3]) != nil
            else { return .reserved }
            return isSame(fields[2], own) ? .allowed : .anotherNode
        default:
            return .reserved
        }
    }

    /// By bytes, as ids are: Swift's texts are equal when they only look alike.
    private static func isSame(_ name: Substring, _ own: String) -> Bool { name.utf8.elementsEqual(own.utf8) }

    /// Tags of one word that steer a daemon from inside.
    private static let internalTags: Set<Substring> = [
        "fire_master", "module_refresh", "pillar_refresh", "grains_refresh", "beacons_refresh", "matchers_refresh",
        "manage_schedule", "manage_beacons", "environ_setenv",
    ]
}
