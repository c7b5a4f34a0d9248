package import MusterCore

/// Where the pillar of a node comes from.
package protocol PillarSource: Sendable {
    /// What this node is given. Called for every `_pillar` request and when a target asks for pillar; must be quick.
    func pillar(for node: NodeID, facts: ValueMap) -> ValueMap
    /// The facts that pillar can depend on: with any, the pillar of a node without known facts is unknown.
    var facts: FactSelection { get }
}

/// Pillar by target: each entry's data goes to the nodes its compound expression means, later entries on top.
package struct TargetedPillar: PillarSource {
    /// Data for the nodes of one target.
    package struct Entry: Sendable, Hashable {
        /// A compound expression; facts may be asked, pillar may not.
        package var target: String
        package var data: ValueMap

        package init(target: String, data: ValueMap) {
            self.target = target
            self.data = data
        }
    }

    private let entries: [Entry]
    private let nodegroups: [String: String]
    package let facts: FactSelection

    /// - Throws: `TargetError` for an expression that cannot be read.
    package init(_ entries: [Entry] = [], nodegroups: [String: String] = [:]) throws(TargetError) {
        var facts = FactSelection.none
        for entry in entries {
            facts = facts.union(try TargetMatcher(Target(.compound, entry.target), nodegroups: nodegroups).facts)
        }
        self.facts = facts
        self.entries = entries
        self.nodegroups = nodegroups
    }

    package func pillar(for node: NodeID, facts: ValueMap) -> ValueMap {
        var pillar: ValueMap = [:]
        for entry in entries {
            // Every expression was read once in the initialiser.
            guard let matcher = try? TargetMatcher(Target(.compound, entry.target), nodegroups: nodegroups),
                matcher.matches(node, facts: facts, pillar: [:])
            else { continue }
            pillar.merge(entry.data)
        }
        return pillar
    }
}

extension ValueMap {
    /// Lays another map over this one: maps merge level by level, everything else is replaced.
    fileprivate mutating func merge(_ other: ValueMap) {
        for entry in other {
            if var mine = self[entry.key]?.map, let theirs = entry.value.map {
                mine.merge(theirs)
                self[entry.key] = .map(mine)
            } else {
                self[entry.key] = entry.value
            }
        }
    }
}
