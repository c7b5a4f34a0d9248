/// What is known of a node when a target is judged.
package struct TargetSubject {
    package var node: NodeID
    /// Nil while the node never reported facts.
    package var facts: ValueMap?
    /// Nil while its pillar is not known here.
    package var pillar: ValueMap?

    package init(node: NodeID, facts: ValueMap?, pillar: ValueMap?) {
        self.node = node
        self.facts = facts
        self.pillar = pillar
    }
}

/// The verdict on one node. `unknown` needs facts or pillar that are not there.
package enum TargetVerdict: Sendable, Hashable {
    case yes, no, unknown
}

/// A target made ready to judge many nodes: expressions compiled, nodegroups expanded, lists hashed.
///
/// Not Sendable: make it where it is used. Source of the rules: Salt 3008, `salt/matchers/`.
package struct TargetMatcher {
    private indirect enum Test {
        case id(Pattern)
        case list(Set<String>)
        case facts(String, delimiter: String, FactPath.Comparison)
        case pillar(String, delimiter: String, FactPath.Comparison)
        case address(IPNetwork)
        case not(Test)
        case and(Test, Test)
        case or(Test, Test)
    }

    private let test: Test

    /// - Parameter nodegroups: compound expressions by name, for `nodegroup` targets and `N@`.
    package init(_ target: Target, nodegroups: [String: String] = [:]) throws(TargetError) {
        test = try TargetMatcher.test(target, nodegroups: nodegroups)
    }

    /// Whether the target means this node.
    package func verdict(on subject: TargetSubject) -> TargetVerdict { verdict(of: test, on: subject) }

    /// Whether the target means this node, which knows all about itself.
    package func matches(_ node: NodeID, facts: ValueMap, pillar: ValueMap) -> Bool {
        verdict(on: TargetSubject(node: node, facts: facts, pillar: pillar)) == .yes
    }

    /// Whether the verdict can depend on facts or pillar; if not, ids are enough.
    package var needsFacts: Bool { facts != .none || needsPillar }

    /// The facts that the verdict can depend on.
    package var facts: FactSelection { facts(of: test) }

    /// Whether the verdict can depend on pillar.
    package var needsPillar: Bool { needsPillar(test) }

    private static func test(_ target: Target, nodegroups: [String: String]) throws(TargetError) -> Test {
        switch target.kind {
        case .glob: return .id(.glob(target.expression))
        case .pcre: return .id(try .regex(target.expression))
        case .list: return .list(Set(target.listedNames))
        case .facts: return .facts(target.expression, delimiter: target.delimiter, .glob)
        case .factsPCRE: return .facts(target.expression, delimiter: target.delimiter, .regex)
        case .pillar: return .pillar(target.expression, delimiter: target.delimiter, .glob)
        case .pillarPCRE: return .pillar(target.expression, delimiter: target.delimiter, .regex)
        case .pillarExact: return .pillar(target.expression, delimiter: target.delimiter, .exact)
        case .address:
            guard let network = IPNetwork(target.expression) else {
                throw .invalidExpression(
                    target.expression, reason: "not an address, nor a network such as 10.0.0.0/8 with zero host bits")
            }
            return .address(network)
        case .nodegroup:
            guard let group = nodegroups[target.expression] else { throw .unknownNodegroup(target.expression) }
            return try test(CompoundExpression(group, nodegroups: nodegroups), nodegroups: nodegroups)
        case .compound:
            return try test(CompoundExpression(target.expression, nodegroups: nodegroups), nodegroups: nodegroups)
        }
    }

    private static func test(
        _ expression: CompoundExpression, nodegroups: [String: String]
    ) throws(TargetError) -> Test {
        switch expression {
        case .term(let target): try test(target, nodegroups: nodegroups)
        case .not(let inner): .not(try test(inner, nodegroups: nodegroups))
        case .and(let left, let right):
            .and(try test(left, nodegroups: nodegroups), try test(right, nodegroups: nodegroups))
        case .or(let left, let right):
            .or(try test(left, nodegroups: nodegroups), try test(right, nodegroups: nodegroups))
        }
    }

    private func verdict(of test: Test, on subject: TargetSubject) -> TargetVerdict {
        switch test {
        case .id(let pattern): return pattern.matches(subject.node.text) ? .yes : .no
        case .list(let names): return names.contains(subject.node.text) ? .yes : .no
        case .facts(let path, let delimiter, let comparison):
            return match(path, delimiter, comparison, in: subject.facts)
        case .pillar(let path, let delimiter, let comparison):
            return match(path, delimiter, comparison, in: subject.pillar)
        case .address(let network):
            guard let facts = subject.facts else { return .unknown }
            let addresses = facts[network.isIPv4 ? "ipv4" : "ipv6"]?.array ?? []
            return addresses.contains { $0.string.map(network.contains) ?? false } ? .yes : .no
        case .not(let inner):
            switch verdict(of: inner, on: subject) {
            case .yes: return .no
            case .no: return .yes
            case .unknown: return .unknown
            }
        case .and(let left, let right):
            let first = verdict(of: left, on: subject)
            guard first != .no else { return .no }
            let second = verdict(of: right, on: subject)
            return second == .no ? .no : (first == .yes ? second : .unknown)
        case .or(let left, let right):
            let first = verdict(of: left, on: subject)
            guard first != .yes else { return .yes }
            let second = verdict(of: right, on: subject)
            return second == .yes ? .yes : (first == .no ? second : .unknown)
        }
    }

    private func match(
        _ path: String, _ delimiter: String, _ comparison: FactPath.Comparison, in data: ValueMap?
    ) -> TargetVerdict {
        guard let data else { return .unknown }
        return FactPath.matches(path, in: .map(data), delimiter: delimiter, comparison: comparison) ? .yes : .no
    }

    private func facts(of test: Test) -> FactSelection {
        switch test {
        case .id, .list, .pillar: .none
        case .facts(let path, let delimiter, _): FactPath.selection(path, delimiter: delimiter)
        case .address(let network): .named([network.isIPv4 ? "ipv4" : "ipv6"])
        case .not(let inner): facts(of: inner)
        case .and(let left, let right), .or(let left, let right): facts(of: left).union(facts(of: right))
        }
    }

    private func needsPillar(_ test: Test) -> Bool {
        switch test {
        case .id, .list, .facts, .address: false
        case .pillar: true
        case .not(let inner): needsPillar(inner)
        case .and(let left, let right), .or(let left, let right): needsPillar(left) || needsPillar(right)
        }
    }
}
