package import Foundation

extension Program {
    /// Our own executable: `$MUSTER_PROGRAM`, as `make soak` takes a release, or the one built beside the tests.
    package static func musterExecutable() throws -> URL {
        let chosen = ProcessInfo.processInfo.environment["MUSTER_PROGRAM"].flatMap { $0.isEmpty ? nil : $0 }
        let directory = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let executable = chosen.map { URL(filePath: $0) } ?? directory.appending(path: "muster")
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw SiteError("there is no \(executable.path): build with 'swift build --build-tests'")
        }
        return executable
    }
}
