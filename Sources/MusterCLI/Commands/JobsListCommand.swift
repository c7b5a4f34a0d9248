import ArgumentParser
import MusterCore

/// `muster jobs list`: the newest jobs.
struct JobsListCommand: ContextCommand, TakesNoWords {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List jobs, newest first.")

    @Option(name: .shortAndLong, help: ArgumentHelp("How many.", valueName: "n")) var limit = 20
    @Option(help: ArgumentHelp("Only jobs older than this one, for the next page.", valueName: "job")) var before:
        JobID?
    @Option(help: ArgumentHelp("Only jobs that call this function.", valueName: "module.function")) var function:
        String?
    @Flag(help: "Only jobs that still wait for nodes.") var open = false
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10000") }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        let jobs = try await controller.connect(context)
            .jobs(JobQuery(limit: limit, before: before, onlyOpen: open, function: function))
        if output.json {
            for job in jobs { try context.console.print(JSON.text(Self.document(job), layout: .spaced)) }
            return .success
        }
        var table = Table(header: ["JOB", "PUBLISHED", "USER", "FUNCTION", "TARGET", "NODES", "OUTCOMES"])
        table.rows = jobs.map { stored in
            let kinds = Outcome.Kind.allCases.compactMap { kind in
                stored.counts[kind].flatMap { $0 > 0 ? "\($0) \(kind.rawValue)" : nil }
            }
            return [
                stored.job.id.text, stored.job.published.short, stored.job.user,
                stored.job.calls.map(\.function).joined(separator: ","), stored.job.target.expression,
                String(stored.expectedCount), kinds.joined(separator: ", ") + (stored.ended == nil ? " (open)" : ""),
            ]
        }
        try table.print(to: context.console)
        if jobs.isEmpty { context.console.note("no jobs") }
        return .success
    }

    private static func document(_ stored: StoredJob) -> Value {
        .map([
            "job": .string(stored.job.id.text), "calls": encoded(stored.job.calls),
            "target": encoded(stored.job.target), "user": .string(stored.job.user),
            "published": encoded(stored.job.published), "ended": stored.ended.map { encoded($0) } ?? .null,
            "expected": .int(Int64(stored.expectedCount)), "counts": .map(ValueMap(counts: stored.counts)),
        ])
    }
}

extension ValueMap {
    /// How many nodes are in each outcome, by the outcome's word.
    init(counts: [Outcome.Kind: Int]) {
        self.init(
            Outcome.Kind.allCases.compactMap { kind in
                counts[kind].flatMap { $0 > 0 ? (key: .string(kind.rawValue), value: .int(Int64($0))) : nil }
            })
    }
}

extension Timestamp {
    /// `2026-11-21 09:30:00`, UTC, for tables.
    var short: String {
        String(iso8601.map { $0 == "T" ? " " : $0 }.prefix(19))
    }
}
