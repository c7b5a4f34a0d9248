import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

@testable import MusterCLI

@Suite("how long discovery waits")
struct AskingTests {
    @Test("what was found is known the next time, by collective and broker")
    func memory() throws {
        let directory = try TestDirectory()
        let fleet = KnownFleet(directory: directory.file("cache"))
        let place = KnownFleet.Place(broker: "b:1", collective: "../web", agent: "discovery")
        #expect(fleet.nodes(of: place) == nil)
        fleet.remember(["n2", "n1"], of: place)
        #expect(fleet.nodes(of: place) == ["n1", "n2"])
        var other = place
        other.broker = "b:2"
        #expect(fleet.nodes(of: other) == nil)
        fleet.remember([], of: place)
        #expect(fleet.nodes(of: place) == ["n1", "n2"], "nobody at all is no knowledge")
    }

    @Test("only muster mco, without a filter and without a time, ends early")
    func style() throws {
        let directory = try TestDirectory()
        let console = RecordingConsole(variables: ["XDG_CACHE_HOME": directory.path])
        var context = CommandContext.test(FakeController(), console)
        context.collective = FakeCollective()
        func world(_ style: McoWorld.Style, _ words: String...) throws -> McoWorld {
            McoWorld(
                application: "find",
                invocation: try McoInvocation(words, options: McoOptions.all(for: FindApplication.self)),
                context: context, style: style, configuration: FakeCollective().configuration,
                site: { FakeCollective() })
        }
        func window(_ world: McoWorld) -> DiscoveryWindow {
            var filter = world.invocation.filter
            filter.agents.append(.text("rpcutil"))
            return Asking(world, collective: "mcollective", filter: filter, ofAgent: "rpcutil").window(seconds: 2)
        }
        let known = try world(.ours)
        Asking(known, collective: "mcollective", filter: .init(), ofAgent: "rpcutil").remember(["n1"])
        #expect(window(known) == DiscoveryWindow(limit: .seconds(2), known: ["n1"]))
        #expect(window(try world(.classic)) == DiscoveryWindow(limit: .seconds(2)))
        #expect(window(try world(.ours, "-F", "a=b")) == DiscoveryWindow(limit: .seconds(2)))
        #expect(window(try world(.ours, "--dt", "2")) == DiscoveryWindow(limit: .seconds(2)))
    }
}
