import MusterCore
import MusterTestSupport

/// A job as our command line printed it with `--json`.
struct JobRun: CustomStringConvertible {
    let output: Program.Output
    private let lines: [Value]

    init(_ output: Program.Output) throws {
        self.output = output
        lines = try output.jsonLines()
    }

    var description: String { output.description }
    var status: Int32 { output.status }
    var job: String { first("job")?["job"]?.string ?? "" }
    var expected: [String] { texts(first("job")?["expected"]) }
    var missing: [String] { texts(first("job")?["missing"]) }
    var unexpected: [String] { texts(first("summary")?["unexpected"]) }

    /// Who answered, sorted; a node that answered twice is there twice.
    var answered: [String] {
        lines.filter { $0["type"] == "answer" }.compactMap { $0["node"]?.string }.sorted()
    }

    func answer(_ node: String) -> Value? { lines.first { $0["type"] == "answer" && $0["node"]?.string == node } }

    /// How many nodes are in each outcome.
    var counts: [String: Int64] {
        Dictionary(
            uniqueKeysWithValues: (first("summary")?["counts"]?.map ?? [:]).map {
                ($0.key.string ?? "", $0.value.int ?? 0)
            })
    }

    /// The outcome at the end of a node that did not answer, with `reason`.
    func silent(_ node: String) -> Value? {
        first("summary")?["silent"]?.array?.first { $0["node"]?.string == node }
    }

    private func first(_ type: String) -> Value? { lines.first { $0["type"]?.string == type } }

    private func texts(_ list: Value?) -> [String] { (list?.array ?? []).compactMap(\.string) }
}

extension SaltSite {
    /// Runs a job to its end: target options, target, function, arguments.
    func run(_ words: String...) async throws -> JobRun { try await run(words) }

    func run(_ words: [String]) async throws -> JobRun {
        try JobRun(await muster("run", arguments: ["--json"] + words))
    }

    /// Publishes a job and does not wait for it.
    ///
    /// - Returns: its id.
    func publish(_ words: String...) async throws -> String {
        let output = try await muster("run", arguments: ["--async"] + words)
        guard output.status == 0 else { throw SiteError("failed: \(output)") }
        return String(output.standardOutput.prefix { !$0.isWhitespace })
    }

    /// How a job stands now.
    func show(_ job: String) async throws -> JobRun {
        try JobRun(await muster("jobs", "show", arguments: ["--json", job]))
    }

    /// Waits for the end of a job.
    func wait(_ job: String) async throws -> JobRun {
        try JobRun(await muster("jobs", "wait", arguments: ["--json", job], within: .seconds(120)))
    }

    /// Everything noted about a node in a job, one note a line.
    func why(_ job: String, _ node: String) async throws -> String {
        try await muster("jobs", "why", arguments: [job, node]).standardOutput
    }

    /// Waits until a node has said that it runs the job.
    func waitUntilRunning(_ job: String, on node: String) async throws {
        try await poll("job \(job) runs on \(node)", within: .seconds(120)) {
            try await show(job).silent(node)?["outcome"] == "running"
        }
    }

    /// Waits until every one of the nodes answers a ping.
    func waitForAnswers(_ nodes: [String]) async throws {
        try await poll("\(nodes.joined(separator: ", ")) answer", within: .seconds(120)) {
            try await run("*", "test.ping").answered == nodes
        }
    }
}
