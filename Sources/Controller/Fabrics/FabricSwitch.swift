package import MusterCore

/// Sends each part of a job over the fabric that reaches its nodes.
///
/// A node with an accepted key is reached over Salt's wire, every other over the collective: that holds over restarts, and
/// a machine that is on both is asked once.
package struct FabricSwitch: JobPublishing {
    private let salt: any JobPublishing
    private let collective: CollectiveFabric?
    private let keys: KeyStore

    package init(salt: any JobPublishing, collective: CollectiveFabric?, keys: KeyStore) {
        self.salt = salt
        self.collective = collective
        self.keys = keys
    }

    package func publish(_ job: Job, to audience: Audience) async throws {
        guard let collective else { return try await salt.publish(job, to: audience) }
        let (minions, others) = split(audience)
        var failed: [PublishFailure] = []
        if !minions.nodes.isEmpty {
            do {
                try await salt.publish(FabricSwitch.renamed(job), to: minions)
            } catch {
                failed.append(PublishFailure(nodes: minions.nodes, reason: "\(error)"))
            }
        }
        if !others.nodes.isEmpty {
            do { try collective.publish(job, to: others.nodes) } catch {
                failed.append(PublishFailure(nodes: others.nodes, reason: "\(error)"))
            }
        }
        guard let first = failed.first else { return }
        throw PublishFailure(
            nodes: failed.flatMap(\.nodes),
            reason: failed.count == 1 ? first.reason : failed.map(\.reason).joined(separator: "; "))
    }

    package func ask(_ audience: Audience, about job: Job, as question: JobID, patience: Duration) async throws {
        guard let collective else { return try await salt.ask(audience, about: job, as: question, patience: patience) }
        let (minions, others) = split(audience)
        collective.ask(others.nodes, about: job)
        if !minions.nodes.isEmpty {
            try await salt.ask(minions, about: job, as: question, patience: patience)
        }
    }

    package func knowsJobs(_ node: NodeID) -> Bool { collective == nil || isMinion(node) }

    private func isMinion(_ node: NodeID) -> Bool { keys.state(of: node) == .accepted }

    private func split(_ audience: Audience) -> (minions: Audience, others: Audience) {
        (audience.filtered(isMinion), audience.filtered { !isMinion($0) })
    }

    private static func renamed(_ job: Job) -> Job {
        var job = job
        for index in job.calls.indices { job.calls[index].function = FunctionNames.salt(job.calls[index].function) }
        return job
    }
}
