import Foundation
import MusterCore
import MusterTestSupport
import Testing

@testable import DaemonSupport

/// A directory of files for one test, removed when it goes.
final class ConfigurationTree: Sendable {
    private let directory: TestDirectory
    var root: String { directory.path }

    init(_ files: [String: String]) throws {
        directory = try TestDirectory()
        for (name, text) in files {
            let path = root + "/" + name
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: false, encoding: .utf8)
        }
    }

    func path(_ name: String) -> String { root + "/" + name }

    static let directories = Directories(configuration: "/no/such/etc", state: "/state", runtime: "/run/test")

    func load<Settings: SettingsFile>(
        _ type: Settings.Type = Settings.self, file: String? = nil, overrides: ValueMap = [:]
    ) throws -> LoadedSettings<Settings> {
        let source = ConfigurationSource(
            file: file.map(path), saltDirectory: file == nil ? root : nil, overrides: overrides)
        return try Settings.load(source, directories: Self.directories)
    }

    /// What is wrong, as `FILE: KEY: REASON` with the files relative to the tree.
    func problems<Settings: SettingsFile>(
        _ type: Settings.Type, file: String? = nil, overrides: ValueMap = [:]
    ) -> [String] {
        do {
            _ = try load(type, file: file, overrides: overrides)
            return []
        } catch let error as ConfigurationError {
            return error.problems.map { "\($0)".replacingOccurrences(of: root + "/", with: "") }
        } catch {
            return ["\(error)"]
        }
    }
}
