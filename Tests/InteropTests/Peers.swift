import Foundation
import Testing

/// The unchanged programs that the interop tests talk to.
///
/// They are installed by scripts into a cache directory. A test whose peer is absent is skipped and says which script
/// to run; with `CI=true` it runs, and fails, so that a peer that went missing is noticed.
enum Peers {
    /// `$MUSTER_PEERS`, or `~/.cache/muster/peers`.
    static var directory: URL {
        if let chosen = ProcessInfo.processInfo.environment["MUSTER_PEERS"], !chosen.isEmpty {
            return URL(filePath: chosen)
        }
        return FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache/muster/peers")
    }

    /// Whether a peer that is absent is a failure.
    static var isRequired: Bool { ProcessInfo.processInfo.environment["CI"] == "true" }

    /// An executable of a peer.
    ///
    /// - Parameters:
    ///   - path: Below `directory`, as `pyzmq/bin/python`.
    ///   - script: What installs it, from the root of the project.
    static func executable(_ path: String, installedBy script: String) throws -> URL {
        let url = directory.appending(path: path)
        guard FileManager.default.isExecutableFile(atPath: url.path) else {
            throw Absent(path: url.path, script: script)
        }
        return url
    }

    /// Skips a suite or test whose peer is absent, unless absence is a failure.
    static func needed(_ path: String, installedBy script: String) -> ConditionTrait {
        let isThere = (try? executable(path, installedBy: script)) != nil
        return .enabled(if: isThere || isRequired, "\(path) is not installed: run \(script)")
    }

    struct Absent: Error, CustomStringConvertible {
        let path: String
        let script: String
        var description: String { "\(path) is not installed: run \(script)" }
    }
}
