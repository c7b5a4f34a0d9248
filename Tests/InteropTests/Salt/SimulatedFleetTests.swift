import MusterCore
import MusterTestSupport
import Testing

/// Simulated nodes at unchanged masters, and at our controller.
@Suite("simulated nodes at unchanged masters and our controller", SaltRelease.needed, .serialized)
struct SimulatedFleetTests {
    private static let ids = (1...20).map { "sim\($0.digits(5))" }

    @Test("twenty simulated nodes answer an unchanged master", arguments: SaltRelease.allCases)
    func answersSalt(release: SaltRelease) async throws {
        try await SaltSite.with { site async throws in
            let master = SaltMaster(site: site, release: release)
            try await master.start()
            let fleet = try site.startSimulation(20)
            try await fleet.wait(for: .connected)

            let ping = try await master.ask("*", "test.ping")
            #expect(ping.map?.keys.sorted() == Self.ids)
            #expect(ping.map?.allSatisfy { $0.value == true } == true)
            let first = try await master.ask("-G", "datacenter:dc1", "grains.get", "id")
            #expect(
                first.map?.keys.sorted() == ["sim00003", "sim00006", "sim00009", "sim00012", "sim00015", "sim00018"])
            let one = try await master.ask("-L", "sim00003,sim00004", "grains.get", "id")
            #expect(one["sim00003"] == "sim00003")
            #expect(one["sim00004"] == "sim00004")
            #expect(try await master.ask("sim00001", "no.such")["sim00001"] == "'no.such' is not available.")
            // Longer than the master waits: it asks whether the job still runs, and goes on waiting.
            #expect(try await master.ask("-t", "2", "sim00002", "test.sleep", "5")["sim00002"] == true)
        }
    }

    @Test("two hundred simulated nodes in two processes answer our controller, but for those that are to be silent")
    func answersMuster() async throws {
        try await SaltSite.with { site async throws in
            try await site.startController()
            let fleet = try site.startSimulation(200, "--processes", "2", "--silent", "5%", "--failing", "10%")
            try await fleet.wait(for: .connected)

            let lines = try await site.musterJSON("run", arguments: ["*", "test.ping", "-t", "1"])
            let counts = lines.last?["counts"]
            #expect(counts?["ok"] == 170, "\(counts ?? nil)")
            #expect(counts?["failed"] == 20)
            #expect(lines.last?["silent"]?.array?.count == 10)
            let web = try await site.musterJSON("run", arguments: ["-G", "role:web", "grains.get", "role", "-t", "1"])
            #expect(web.contains { $0["value"] == "web" })

            let last = try await fleet.end()
            #expect(last.kind == .ended)
            #expect(last.counts.returns >= 190)
        }
    }
}
