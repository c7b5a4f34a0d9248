import MCollectiveProtocol
import MusterCore

/// Who is meant.
///
/// Source: MCollective 2.12, `rpc/client.rb`, `discovery.rb`, `discovery/`.
extension McoClient {
    /// The nodes that the filter means, asked for once.
    ///
    /// - Parameter announces: Whether the line `Discovering hosts …` is printed, besides with `-v`.
    mutating func discover(announces: Bool = false) async throws -> [String] {
        if let discovery { return discovery.nodes }
        var method = try method()
        if method == "mc", let names = filter.plainIdentities {
            var seen: Set<String> = []
            let nodes = names.filter { seen.insert($0).inserted }
            discovery = Discovered(nodes: nodes, method: method, isDirect: world.configuration.directAddressing)
            return nodes
        }
        if !filter.compounds.isEmpty { method = "mc" }
        let seconds = try plainDiscoveryTime(method) + McoClient.dataTime(filter, world.descriptions)
        let isAnnounced = (announces || world.invocation.isVerbose) && world.invocation.output == .console
        if isAnnounced {
            let time = seconds > 0 ? " for \(Int(min(seconds, 1e9))) second(s)" : ""
            world.diagnose("Discovering hosts using the \(method) method\(time) .... ")
        }
        let start = world.clock()
        let nodes = try await find(method, seconds: seconds)
        // Never nothing: zero means that nobody was asked.
        let time = max(start.duration(to: world.clock()) / .seconds(1), 1e-9)
        if isAnnounced { world.diagnose("\(nodes.count)\n") }
        discovery = Discovered(nodes: nodes, time: time, method: method, isDirect: method != "mc")
        return nodes
    }

    private mutating func find(_ method: String, seconds: Double) async throws -> [String] {
        switch method {
        case "flatfile":
            guard let file = world.invocation.discoveryOptions.first else {
                throw McoFailure("The flatfile discovery method needs a path to a text file")
            }
            let text: String
            do { text = try Files.text(file) } catch {
                throw McoFailure("Cannot read the file \(file) specified as discovery source")
            }
            return limited(try NodeList(lines: text).matching(filter))
        case "stdin": return limited(try pipedNodes().matching(filter, method: method))
        default: return try await ask(seconds)
        }
    }

    private mutating func pipedNodes() throws -> NodeList {
        let text = readStandardInput().joined(separator: "\n")
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw McoFailure("data piped on STDIN contained only whitespace - could not discover hosts from it.")
        }
        switch world.invocation.discoveryOptions.first?.lowercased() ?? "auto" {
        case "auto": return try NodeList(detecting: Array(text.utf8))
        case "text": return try NodeList(lines: text, method: "stdin")
        case "json": return try NodeList(json: Array(text.utf8))
        case let type:
            throw McoFailure("stdin discovery plugin only knows the types auto/text/json, not \"\(type)\"")
        }
    }

    /// Asks everybody, and waits.
    private func ask(_ seconds: Double) async throws -> [String] {
        let collective = try world.collective()
        var asked = filter
        asked.collective = collective
        let call = CollectiveCall(
            body: Discovery.ping, agent: Discovery.agent, filter: asked,
            collective: collective, ttl: world.invocation.ttl, recipients: .everybody)
        let start = world.clock()
        let asking = Asking(world, collective: collective, filter: filter, ofAgent: agent)
        let collecting = Collecting(
            context: world.context, start: start, end: .window(asking.window(seconds: seconds), limit: earlyLimit))
        let harvest = try await collecting.run(try await caller.send(call))
        // Who is stopped here must not act on those who happened to answer first.
        guard !harvest.isCut else { throw McoExit(1) }
        let nodes = harvest.answers.map(\.reply.senderID)
        if harvest.isWhole { asking.remember(nodes) }
        return limited(nodes)
    }

    /// After how many answers nobody else is waited for.
    private var earlyLimit: Int? { nodeLimit?.discoveryLimit }

    /// The limit of the command line, chosen as the configuration says.
    var nodeLimit: NodeLimit? {
        world.invocation.limit.map { size in
            switch world.configuration.limitMethod {
            case .first: NodeLimit(size)
            case .random: NodeLimit(size, .random(seed: world.invocation.limitSeed))
            }
        }
    }

    private func limited(_ nodes: [String]) -> [String] { earlyLimit.map { Array(nodes.prefix($0)) } ?? nodes }
}
