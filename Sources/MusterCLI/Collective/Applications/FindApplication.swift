import MCollectiveProtocol

/// `mco find`: the names of the nodes that a filter means.
///
/// Source: MCollective 2.12, `application/find.rb`.
struct FindApplication: McoApplication {
    static let name = "find"
    static let summary = "Find hosts using the discovery system matching filter criteria"

    init(_ invocation: McoInvocation) {}

    func run(in world: McoWorld) async throws -> Int32 {
        return try await McoClient.with(world, agent: "rpcutil") { client in
            let start = world.clock()
            client.detectStandardInput()
            let nodes = try await client.discover()
            let seconds = start.duration(to: world.clock()) / .seconds(1)
            let isVerbose = world.invocation.isVerbose
            if isVerbose { world.diagnose("\n") }
            for node in nodes { try world.puts(world.layout.name(node)) }
            if isVerbose {
                let method = client.discovery?.method ?? "mc"
                world.diagnose(
                    "\nDiscovered \(nodes.count) nodes in \(RubyText.fixed(seconds)) seconds "
                        + "using the \(method) discovery plugin\n")
            }
            return nodes.isEmpty ? 1 : 0
        }
    }
}
