package import MusterCore

/// What a node knows of itself when it judges a filter.
package struct FilterSubject: Sendable {
    package var identity: String
    /// The agents that are loaded.
    package var agents: [String]
    /// The lines of the classes file.
    package var classes: [String]
    package var facts: ValueMap
    /// What the calls of compound filters gave; a call that is missing here has failed. See ``Filter/calls``.
    package var data: [DataCall: ValueMap]

    package init(
        identity: String, agents: [String] = [], classes: [String] = [], facts: ValueMap = [:],
        data: [DataCall: ValueMap] = [:]
    ) {
        self.identity = identity
        self.agents = agents
        self.classes = classes
        self.facts = facts
        self.data = data
    }

    /// Whether one of the classes is meant.
    func hasClass(_ test: NameTest) -> Bool { test.isFound(in: classes) }
}

extension Filter {
    /// The calls of data plugins that the verdict needs, each once.
    package var calls: [DataCall] {
        var calls: [DataCall] = []
        for call in compounds.flatMap(\.calls) where !calls.contains(call) { calls.append(call) }
        return calls
    }

    /// Whether a node is meant: every test passes and there is one at all, or the filter is empty.
    ///
    /// Identities are one test, passed when exactly one of them fits: with two that fit the node is not meant. A filter
    /// that has no test and yet is not empty, for example only a collective, means nobody.
    ///
    /// Source: MCollective 2.12, `security/base.rb`, `validate_filter?`.
    package func passes(_ subject: FilterSubject) -> Bool {
        if isEmpty { return true }
        var isTested = false
        func all<Test>(_ tests: [Test], _ passes: (Test) -> Bool) -> Bool {
            isTested = isTested || !tests.isEmpty
            return tests.allSatisfy(passes)
        }
        guard all(facts, { $0.passes(subject.facts) }), all(classes, subject.hasClass),
            all(agents, { $0 == .text("mcollective") || $0.isFound(in: subject.agents) }),
            all(compounds, { $0.passes(subject) })
        else { return false }
        guard !identities.isEmpty else { return isTested }
        return identities.count { $0.isFound(in: [subject.identity]) } == 1
    }
}

extension NameTest {
    /// Whether one of the names is equal or holds the pattern. A pattern that is refused is found nowhere.
    func isFound(in names: [String]) -> Bool {
        guard let pattern else { return names.contains { self == .text($0) } }
        guard let pattern = try? RubyPattern(pattern) else { return false }
        return names.contains { pattern.isFound(in: $0) }
    }
}
