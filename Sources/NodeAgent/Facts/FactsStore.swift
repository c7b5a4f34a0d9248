package import Logging
package import MusterCore

/// The node's facts: what the machine tells, the operator's `grains` file over it, the configuration's `grains` over both.
///
/// Owns the gathered facts and the file; the file is read again at each refresh and before each change, so that edits by
/// hand are kept. Source for the order: Salt 3008, `salt/loader/__init__.py`, `grains`.
package actor FactsStore: FactsProvider {
    private let gather: @Sendable () async -> ValueMap
    private let file: any FactsFile
    private let configured: ValueMap
    private let logger: Logger

    private var gathered: ValueMap
    private var stored: ValueMap

    /// Gathers once and opens the store.
    ///
    /// A file that cannot be read is logged and left out, as Salt does: a node must come up without it.
    ///
    /// - Parameter configured: The `grains` of the node's configuration; they win over everything.
    package static func open(
        file: any FactsFile, configured: ValueMap, logger: Logger, gather: @escaping @Sendable () async -> ValueMap
    ) async -> FactsStore {
        let store = FactsStore(
            gathered: await gather(), file: file, configured: configured, logger: logger, gather: gather)
        await store.readFile()
        return store
    }

    private init(
        gathered: ValueMap, file: any FactsFile, configured: ValueMap, logger: Logger,
        gather: @escaping @Sendable () async -> ValueMap
    ) {
        self.gathered = gathered
        self.file = file
        self.configured = configured
        self.logger = logger
        self.gather = gather
        stored = [:]
    }

    package func facts() -> ValueMap {
        var facts = gathered
        facts.merge(stored)
        facts.merge(configured)
        return facts
    }

    package func refresh() async throws {
        let anew = await gather()
        gathered = anew
        readFile()
    }

    package func set(_ key: String, to value: Value) throws {
        var facts = try load()
        facts[key] = value
        try save(facts)
    }

    package func remove(_ key: String) throws {
        var facts = try load()
        guard facts[key] != nil else { return }
        facts[key] = nil
        try save(facts)
    }

    private func load() throws -> ValueMap {
        do {
            return try file.load()
        } catch {
            throw FunctionError.failed(reason: "Unable to read existing grains file: \(error)")
        }
    }

    private func save(_ facts: ValueMap) throws {
        do {
            try file.save(facts)
        } catch {
            throw FunctionError.failed(reason: "\(error)")
        }
        stored = facts
    }

    private func readFile() {
        do {
            stored = try file.load()
        } catch {
            logger.warning("grains file skipped", metadata: ["error": "\(error)"])
        }
    }
}
