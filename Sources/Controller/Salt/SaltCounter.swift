package import MusterCore
import Synchronization

/// What the Salt fabric counts. The raw values are places in `SaltCounters`.
package enum SaltCounter: Int, CaseIterable, Sendable {
    case requests
    case refused
    case malformed
    case replayed
    case unserved
    case clearRefused
    case returns
    case duplicateReturns
    case unaskedReturns
    case refusedReturns
    case unacknowledged
    case events
    case refusedEvents
    case droppedEvents
    case signIns
    case signInsRefused
    case signInsCrowded
    case signInsDropped
    case pillars
    case pillarsDropped
    case publishes
    case keyRotations
    case connectionsRefused

    /// The metric's name, for operators' dashboards.
    package var name: String {
        switch self {
        case .requests: "muster_salt_requests_total"
        case .refused: "muster_salt_requests_refused_total"
        case .malformed: "muster_salt_requests_malformed_total"
        case .replayed: "muster_salt_requests_replayed_total"
        case .unserved: "muster_salt_requests_unserved_total"
        case .clearRefused: "muster_salt_clear_commands_refused_total"
        case .returns: "muster_salt_returns_total"
        case .duplicateReturns: "muster_salt_returns_duplicate_total"
        case .unaskedReturns: "muster_salt_returns_unasked_total"
        case .refusedReturns: "muster_salt_returns_refused_total"
        case .unacknowledged: "muster_salt_returns_unacknowledged_total"
        case .events: "muster_salt_events_total"
        case .refusedEvents: "muster_salt_events_refused_total"
        case .droppedEvents: "muster_salt_events_dropped_total"
        case .signIns: "muster_salt_sign_ins_total"
        case .signInsRefused: "muster_salt_sign_ins_refused_total"
        case .signInsCrowded: "muster_salt_sign_ins_crowded_total"
        case .signInsDropped: "muster_salt_sign_ins_dropped_total"
        case .pillars: "muster_salt_pillar_requests_total"
        case .pillarsDropped: "muster_salt_pillar_requests_dropped_total"
        case .publishes: "muster_salt_publishes_total"
        case .keyRotations: "muster_salt_key_rotations_total"
        case .connectionsRefused: "muster_salt_connections_refused_total"
        }
    }
}

/// The counters of one fabric; counted from loops and threads.
package final class SaltCounters: Sendable {
    private let values = Mutex([Int](repeating: 0, count: SaltCounter.allCases.count))

    package init() {}

    package func count(_ counter: SaltCounter, by amount: Int = 1) {
        values.withLock { $0[counter.rawValue] += amount }
    }

    package func value(_ counter: SaltCounter) -> Int { values.withLock { $0[counter.rawValue] } }

    /// All of them by name.
    package var snapshot: ValueMap {
        let values = values.withLock { $0 }
        return ValueMap(
            SaltCounter.allCases.map { (key: .string($0.name), value: .int(Int64(values[$0.rawValue]))) })
    }
}
