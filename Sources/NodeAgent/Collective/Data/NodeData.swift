import MCollectiveProtocol
import MusterCore

/// What the node knows of itself.
extension DataPlugin {
    /// What the DDL of an agent says of it.
    static let agent = DataPlugin("agent") { query, context in
        let name = query ?? ""
        guard let metadata = context.profile.agent(named: name)?.description.metadata else {
            throw ActionFailure("No agent called \(name) found", status: .unknownError)
        }
        return RubyHash(outputs: [
            "agent": .text(name), "license": .text(metadata.license), "timeout": metadata.timeoutValue,
            "description": .text(metadata.description), "url": .text(metadata.url), "version": .text(metadata.version),
            "author": .text(metadata.author),
        ])
    }

    /// Whether the node is in a collective.
    static let collective = DataPlugin("collective") { query, context in
        let isMember = context.profile.configuration.collectives.contains(query ?? "")
        return RubyHash(outputs: ["member": .bool(isMember)])
    }

    /// A fact, or what lies at a path in it.
    ///
    /// Source: MCollective 2.12, `data/fact_data.rb`.
    static let fact = DataPlugin("fact") { query, context in
        guard let found = value(of: await context.profile.facts.facts(), at: query ?? "") else {
            return RubyHash(outputs: ["exists": false, "value": false, "value_encoding": false])
        }
        let isStructure = found.array != nil || found.map != nil
        let value = isStructure ? Value.string(JSON.text(found)) : found
        return RubyHash(outputs: [
            "exists": true, "value": RubyValue(value),
            "value_encoding": isStructure ? "application/json" : "text/plain",
        ])
    }

    private static func value(of facts: ValueMap, at path: String) -> Value? {
        var value = Value.map(facts)
        for part in path.split(separator: ".", omittingEmptySubsequences: false) {
            switch value {
            case .map(let map):
                guard let next = map[.string(String(part))] else { return nil }
                value = next
            case .array(let elements):
                guard let index = Int(part), elements.indices.contains(index) else { return nil }
                value = elements[index]
            case .null, .bool, .int, .uint, .double, .string, .bytes: return nil
            }
        }
        return value
    }
}

extension DDL.Metadata {
    /// The timeout as files write it: whole seconds are whole.
    var timeoutValue: RubyValue {
        Int64(exactly: timeout).map(RubyValue.int) ?? .double(timeout)
    }
}
