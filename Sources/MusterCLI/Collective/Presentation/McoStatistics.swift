import MCollectiveProtocol
import MusterCore

/// What came of a call, in numbers.
///
/// Source: MCollective 2.12, `rpc/stats.rb`, `application.rb`, `halt_code`.
struct McoStatistics: Sendable, Hashable {
    /// How many nodes were found or named.
    var discovered = 0
    var responses = 0
    var passed = 0
    var failed = 0
    var start: Timestamp
    /// Seconds. Zero when nobody was asked who is there.
    var discoveryTime = 0.0
    /// Seconds that the request took.
    var requestTime = 0.0
    var silent: [String] = []
    var unexpected: [String] = []
    var summaries: [AggregateSummary] = []

    init(start: Timestamp) { self.start = start }

    /// How a program ends that has made this call.
    var exitCode: Int32 {
        if discoveryTime == 0, responses == 0 { return 4 }
        guard discovered > 0 else { return responses > 0 ? 0 : 1 }
        if responses == 0 { return 3 }
        return failed > 0 ? 2 : 0
    }
}

/// The summary of one output, with the name under which it is shown.
struct AggregateSummary: Sendable, Hashable {
    /// What came of it.
    enum Outcome: Sendable, Hashable {
        case lines([String])
        case nothing
        /// Why there is none.
        case failed(String)
    }

    var label: String
    var outcome: Outcome
}
