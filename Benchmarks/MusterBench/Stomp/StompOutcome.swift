/// What the load generator says at its end, in one line of `name=value`.
struct StompOutcome: Sendable, Hashable {
    /// Messages that were done in the measured time: arrived at every subscriber, and confirmed where that was asked for.
    var messages = 0
    var seconds = 0.0
    /// All that were done, before and after, too.
    var total = 0
    /// Of messages at a fixed pace, in milliseconds: half of them and 99 of 100 took no longer.
    var median: Double?
    var p99: Double?
    /// What the broker says that it is.
    var server = "unknown"

    var rate: Double { seconds > 0 ? Double(messages) / seconds : 0 }

    init() {}

    /// - Returns: nil when the line is no such line.
    init?(_ line: String) {
        var fields: [Substring: Substring] = [:]
        for word in line.split(separator: " ") {
            guard let equals = word.firstIndex(of: "=") else { return nil }
            fields[word[..<equals]] = word[word.index(after: equals)...]
        }
        guard let messages = fields["messages"].flatMap({ Int($0) }), let total = fields["total"].flatMap({ Int($0) }),
            let seconds = fields["seconds"].flatMap({ Double($0) }), let server = fields["server"]
        else { return nil }
        self.messages = messages
        self.total = total
        self.seconds = seconds
        self.server = String(server)
        median = fields["median"].flatMap { Double($0) }
        p99 = fields["p99"].flatMap { Double($0) }
    }

    var line: String {
        var words = ["messages=\(messages)", "seconds=\(seconds)", "total=\(total)", "server=\(server)"]
        if let median { words.append("median=\(median)") }
        if let p99 { words.append("p99=\(p99)") }
        return words.joined(separator: " ")
    }
}

extension StompOutcome {
    /// Takes how long messages took, in nanoseconds.
    mutating func take(latencies: [Int]) {
        let sorted = latencies.sorted()
        guard !sorted.isEmpty else { return }
        median = Double(sorted[sorted.count / 2]) / 1e6
        p99 = Double(sorted[min(sorted.count - 1, sorted.count * 99 / 100)]) / 1e6
    }
}
