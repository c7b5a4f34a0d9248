import Foundation
import Testing

/// A release of Salt that Muster works with, installed unchanged.
enum SaltRelease: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case v3006 = "3006.30"
    case v3007 = "3007.17"
    case v3008 = "3008.5"

    static let script = "make peers"

    var testDescription: String { "Salt \(rawValue)" }

    /// One of its programs, as `salt-minion`.
    func program(_ name: String) throws -> URL {
        try Peers.executable("salt-\(rawValue)/bin/\(name)", installedBy: SaltRelease.script)
    }

    /// Skips where one of the releases is absent, unless absence is a failure.
    static var needed: ConditionTrait {
        let absent = allCases.filter { (try? $0.program("salt-minion")) == nil }.map(\.rawValue)
        return .enabled(
            if: absent.isEmpty || Peers.isRequired,
            "Salt \(absent.joined(separator: ", ")) is not installed: run \(script)")
    }
}
