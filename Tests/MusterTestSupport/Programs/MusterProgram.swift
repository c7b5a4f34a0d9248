package import Foundation

extension Program {
    /// Our own executable, as it was built beside the tests.
    package static func musterExecutable() throws -> URL {
        let directory = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let executable = directory.appending(path: "muster")
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw SiteError("there is no \(executable.path): build with 'swift build --build-tests'")
        }
        return executable
    }
}
