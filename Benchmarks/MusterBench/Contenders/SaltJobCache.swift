import MusterCore

/// The job cache of a Salt master on disk: `jobs/XX/REST/NODE/return.p`, written last for each return.
///
/// Source: Salt 3008.5, `salt/returners/local_cache.py`.
struct SaltJobCache: Sendable {
    let directory: String

    /// How many returns are stored.
    var returns: Int {
        jobs.reduce(0) { sum, job in
            sum + nodes(job).count { Files.status("\(job)/\($0)/return.p") != nil }
        }
    }

    /// Waits until so many are stored.
    ///
    /// - Returns: when that was seen.
    func wait(for count: Int, within limit: Duration) async throws -> ContinuousClock.Instant {
        // Seldom, and without a look into each directory before all are there: looking takes time from the master.
        try await poll("the job cache holds \(count) returns", within: limit, every: .milliseconds(100)) {
            let now = ContinuousClock.now
            return jobs.reduce(0) { $0 + nodes($1).count } >= count && returns >= count ? now : nil
        }
    }

    private var jobs: [String] {
        Files.list(directory).flatMap { part in Files.list("\(directory)/\(part)").map { "\(directory)/\(part)/\($0)" }
        }
    }

    /// What is in a job's directory beside Salt's own files.
    private func nodes(_ job: String) -> [String] {
        Files.list(job).filter { !$0.hasPrefix(".") && $0 != "jid" && $0 != "nocache" }
    }
}
