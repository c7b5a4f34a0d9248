import MusterCore
import Synchronization

/// A broker in memory: answers what it was told to, and keeps what it was asked.
final class FakeBroker: BrokerService {
    struct State: Sendable {
        var queues: [BrokerQueue] = []
        var topics: [BrokerTopic] = []
        var connections: [BrokerClientConnection] = []
        var users: [BrokerUser] = []
        var permissions: [BrokerPermission] = []
        var virtualHosts: [BrokerVirtualHost] = []
        var result = BrokerChangeResult()
        var refusal: BrokerServiceError?
        var changes: [BrokerChange] = []
        var askers: [String] = []
    }

    private let state: Mutex<State>

    init(_ prepare: (inout State) -> Void = { _ in }) {
        var state = State()
        prepare(&state)
        self.state = Mutex(state)
    }

    var changes: [BrokerChange] { state.withLock(\.changes) }
    var askers: [String] { state.withLock(\.askers) }

    func status() async throws -> BrokerStatus {
        BrokerStatus(
            version: "0.1.0", started: FakeController.start + .seconds(-90), listeners: ["stomp 127.0.0.1:61613"],
            dataDirectory: "/data", memoryBytes: 12_345_678,
            connections: ConnectionUse(port: "stomp", used: 2, limit: 100, isLimitedByDescriptors: true),
            refusedClients: 3, refusedFrames: 4, virtualHosts: state.withLock(\.virtualHosts))
    }

    func queues() async throws -> [BrokerQueue] { state.withLock(\.queues) }
    func topics() async throws -> [BrokerTopic] { state.withLock(\.topics) }
    func connections() async throws -> [BrokerClientConnection] { state.withLock(\.connections) }
    func users() async throws -> [BrokerUser] { state.withLock(\.users) }
    func permissions() async throws -> [BrokerPermission] { state.withLock(\.permissions) }

    func change(_ change: BrokerChange, by user: String) async throws -> BrokerChangeResult {
        try state.withLock { state in
            if let refusal = state.refusal { throw refusal }
            state.changes.append(change)
            state.askers.append(user)
            return state.result
        }
    }
}
