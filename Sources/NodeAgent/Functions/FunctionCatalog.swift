package import MusterCore

/// The modules that a node offers, for those who describe them.
package protocol FunctionCatalog: Sendable {
    /// Every module, sorted by name, those of the operator included.
    func modules() async -> [ExecutionModule]
    /// Looks for new, changed and removed modules of the operator.
    func refresh() async
}

extension FunctionCatalog {
    /// Every function as `module.function`, sorted by that name.
    package func functions() async -> [(name: String, function: ModuleFunction)] {
        await modules().flatMap { module in module.functions.map { (name: "\(module.name).\($0.name)", function: $0) } }
            .sorted { $0.name < $1.name }
    }
}

/// A node without modules, for tests and local uses that describe nothing.
package struct EmptyCatalog: FunctionCatalog {
    package init() {}
    package func modules() async -> [ExecutionModule] { [] }
    package func refresh() async {}
}

/// What a function may ask of the masters that the node belongs to.
package protocol MasterActions: Sendable {
    /// Asks every master for the pillar again; the next job sees it.
    func refreshPillar() async throws
    /// Asks every master to delete this node's key.
    ///
    /// - Returns: whether all of them did.
    func revokeKey(preservingCache: Bool) async throws -> Bool
    /// Fires an event on the masters' buses.
    func fire(_ data: Value, tag: String) async throws
    /// A file of the master's file server, nil when it has no such file.
    ///
    /// - Parameter path: below the roots of `environment`, without `salt://`.
    func file(_ path: String, environment: String) async throws -> [UInt8]?
}

/// A node that belongs to no master: `muster call` and tests.
package struct NoMasters: MasterActions {
    package init() {}
    package func refreshPillar() async throws {}
    package func revokeKey(preservingCache: Bool) async throws -> Bool {
        throw FunctionError.failed(reason: "this node is not connected to a master")
    }
    package func fire(_ data: Value, tag: String) async throws {
        throw FunctionError.failed(reason: "this node is not connected to a master")
    }
    package func file(_ path: String, environment: String) async throws -> [UInt8]? {
        throw FunctionError.failed(reason: "this node is not connected to a master")
    }
}
