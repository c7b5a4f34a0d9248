package import Foundation
import DaemonSupport
import Synchronization

/// A folder, two ports of loopback, and the programs that a test runs there.
///
/// All of it ends with the test; when the test fails, the last words of every program are part of the error.
package final class TestSite: Sendable {
    /// Where controllers publish and nodes subscribe.
    package let publishPort: Int
    /// Where nodes sign in and answer.
    package let requestPort: Int
    private let directory: TestDirectory
    private let mark = UUID().uuidString
    private let processes = Mutex<[ChildProcess]>([])

    private init() throws {
        directory = try TestDirectory()
        let ports = try LoopbackPorts.free(2)
        (publishPort, requestPort) = (ports[0], ports[1])
    }

    /// Runs a test with a site of its own.
    package static func with<Result>(_ body: (TestSite) async throws -> Result) async throws -> Result {
        let site = try TestSite()
        do {
            let result = try await body(site)
            try await site.close()
            return result
        } catch {
            let words = site.processes.withLock { $0.map(\.tail) }.joined(separator: "\n")
            try? await site.close()  // the first error is the one to tell
            throw SiteError("\(error)\n\(words)")
        }
    }

    /// Ends the programs, the last one first: nodes before their controller.
    private func close() async throws {
        defer { ChildProcess.killAll(ofSite: mark) }
        for process in processes.withLock({ $0 }).reversed() { try await process.stop() }
    }

    /// A file or folder of the site, by its path in it.
    package func file(_ name: String) -> URL { URL(filePath: directory.file(name)) }

    /// How many programs were started.
    package var startedCount: Int { processes.withLock { $0.count } }

    /// Starts a program that ends with the site; its output goes to a file of its name.
    package func start(_ name: String, _ executable: URL, _ arguments: [String]) throws -> ChildProcess {
        let process = try ChildProcess(name, executable, arguments, site: mark, log: file("\(name).log"))
        processes.withLock { $0.append(process) }
        return process
    }

    /// Everything that the first program of a name has printed.
    package func output(of name: String) -> String {
        processes.withLock { $0.first { $0.name == name } }?.output ?? ""
    }

    /// Whether somebody accepts connections on both ports.
    package var isAnswered: Bool { LoopbackPorts.isAnswered(publishPort) && LoopbackPorts.isAnswered(requestPort) }
}
