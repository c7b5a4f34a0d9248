package import MusterCore

extension Controller {
    package func nodes(_ target: Target?) async throws -> [NodeSummary] {
        keys.refresh()
        let facts = try await resolver.facts(.named(["musterversion", "os", "osrelease", "saltversion"]))
        let ids: [NodeID]
        if let target {
            ids = try await resolve(target, for: []).nodes
        } else {
            ids = Set(keys.acceptedNodes).union(facts.keys).union(try await store.contacts().keys).sorted()
        }
        return ids.map { summary(of: $0, facts: facts[$0]) }
    }

    package func node(_ id: NodeID) async throws -> NodeDetail {
        keys.refresh()
        let stored = try await store.node(id)
        let key = keys.stored(id)
        guard stored != nil || key != nil else { throw ControllerError.unknownNode(id) }
        let facts = stored?.facts?.value.map
        return NodeDetail(
            summary: summary(of: id, facts: facts), fingerprint: key.map { keys.entry(id, $0.state).fingerprint },
            facts: facts ?? [:], factsTime: stored?.factsTime)
    }

    package func events(_ query: EventQuery) async throws -> AsyncThrowingStream<EventBatch, any Error> {
        let feed = EventFeed(query, store: store, signal: eventSignal)
        return AsyncThrowingStream { try await feed.next() }
    }

    package func status() async throws -> ControllerStatus {
        var counters = await fabric.metrics()
        for counter in await collective?.metrics() ?? [:] { counters[counter.key] = counter.value }
        return ControllerStatus(
            version: Muster.version, started: started, listeners: fabric.listeners + (collective?.listeners ?? []),
            connectedNodes: nodeIndex.connectedCount, openJobs: await engine.openCount,
            connections: fabric.connections, store: await store.health(), counters: counters)
    }

    private func summary(of node: NodeID, facts: ValueMap?) -> NodeSummary {
        let version = facts?["saltversion"]?.string.map { version in
            facts?["musterversion"]?.string.map { "Muster \($0)" } ?? "Salt \(version)"
        }
        let system = facts?["os"]?.string.map { name in
            (facts?["osrelease"]?.pythonText).map { "\(name) \($0)" } ?? name
        }
        return NodeSummary(
            node: node, keyState: keys.state(of: node), contact: nodeIndex.lastContact(of: node), version: version,
            system: system)
    }
}
