/// What simulated nodes have done so far, and how they stand.
package struct SimulationCounts: Sendable, Hashable {
    /// How many are to be there.
    package var nodes = 0
    /// Nodes that have a session, or had one and are about to have another.
    package var signedIn = 0
    /// Nodes that hold a subscription and have started up.
    package var connected = 0
    /// Nodes whose keys wait to be accepted.
    package var pending = 0
    /// Nodes that the controller refuses for good.
    package var refused = 0
    /// Jobs that were for at least one node.
    package var jobs = 0
    /// Returns that the controller acknowledged.
    package var returns = 0
    /// Sign-ins that succeeded, the first of each node included.
    package var signIns = 0
    /// Subscriptions that were lost and made again.
    package var reconnects = 0
    /// Requests sent again: no reply in time, a lost connection, or a session that was refused.
    package var repeats = 0
    /// Returns that were lost because too many waited for a controller that does not take them.
    package var dropped = 0
    /// Publishes that were not believed.
    package var publishesRefused = 0

    package init() {}

    /// The counts of two processes together: every process sees every job.
    package static func + (left: SimulationCounts, right: SimulationCounts) -> SimulationCounts {
        var sum = left
        for field in fields where field.path != \.jobs { sum[keyPath: field.path] += right[keyPath: field.path] }
        sum.jobs = max(left.jobs, right.jobs)
        return sum
    }

    private typealias Path = any WritableKeyPath<SimulationCounts, Int> & Sendable

    /// The names are those of the JSON lines: stable.
    private static let fields: [(name: String, path: Path)] = [
        ("nodes", \.nodes), ("signed_in", \.signedIn), ("connected", \.connected), ("pending", \.pending),
        ("refused", \.refused), ("jobs", \.jobs), ("returns", \.returns), ("sign_ins", \.signIns),
        ("reconnects", \.reconnects), ("repeats", \.repeats), ("dropped", \.dropped),
        ("publishes_refused", \.publishesRefused),
    ]

    /// As in a line of JSON.
    package var map: ValueMap {
        ValueMap(Self.fields.map { (key: .string($0.name), value: .int(Int64(self[keyPath: $0.path]))) })
    }

    /// Out of a line of JSON; what is missing is 0.
    package init(_ map: ValueMap) {
        for field in Self.fields { self[keyPath: field.path] = map[field.name]?.int.flatMap(Int.init(exactly:)) ?? 0 }
    }
}
