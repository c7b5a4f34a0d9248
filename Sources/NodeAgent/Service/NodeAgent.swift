package import Logging
import MusterCore
package import NIOCore
import ServiceLifecycle

/// A node: one set of functions and one job runner, and a link to each of its masters.
///
/// Runs until shutdown; then it takes no more jobs, lets those that run come to their end within the drain limit, and
/// sends their returns. A master that refuses the node ends its link; when all links have ended, the node ends.
package final class NodeAgent: Service {
    private let configuration: NodeConfiguration
    private let links: [MasterLink]
    private let logger: Logger

    /// A node with a job runner of its own.
    ///
    /// - Parameter modules: the built-in modules; the operator's own are added.
    /// - Throws: `NodeError` or `FileError`.
    package convenience init(
        _ configuration: NodeConfiguration, modules: [ExecutionModule], facts: any FactsProvider,
        on eventLoop: any EventLoop, logger: Logger
    ) throws {
        var logger = logger
        logger[metadataKey: "node.id"] = "\(configuration.id)"
        try self.init(
            configuration, runner: NodeAgent.runner(configuration, modules: modules, facts: facts, logger: logger),
            facts: facts, on: eventLoop, logger: logger)
    }

    /// Reads or makes the key pair and opens the state files; connects to nothing yet.
    ///
    /// - Parameters:
    ///   - runner: Which may run for others too.
    ///   - eventLoop: where all network work is done; must outlive the node.
    /// - Throws: `NodeError` or `FileError`.
    package init(
        _ configuration: NodeConfiguration, runner: JobRunner, facts: any FactsProvider, on eventLoop: any EventLoop,
        logger: Logger
    ) throws {
        guard !configuration.masters.isEmpty else { throw NodeError.noMasters }
        var logger = logger
        logger[metadataKey: "node.id"] = "\(configuration.id)"
        self.configuration = configuration
        self.logger = logger
        try Files.makeDirectory(configuration.cacheDirectory)
        let keys = try NodeKeys(directory: configuration.pkiDirectory, bits: configuration.signIn.keyBits)
        let masters = AllMasters()
        let shared = LinkResources(
            configuration: configuration, runner: runner, facts: facts,
            seenJobs: try SeenJobsFile(
                path: "\(configuration.cacheDirectory)/seen-jobs", capacity: configuration.seenJobs),
            eventLoop: eventLoop, masters: masters)
        links = try configuration.masters.map { try MasterLink($0, shared: shared, keys: keys, logger: logger) }
        masters.set(links)
    }

    /// The job runner of a node: what `muster call` uses without any master.
    package static func runner(
        _ configuration: NodeConfiguration, modules: [ExecutionModule], facts: any FactsProvider, logger: Logger
    ) -> JobRunner {
        let processes = ProcessRunner(logger: logger)
        let external = configuration.modulesDirectory.map {
            ExternalModules(directory: $0, processes: processes, logger: logger)
        }
        return JobRunner(
            node: configuration.id, configuration: configuration.settings,
            registry: FunctionRegistry(modules, external: external), facts: facts, processes: processes,
            limits: configuration.jobs, logger: logger)
    }

    package func run() async throws {
        let failures = await withTaskGroup(of: (any Error)?.self) { group in
            for link in links {
                group.addTask {
                    do {
                        try await link.run()
                        return nil
                    } catch is CancellationError {
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var failures: [any Error] = []
            for await failure in group {
                guard let failure else { continue }
                logger.error("link to a master ended", metadata: ["reason": "\(failure)"])
                failures.append(failure)
            }
            return failures
        }
        if let failure = failures.first, failures.count == links.count { throw failure }
    }
}
