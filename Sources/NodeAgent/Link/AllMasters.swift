import MusterCore
import Synchronization

/// What functions ask of the node's masters: all of them, one after the other.
///
/// Made before the links, which need it, and filled once; the mutex owns the list.
final class AllMasters: MasterActions {
    private let links = Mutex<[MasterLink]>([])

    func set(_ links: [MasterLink]) { self.links.withLock { $0 = links } }

    /// The links that can be asked now: a function must not wait until somebody accepts a key.
    private func ready() async throws -> [MasterLink] {
        var ready: [MasterLink] = []
        for link in links.withLock({ $0 }) where await link.isReady { ready.append(link) }
        guard !ready.isEmpty else { throw FunctionError.failed(reason: "the node is signed in to no master now") }
        return ready
    }

    func refreshPillar() async throws {
        for link in try await ready() { try await link.refreshPillar() }
    }

    func revokeKey(preservingCache: Bool) async throws -> Bool {
        var isRevoked = true
        for link in try await ready() where !(try await link.revokeKey(preservingCache: preservingCache)) {
            isRevoked = false
        }
        return isRevoked
    }

    func fire(_ data: Value, tag: String) async throws {
        for link in try await ready() { try await link.fire(data, tag: tag) }
    }

    /// The first master that has the file.
    func file(_ path: String, environment: String) async throws -> [UInt8]? {
        for link in try await ready() {
            if let content = try await link.file(path, environment: environment) { return content }
        }
        return nil
    }
}
