import MCollectiveProtocol

/// How long everybody is waited for, and what is learnt from who answers.
///
/// Only under our own name, only without a filter, and only when no time was asked for: a filter may mean other nodes today
/// than it did yesterday, and then nobody would know whom to wait for.
struct Asking: Sendable {
    private let world: McoWorld
    private let place: KnownFleet.Place?

    /// - Parameter agent: What nodes must have to answer.
    init(_ world: McoWorld, collective: String, filter: Filter, ofAgent agent: String) {
        self.world = world
        var rest = filter
        rest.agents.removeAll { $0 == .text(agent) }
        place =
            rest.isEmpty
            ? KnownFleet.Place(broker: world.brokerName, collective: collective, agent: agent) : nil
    }

    /// The window for so many seconds.
    func window(seconds: Double) -> DiscoveryWindow {
        let longest = Duration.seconds(seconds)
        guard world.style == .ours, isUsual, let place,
            let known = world.fleet.nodes(of: place, at: world.context.now())
        else { return DiscoveryWindow(limit: longest) }
        return DiscoveryWindow(limit: longest, known: known)
    }

    /// Whether nobody asked for another time than the usual one.
    private var isUsual: Bool { world.invocation.discoveryTimeout == nil && world.invocation.timeout == 5 }

    /// Remembers who answered in a whole window. A shorter one teaches nothing, and does not make what is known younger.
    func remember(_ nodes: [String]) {
        guard let place, isUsual else { return }
        world.fleet.remember(nodes, of: place, at: world.context.now())
    }
}

extension McoWorld {
    /// What keeps collectives of one name on different brokers apart.
    var brokerName: String {
        let keys = configuration.plugins.keys.filter { $0.hasSuffix(".host") || $0.hasSuffix(".port") }.sorted()
        return keys.map { configuration.plugins[$0] ?? "" }.joined(separator: ":")
    }
}
