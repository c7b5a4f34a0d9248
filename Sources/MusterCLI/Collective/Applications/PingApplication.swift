import MCollectiveProtocol

/// `mco ping`: who is there, and how long each took to say so.
///
/// Source: MCollective 2.12, `application/ping.rb`.
struct PingApplication: McoApplication {
    static let name = "ping"
    static let summary = "Ping all nodes"
    static let options: [RubyOption] = [.init("graph", "-g", ["--graph"], "Shows a graph of ping distribution")]

    private let showsGraph: Bool

    init(_ invocation: McoInvocation) { showsGraph = invocation.has("graph") }

    func run(in world: McoWorld) async throws -> Int32 {
        let collective = try world.collective()
        let seconds = try seconds(world)
        let caller = try await world.site().connect(within: world.connectionTimeout)
        let call = CollectiveCall(
            body: Discovery.ping, agent: Discovery.agent, filter: world.invocation.filter, collective: collective,
            ttl: world.invocation.ttl, recipients: .everybody, replyTo: world.invocation.replyTo)
        let asking = Asking(world, collective: collective, filter: world.invocation.filter, ofAgent: Discovery.agent)
        let start = world.clock()
        let collecting = Collecting(
            context: world.context, start: start, end: .window(asking.window(seconds: seconds)))
        let layout = world.layout
        let conversation = try await caller.send(call)
        let harvest: Collecting.Harvest
        do {
            harvest = try await collecting.run(conversation) { answer, _ in
                let name = RubyText.padded(layout.name(answer.reply.senderID), 40)
                try world.puts("\(name) time=\(RubyText.fixed(PingApplication.milliseconds(start, answer))) ms")
            }
            await caller.close()
        } catch {
            await caller.close()
            throw error
        }
        if harvest.isWhole { asking.remember(harvest.answers.map(\.reply.senderID)) }
        let isGraphed = showsGraph || world.configuration.plugins["rpc.graph"] != nil
        let times = harvest.answers.map { PingApplication.milliseconds(start, $0) }
        try world.puts("\n\n---- ping statistics ----\n" + PingStatistics(times).text(isGraphed: isGraphed))
        return times.isEmpty ? 4 : 0
    }

    /// How long it is waited, with what nodes may take for the data plugins of a filter.
    private func seconds(_ world: McoWorld) throws -> Double {
        let invocation = world.invocation
        var seconds = Double(invocation.timeout)
        if invocation.timeout == 5 {
            seconds += invocation.discoveryTimeout.map(Double.init) ?? world.configuration.discoveryTimeout ?? 0
        }
        return seconds + (try McoClient.dataTime(invocation.filter, world.descriptions))
    }

    private static func milliseconds(_ start: ContinuousClock.Instant, _ answer: CollectiveAnswer) -> Double {
        start.duration(to: answer.receivedAt) / .milliseconds(1)
    }
}
