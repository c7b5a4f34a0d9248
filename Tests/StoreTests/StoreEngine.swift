import MusterCore
import MusterTestSupport
import Store

/// One kind of store under the contract tests; a later engine adds itself to `all`.
struct StoreEngine: Sendable, CustomStringConvertible {
    /// Somewhere to keep data, to which a store can be opened again after it was closed; it goes with the last reference.
    struct Site: Sendable {
        let open: @Sendable () throws -> any Store
    }

    let description: String
    let makeSite: @Sendable () throws -> Site

    static let all = [sqlite]

    static let sqlite = StoreEngine(description: "SQLite") {
        let directory = try TestDirectory()
        return Site {
            try SQLiteStore(SQLiteConfiguration(path: directory.file("muster.db"), sharedBodyBytes: 256))
        }
    }

    /// Runs a test with an empty store.
    func withStore(_ body: (any Store) async throws -> Void) async throws {
        let site = try makeSite()
        let store = try site.open()
        try await body(store)
        try await store.close()
    }
}

/// Short ways to values that tests need.
enum Make {
    static let start = Timestamp(seconds: 1_763_700_000)

    /// A job id from a number; ids of larger numbers are newer.
    static func jobID(_ number: Int) -> JobID { JobID("20261121" + number.digits(12))! }
    static func node(_ number: Int) -> NodeID { NodeID("node-" + number.digits(4))! }

    static func job(_ number: Int, function: String = "test.ping", published: Timestamp = start) -> Job {
        Job(
            id: jobID(number),
            calls: [FunctionCall(function, arguments: ["a", 1, 1.5], keywords: ["k": [true, nil]])],
            target: Target(.glob, "*"), user: "sudo_ops", published: published, timeout: .seconds(5),
            metadata: ["ticket": "OPS-1"], batch: .percent(25))
    }

    static func expecting(_ nodes: some Sequence<Int>, _ outcome: Outcome = .waiting) -> [Expectation] {
        nodes.map { Expectation(node: node($0), outcome: outcome) }
    }

    static func nodeReturn(
        _ job: Int, _ number: Int, body: [UInt8] = [0xc3], code: Int = 0, success: Bool? = true,
        received: Timestamp = start
    ) -> NodeReturn {
        NodeReturn(
            job: jobID(job), node: node(number), function: "test.ping", body: .init(.messagePack, body),
            returnCode: code,
            isSuccess: success, outputter: nil, received: received)
    }

    static func event(_ tag: String, data: Value = ["a": 1], time: Timestamp = start) -> Event {
        Event(tag: tag, time: time, data: data)
    }
}
