import MusterCore

/// A summary of one output of all replies, while they come in.
///
/// `summary` counts the values, those of a list one by one; `boolean_summary` does so with other words for true and
/// false; `average` and `sum` are of numbers, and `nettest_mma` is the least, the most and the average of them. Nil is
/// passed over, except in an average, which then has no result.
///
/// Source: MCollective 2.12, `plugins/mcollective/aggregate/`, `lib/mcollective/aggregate/`; the nettest plugin.
package struct Aggregate: Hashable, Sendable {
    /// What came of it.
    package enum Result: Hashable, Sendable {
        /// How often each value came: the most frequent first, of equal counts the one that came last.
        case counts([Count])
        case number(Double)
        case spread(least: Double, most: Double, average: Double)
        /// There was nothing to summarise.
        case nothing
        /// A value that cannot be summarised came.
        case failed
    }

    /// One value and how often it came.
    package struct Count: Hashable, Sendable {
        package var value: RubyValue
        package var count: Int
    }

    private enum Function: String {
        case summary, average, sum
        case booleanSummary = "boolean_summary"
        case spread = "nettest_mma"
    }

    package let output: String
    private let function: Function
    private let format: String?
    private let words: RubyHash
    private var counts: [Count] = []
    private var places: [RubyValue: Int] = [:]
    private var sum = 0.0
    private var least = Double.infinity
    private var most = -Double.infinity
    private var replies = 0
    private var hasFailed = false

    /// Nil when the function is one of a plugin that is not here.
    package init?(_ declaration: DDLAggregate) {
        guard let function = Function(rawValue: declaration.function) else { return nil }
        self.function = function
        output = declaration.output
        format = declaration.format
        words = declaration.arguments
    }

    /// Takes in a reply.
    package mutating func add(_ reply: RPCReply) {
        let value = reply.data[named: output] ?? .null
        switch function {
        case .summary:
            for element in value.array ?? [value] { count(element) }
        case .booleanSummary:
            guard case .bool(let flag) = value else { return count(value) }
            count(words[named: flag ? "true" : "false"] ?? value)
        case .average, .sum, .spread:
            if value == .null, function != .average { return }
            guard let number = value.value.double else { return hasFailed = true }
            sum += number
            least = min(least, number)
            most = max(most, number)
            replies += 1
        }
    }

    private mutating func count(_ value: RubyValue) {
        guard value != .null else { return }
        if let place = places[value] {
            counts[place].count += 1
        } else {
            places[value] = counts.count
            counts.append(Count(value: value, count: 1))
        }
    }

    /// What has come of it so far.
    package var result: Result {
        if hasFailed { return .failed }
        switch function {
        case .summary, .booleanSummary:
            guard !counts.isEmpty else { return .nothing }
            // The peers sort the lowest first, in a way that keeps the order of arrival, and turn the list around.
            let order = counts.indices.sorted { (counts[$1].count, $1) < (counts[$0].count, $0) }
            return .counts(order.map { counts[$0] })
        case .average: return replies == 0 ? .nothing : .number(sum / Double(replies))
        case .sum: return replies == 0 ? .nothing : .number(sum)
        case .spread:
            return replies == 0 ? .nothing : .spread(least: least, most: most, average: sum / Double(replies))
        }
    }

    /// The lines that clients print below the name of the output, without their indentation.
    package var lines: [String] {
        switch result {
        case .nothing: return ["No aggregate summary could be computed"]
        case .failed: return ["Could not compute summary - exception raised while processing result data"]
        case .number(let number):
            let standard = function == .average ? "Average of \(output): %f" : "Sum of \(output): %f"
            return [RubyFormat.text(format ?? standard, [.double(number)]) ?? String(number)]
        case .spread(let least, let most, let average):
            let standard = "Min: %.3f  Max: %.3f  Average: %.3f"
            let values: [RubyValue] = [.double(least), .double(most), .double(average)]
            return [RubyFormat.text(format ?? standard, values) ?? "\(least) \(most) \(average)"]
        case .counts(let counts):
            let width = counts.map { RubyText.text(of: $0.value).count }.max() ?? 0
            let standard = function == .summary ? "%\(width)s = %s" : "%5s = %s"
            return counts.map { entry in
                let values: [RubyValue] = [entry.value, .int(Int64(entry.count))]
                return RubyFormat.text(format ?? standard, values)
                    ?? "\(RubyText.text(of: entry.value)) = \(entry.count)"
            }
        }
    }
}
