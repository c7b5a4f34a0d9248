import MusterCore
import NIOCore
import NIOPosix
import SaltProtocol

/// The key pairs of a process's nodes: one for all, or one for each.
struct KeyRing: Sendable {
    private let pairs: [KeyPair]

    /// Reads or makes the keys; a pair for each of many nodes takes a tenth of a second each.
    init(_ settings: SimulationSettings.Keys, count: Int, on pool: NIOThreadPool) async throws {
        if settings.areOwn {
            let parts = min(count, System.coreCount)
            pairs = try await withThrowingTaskGroup(of: [KeyPair].self) { group in
                for part in 0..<parts {
                    group.addTask { try await Self.make(count / parts + (part < count % parts ? 1 : 0), on: pool) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        } else {
            let file = settings.file
            pairs = [
                try await pool.runIfActive {
                    if let file { try KeyPair(file: file) } else { try KeyPair(PrivateKey.generate()) }
                }
            ]
        }
    }

    private static func make(_ count: Int, on pool: NIOThreadPool) async throws -> [KeyPair] {
        var pairs: [KeyPair] = []
        for _ in 0..<count {
            try Task.checkCancellation()
            pairs.append(try await pool.runIfActive { try KeyPair(PrivateKey.generate()) })
        }
        return pairs
    }

    /// The pair of the node at a place.
    subscript(place: Int) -> KeyPair { pairs[place % pairs.count] }

    /// Writes the public keys where a controller of Salt's layout keeps those it has accepted.
    ///
    /// - Parameter directory: The controller's `pki_dir`.
    func accept(_ nodes: [NodeID], into directory: String) throws {
        let folder = "\(directory)/minions"
        try Files.makeDirectory(folder)
        for (place, node) in nodes.enumerated() {
            let path = "\(folder)/\(node)"
            // Not `Files.write`: its care for power cuts costs more than all the rest when there are thousands.
            try Files.remove(path)
            try Files.append(Array("\(self[place].key.publicKey.pem)\n".utf8), to: path, mode: 0o644)
        }
    }
}
