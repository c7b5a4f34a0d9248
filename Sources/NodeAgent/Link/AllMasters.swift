import MusterCore
import Synchronization

/// What functions ask of the node's masters: all of them, one after the other.
///
/// Made before the links, which need it, and filled once; the mutex owns the list.
final class AllMasters: MasterActions {
    private let links = Mutex<[MasterLink]>([])

    func set(_ links: [MasterLink]) { self.links.withLock { $0 = links } }

    private var all: [MasterLink] { links.withLock { $0 } }

    func refreshPillar() async throws {
        for link in all { try await link.refreshPillar() }
    }

    func revokeKey(preservingCache: Bool) async throws -> Bool {
        var isRevoked = true
        for link in all where !(try await link.revokeKey(preservingCache: preservingCache)) { isRevoked = false }
        return isRevoked
    }

    func fire(_ data: Value, tag: String) async throws {
        for link in all { try await link.fire(data, tag: tag) }
    }

    /// The first master that has the file.
    func file(_ path: String, environment: String) async throws -> [UInt8]? {
        for link in all {
            if let content = try await link.file(path, environment: environment) { return content }
        }
        return nil
    }
}
