/// One thing that is wrong in a configuration: where, and what to do.
package struct ConfigurationProblem: Sendable, Hashable {
    /// The file, `--set`, or the directory that was named.
    package var file: String
    /// As it stands in the file; nil when the file as a whole is meant.
    package var key: String?
    package var reason: String

    package init(file: String, key: String? = nil, reason: String) {
        self.file = file
        self.key = key
        self.reason = reason
    }
}

extension ConfigurationProblem: CustomStringConvertible {
    package var description: String { key.map { "\(file): \($0): \(reason)" } ?? "\(file): \(reason)" }
}

/// Everything that is wrong in a configuration, together.
package struct ConfigurationError: Error, Sendable, Hashable {
    /// At least one.
    package let problems: [ConfigurationProblem]
}

extension ConfigurationError: CustomStringConvertible {
    /// One line for each problem.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// What is known about one thing in a configuration, for `muster doctor`.
package struct ConfigurationFindingDetail: Sendable, Hashable {
    package enum Verdict: String, Sendable, Hashable, CaseIterable {
        case understood, ignored, unknown, wrong
    }

    package var file: String
    package var key: String
    package var verdict: Verdict
    /// What it became, why it is ignored, what may be meant, or what is wrong.
    package var explanation: String
}
