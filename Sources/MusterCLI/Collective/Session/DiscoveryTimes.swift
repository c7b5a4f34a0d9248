import MCollectiveProtocol

/// How long discovery and requests take at most.
///
/// Source: MCollective 2.12, `discovery.rb`, `rpc/client.rb`.
extension McoClient {
    /// The method of discovery: what the command line says, else the configuration. Compound filters are only for `mc`.
    func method() throws(McoFailure) -> String {
        let chosen = world.invocation.discoveryMethod ?? world.configuration.discoveryMethod
        guard StandardPlugins.discoveryMethods.contains(chosen) else {
            throw McoFailure("Unknown discovery method \(chosen)")
        }
        guard chosen == "mc" || world.configuration.directAddressing else {
            throw McoFailure("Custom discovery methods require direct addressing mode")
        }
        return chosen
    }

    /// Seconds for discovery without what data plugins take.
    func plainDiscoveryTime(_ method: String) throws(McoFailure) -> Double {
        if let seconds = world.invocation.discoveryTimeout { return Double(seconds) }
        if let seconds = world.configuration.discoveryTimeout { return seconds }
        return try world.descriptions.description(.discovery, method).metadata.timeout
    }

    /// Seconds for a request.
    func requestTime() throws(McoFailure) -> Double {
        let discovery = try plainDiscoveryTime(try method())
        let plain =
            world.invocation.timeout == 5
            ? description.metadata.timeout + discovery : Double(world.invocation.timeout)
        return plain + (try McoClient.dataTime(filter, world.descriptions))
    }

    /// Seconds that nodes may take for the data plugins in a filter.
    ///
    /// - Throws: ``McoFailure`` for a plugin that is not known, a query it does not take, an output it does not give.
    static func dataTime(_ filter: Filter, _ descriptions: DDLLibrary) throws(McoFailure) -> Double {
        var time = 0.0
        for token in filter.compounds.flatMap(\.tokens) {
            guard case .function(let function) = token else { continue }
            let plugin = try descriptions.description(.data, function.call.plugin)
            guard let query = plugin.dataQuery else {
                throw McoFailure(
                    "No dataquery has been defined in the DDL for data plugin \(plugin.metadata.name)")
            }
            do {
                try query.check(function)
            } catch {
                throw McoFailure("\(error)")
            }
            time += plugin.metadata.timeout
        }
        return time
    }
}

extension DDLAction {
    /// Checks a call of this query in a filter.
    fileprivate func check(_ function: DataFunction) throws {
        if inputs.isEmpty, function.call.query != nil {
            throw McoFailure("No data plugin argument was declared in the \(name) DDL but an input was supplied")
        }
        try check(function.call.query.map { [(.symbol("query"), .text($0))] }.map { RubyHash($0) } ?? [:])
        guard outputs.contains(where: { $0.name == function.output }) else {
            throw McoFailure(
                "the data plugin \(function.call.plugin) gives no '\(function.output)': "
                    + outputs.map(\.name).sortedByBytes().joined(separator: ", "))
        }
    }
}
