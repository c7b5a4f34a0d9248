import CollectiveBus
import DaemonSupport
import Logging
import MusterCLI
import MusterCore
import NodeAgent

/// The `server.cfg` of a node, read.
struct CollectiveFile {
    let setup: CollectiveSetup
    private let path: String

    /// Reads it with its keys.
    ///
    /// - Parameter path: Whole: policies lie beside it, wherever the node is when it looks for them.
    /// - Throws: `CommandFailure` with everything that is wrong.
    init(_ path: String) throws {
        self.path = path
        do {
            setup = try CollectiveSetup(file: path, role: .node, environment: ProcessEnvironment.variables)
        } catch {
            throw CommandFailure(.configuration, "\(error)")
        }
    }

    /// What a node needs of it. What is not as it should be and stops nobody is logged.
    func parts(modules: [ExecutionModule], facts: FactsStore, logger: Logger) throws -> CollectiveParts {
        for problem in setup.problems { logger.warning("configuration", metadata: ["problem": "\(problem)"]) }
        do {
            return try CollectiveParts(setup, file: path, modules: modules, facts: facts, logger: logger) {
                try YAMLFactsFile(path: $0).load()
            }
        } catch {
            throw CommandFailure(.configuration, "\(error)")
        }
    }
}
