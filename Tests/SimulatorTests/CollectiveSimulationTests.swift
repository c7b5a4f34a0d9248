import CollectiveBus
import CollectiveTestSupport
import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Synchronization
import Testing

@testable import Simulator

struct CollectiveSimulationTests {
    @Test(
        "simulated nodes of a collective are found and answer", .timeLimit(.minutes(1)), arguments: Connector.allCases)
    func answers(connector: Connector) async throws {
        try await TestCollective.with(connector) { collective in
            let directory = try TestDirectory()
            let file = directory.file("server.cfg")
            try Files.write(Array(collective.configuration.utf8), to: file)
            var settings = SimulationSettings(count: 150)
            settings.collectiveFile = file
            let (events, feed) = AsyncStream<SimulationEvent>.makeStream()
            let simulation = Task { [settings] in
                try await Simulator.run(settings) { feed.yield($0) }
                feed.finish()
            }
            for await event in events where event.kind == .connected { break }
            let client = try await collective.connectClient()
            let found = try client.send(Discovery.ping, agent: Discovery.agent, filter: Filter(), to: .everybody)
            let senders = try await found.senders(150)
            #expect(senders.count == 150)
            #expect(senders.first == "sim00001")
            var filter = Filter()
            filter.facts = [FactTest("rack", .equal, "rack7")]
            let call = RPCRequest(agent: "rpcutil", action: "ping")
            let some = try client.send(call.body, agent: "rpcutil", filter: filter, to: .everybody)
            #expect(try await some.senders(3) == ["sim00007", "sim00057", "sim00107"])
            await client.close()
            simulation.cancel()
            try await simulation.value
        }
    }
}
