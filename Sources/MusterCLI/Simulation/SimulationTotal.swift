import MusterCore

/// Makes one simulation's events of those of its processes.
///
/// A milestone is reached when the last process has reached it; counts are added up when every process has told its own.
struct SimulationTotal {
    private struct Part {
        var counts = SimulationCounts()
        /// How many times.
        var reached: [SimulationEvent.Kind: Int] = [:]
        var isWhole = false
        var hasCounted = false
        var trouble: String?
    }

    private var parts: [Part]
    private var isWhole = false
    private var haveAllConnected = false

    /// - Parameter nodes: How many each process has.
    init(nodes: [Int]) {
        parts = nodes.map { count in
            var part = Part()
            part.counts.nodes = count
            return part
        }
    }

    /// All counts together.
    var counts: SimulationCounts { parts.reduce(SimulationCounts()) { $0 + $1.counts } }

    /// Takes an event of a process.
    ///
    /// - Parameter seconds: On the clock of the whole, since its first process started.
    /// - Returns: What that makes of the whole.
    mutating func take(_ event: SimulationEvent, of part: Int, at seconds: Double) -> [SimulationEvent] {
        parts[part].counts = event.counts
        parts[part].trouble = event.trouble
        switch event.kind {
        case .started: return reached(.started, by: part, needsAll: false, seconds)
        case .signedIn: return reached(.signedIn, by: part, needsAll: true, seconds)
        case .held, .acknowledged, .ended: return reached(event.kind, by: part, needsAll: true, seconds)
        case .released: return reached(.released, by: part, needsAll: false, seconds)
        case .connected, .rejoined:
            parts[part].isWhole = true
            return wholeness(seconds)
        case .lost:
            parts[part].isWhole = false
            return wholeness(seconds)
        case .counts:
            parts[part].hasCounted = true
            guard parts.allSatisfy(\.hasCounted) else { return [] }
            for index in parts.indices { parts[index].hasCounted = false }
            return [whole(.counts, seconds)]
        }
    }

    private mutating func reached(
        _ kind: SimulationEvent.Kind, by part: Int, needsAll: Bool, _ seconds: Double
    ) -> [SimulationEvent] {
        let before = times(kind, needsAll: needsAll)
        parts[part].reached[kind, default: 0] += 1
        return times(kind, needsAll: needsAll) > before ? [whole(kind, seconds)] : []
    }

    /// How many times the whole has reached a milestone.
    private func times(_ kind: SimulationEvent.Kind, needsAll: Bool) -> Int {
        let times = parts.lazy.map { $0.reached[kind] ?? 0 }
        return (needsAll ? times.min() : times.max()) ?? 0
    }

    private mutating func wholeness(_ seconds: Double) -> [SimulationEvent] {
        let isWhole = parts.allSatisfy(\.isWhole)
        guard isWhole != self.isWhole else { return [] }
        self.isWhole = isWhole
        guard isWhole else { return [whole(.lost, seconds)] }
        defer { haveAllConnected = true }
        return [whole(haveAllConnected ? .rejoined : .connected, seconds)]
    }

    /// What is true of all processes together.
    private func whole(_ kind: SimulationEvent.Kind, _ seconds: Double) -> SimulationEvent {
        SimulationEvent(kind, seconds: seconds, counts: counts, trouble: parts.lazy.compactMap(\.trouble).first)
    }
}
