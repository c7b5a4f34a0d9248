package import MessagePack
package import MusterCore

/// What a node says with `_pillar`: its facts, and which pillar it wants.
///
/// `pillar_override`, `extra_minion_data` and `ext` are the peer's wishes and untrusted: they are not read.
///
/// Source: Salt 3006, `salt/pillar/__init__.py`, `AsyncRemotePillar.compile_pillar`.
package struct PillarRequest: Sendable, Hashable {
    package var grains: ValueMap
    package var environment: String?
    package var pillarEnvironment: String?

    package init(grains: ValueMap, environment: String? = nil, pillarEnvironment: String? = nil) {
        self.grains = grains
        self.environment = environment
        self.pillarEnvironment = pillarEnvironment
    }

    /// Reads an opened load.
    package init(_ opened: RawSpan, limits: MessagePackLimits = .standard) throws(MessageError) {
        let fields: ValueMap
        do throws(MessagePackError) {
            fields = try RequestFields(opened, limits: limits).map
        } catch {
            throw .undecodable(error)
        }
        guard let grains = fields["grains"]?.map else { throw .missingField("grains") }
        self.grains = grains
        environment = fields["saltenv"]?.string
        pillarEnvironment = fields["pillarenv"]?.string
    }

    /// The request of a node.
    package func request(from node: NodeID) -> NodeRequest {
        NodeRequest(
            .pillar, from: node,
            fields: [
                "grains": .map(grains),
                "saltenv": environment.map(Value.string) ?? .null,
                "pillarenv": pillarEnvironment.map(Value.string) ?? .null,
                "pillar_override": [:],
                "extra_minion_data": [:],
                "ver": "2",
            ])
    }
}
