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
        let now = FakeController.start
        #expect(fleet.nodes(of: place, at: now) == nil)
        fleet.remember(["n2", "n1"], of: place, at: now)
        #expect(fleet.nodes(of: place, at: now) == ["n1", "n2"])
        var other = place
        other.broker = "b:2"
        #expect(fleet.nodes(of: other, at: now) == nil)
        fleet.remember([], of: place, at: now)
        #expect(fleet.nodes(of: place, at: now) == ["n1", "n2"], "nobody at all is no knowledge")
        #expect(fleet.nodes(of: place, at: now + .seconds(299)) == ["n1", "n2"])
        #expect(fleet.nodes(of: place, at: now + .seconds(302)) == nil, "new nodes would be missed")
        #expect(fleet.nodes(of: place, at: now + .seconds(-60)) == nil, "the clock was set back")
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

    @Test("a short window does not make what is known younger")
    func wholeWindows() async throws {
        let directory = try TestDirectory()
        let fleet = FakeCollective(["n1", "n2"])
        let console = RecordingConsole(variables: ["XDG_CACHE_HOME": directory.path])
        _ = await mco(["mco", "find"], in: fleet, as: "muster", console: console)
        let folder = directory.file("muster/collective")
        let file = "\(folder)/\(try #require(Files.list(folder).first))"
        #expect(try Files.text(file) == "\(FakeController.start.seconds)\nn1\nn2\n")
        let older = "\(FakeController.start.seconds - 100)\nn1\nn2\n"
        try Files.write(Array(older.utf8), to: file)
        _ = await mco(["mco", "find"], in: fleet, as: "muster", console: console)
        #expect(try Files.text(file) == older)
        try Files.write(Array(older.replacing("n2", with: "gone").utf8), to: file)
        _ = await mco(["mco", "find"], in: fleet, as: "muster", console: console)
        #expect(try Files.text(file) == "\(FakeController.start.seconds)\nn1\nn2\n", "who is missed is waited for")
    }
}
