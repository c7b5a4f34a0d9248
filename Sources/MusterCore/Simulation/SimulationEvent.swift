/// What a simulation tells about itself: the lines of `muster simulate --json`, which also its processes speak.
package struct SimulationEvent: Sendable, Hashable {
    /// What happened. The raw values stand in the lines: stable.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Keys are at hand; the first sign-in begins. Seconds count from here.
        case started
        /// Every node has signed in.
        case signedIn = "signed-in"
        /// Every node has subscribed and started up, for the first time.
        case connected
        /// The first node of a whole fleet has lost its connection.
        case lost
        /// Every node is connected again.
        case rejoined
        /// As many answers are held as were asked for.
        case held
        /// What was held is let go.
        case released
        /// All that was let go is acknowledged.
        case acknowledged
        /// How things stand, once a second.
        case counts
        /// The last line.
        case ended
    }

    package var kind: Kind
    /// Since the start.
    package var seconds: Double
    package var counts: SimulationCounts
    /// Why the last sign-in failed, as long as some are not signed in.
    package var trouble: String?

    package init(_ kind: Kind, seconds: Double, counts: SimulationCounts, trouble: String? = nil) {
        self.kind = kind
        self.seconds = seconds
        self.counts = counts
        self.trouble = trouble
    }
}

extension SimulationEvent {
    /// As a line of JSON, without its end.
    package var line: String {
        var map: ValueMap = [
            "event": .string(kind.rawValue), "seconds": .double((seconds * 1e6).rounded() / 1e6),
        ]
        for entry in counts.map { map.append(entry.key, entry.value) }
        if let trouble { map["trouble"] = .string(trouble) }
        return JSON.text(.map(map), layout: .spaced)
    }

    /// Reads a line; nil when it is none.
    package init?(line: String) {
        // A line that is no JSON is no event, whatever is wrong with it.
        guard let map = (try? JSON.value(line))?.map, let kind = map["event"]?.string.flatMap(Kind.init(rawValue:))
        else { return nil }
        self.init(
            kind, seconds: map["seconds"]?.double ?? 0, counts: SimulationCounts(map), trouble: map["trouble"]?.string)
    }
}
