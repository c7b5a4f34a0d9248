package import MusterCore
import SaltProtocol

/// Finds the nodes that a target means: the ids with accepted keys, judged by what the store knows of them.
package struct TargetResolver: Sendable {
    /// What a target means now.
    package struct Resolution: Sendable, Hashable {
        /// Sorted by id.
        package var nodes: [NodeID] = []
        /// Listed ids without an accepted key, sorted.
        package var missing: [String] = []
        /// Accepted nodes that cannot be judged, because they never reported facts, sorted.
        package var unjudged: [NodeID] = []
        /// What an operator should know who believes that this is everybody.
        package var warnings: [String] = []

        /// With the nodes that a collective has found.
        ///
        /// - Parameter hasKey: Whether a node has an accepted key, and has been judged by that.
        func joined(with others: [NodeID], hasKey: (NodeID) -> Bool) -> Resolution {
            var joined = self
            let found = Set(others.filter { !hasKey($0) })
            joined.nodes = found.union(nodes).sorted()
            joined.missing = missing.filter { name in NodeID(name).map { !found.contains($0) } ?? true }
            return joined
        }
    }

    private let keys: KeyStore
    private let store: any Store
    private let pillar: any PillarSource
    private let nodegroups: [String: String]

    package init(keys: KeyStore, store: any Store, pillar: any PillarSource, nodegroups: [String: String]) {
        self.keys = keys
        self.store = store
        self.pillar = pillar
        self.nodegroups = nodegroups
    }

    /// - Throws: `ControllerError.invalidTarget`, or what the store throws.
    package func resolve(_ target: Target) async throws -> Resolution {
        keys.refresh()
        let accepted = keys.acceptedNodes
        let selection = try selection(target)
        return try judge(target, accepted: accepted, facts: try await facts(selection))
    }

    /// The selected facts of all nodes that ever told any.
    package func facts(_ selection: FactSelection) async throws -> [NodeID: ValueMap] {
        guard selection != .none else { return [:] }
        var known: [NodeID: ValueMap] = [:]
        try await store.eachFacts { known[$0.node] = $0.values(selection) }
        return known
    }

    /// The target as nodes can judge it themselves: nodegroups they may not know are written out.
    package func published(_ target: Target) throws -> Target {
        let expression: String
        switch target.kind {
        case .nodegroup:
            guard let group = nodegroups[target.expression] else {
                throw invalid(target, TargetError.unknownNodegroup(target.expression))
            }
            expression = group
        case .compound:
            expression = target.expression
        case .glob, .pcre, .list, .facts, .factsPCRE, .pillar, .pillarPCRE, .pillarExact, .address:
            return target
        }
        do {
            return Target(.compound, try CompoundExpression.expanding(expression, nodegroups: nodegroups))
        } catch {
            throw invalid(target, error)
        }
    }

    private func selection(_ target: Target) throws -> FactSelection {
        let matcher = try matcher(target)
        return matcher.needsPillar ? matcher.facts.union(pillar.facts) : matcher.facts
    }

    private func matcher(_ target: Target) throws -> TargetMatcher {
        do {
            return try TargetMatcher(target, nodegroups: nodegroups)
        } catch {
            throw invalid(target, error)
        }
    }

    private func invalid(_ target: Target, _ error: TargetError) -> ControllerError {
        .invalidTarget(expression: target.expression, reason: "\(error)")
    }

    private func knownPillar(of node: NodeID, facts: ValueMap?) -> ValueMap? {
        facts == nil && pillar.facts != .none ? nil : pillar.pillar(for: node, facts: facts ?? [:])
    }

    private func judge(_ target: Target, accepted: [NodeID], facts: [NodeID: ValueMap]) throws -> Resolution {
        let matcher = try matcher(target)
        let needsPillar = matcher.needsPillar
        var resolution = Resolution()
        for node in accepted {
            let known = facts[node]
            let pillar = needsPillar ? knownPillar(of: node, facts: known) : [:]
            switch matcher.verdict(on: TargetSubject(node: node, facts: known, pillar: pillar)) {
            case .yes: resolution.nodes.append(node)
            case .unknown: resolution.unjudged.append(node)
            case .no: break
            }
        }
        let names = Set(accepted.map(\.text))
        resolution.missing = Set(target.listedNames).subtracting(names).sorted()
        return resolution
    }
}
