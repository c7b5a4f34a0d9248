import MusterCore

/// Who answered the last discovery without a filter, by collective, kept in the user's cache directory for five minutes.
///
/// A memory and no more: whoever is in it and does not answer costs the time that everybody costs without it, and whoever
/// is not in it is still found when it answers with the others. A file has the time in seconds in its first line, and then
/// a name a line.
struct KnownFleet: Sendable {
    /// How long a node that has come since can be missed.
    static let lifetime: Duration = .seconds(300)

    private let directory: String?

    /// - Parameter directory: Nil remembers nothing.
    init(directory: String?) { self.directory = directory }

    /// The cache directory of this user: `$XDG_CACHE_HOME/muster/collective` or `~/.cache/muster/collective`.
    static func ofUser(_ console: any Console) -> KnownFleet {
        let cache = console.variable("XDG_CACHE_HOME") ?? console.variable("HOME").map { "\($0)/.cache" }
        return KnownFleet(directory: cache.map { "\($0)/muster/collective" })
    }

    /// The nodes of a collective; nil when nothing is known, or not lately.
    func nodes(of place: Place, at now: Timestamp) -> Set<String>? {
        guard let path = path(place), Files.status(path) != nil else { return nil }
        // A file that is damaged or not ours to read is no memory.
        guard let text = try? Files.text(path) else { return nil }
        let lines = text.split(separator: "\n").map(String.init)
        guard let written = lines.first.flatMap({ Int64($0) }), lines.count > 1 else { return nil }
        let age = now - Timestamp(seconds: written)
        // The second is not kept whole, and the clock may have been set back.
        guard age >= .zero, age <= KnownFleet.lifetime else { return nil }
        return Set(lines.dropFirst())
    }

    /// Remembers who answered.
    func remember(_ nodes: [String], of place: Place, at now: Timestamp) {
        guard let directory, let path = path(place), !nodes.isEmpty else { return }
        let lines = [String(now.seconds)] + nodes.sortedByBytes()
        do {
            try Files.makeDirectory(directory)
            try Files.write(Array(lines.map { "\($0)\n" }.joined().utf8), to: path)
        } catch {
            // Without a cache the next discovery takes its whole time; there is nothing to tell anybody.
        }
    }

    /// What is remembered by itself: a collective, and what was asked in it.
    struct Place: Sendable, Hashable {
        /// The broker's address, so that collectives of one name stay apart.
        var broker: String
        var collective: String
        /// `discovery`, or the agent that only some nodes have.
        var agent: String
    }

    private func path(_ place: Place) -> String? {
        let name = [place.broker, place.collective, place.agent].joined(separator: " ")
        let letters = name.utf8.map { byte -> String in
            let isPlain = (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x2d || byte == 0x2e
            return isPlain ? String(UnicodeScalar(byte)) : "_" + String(byte, radix: 16)
        }
        return directory.map { "\($0)/nodes-\(letters.joined())" }
    }
}
