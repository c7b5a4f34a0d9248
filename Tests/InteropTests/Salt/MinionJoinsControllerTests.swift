import MusterCore
import MusterTestSupport
import Testing

/// Unchanged minions of every release at our controller.
@Suite("unchanged salt-minions at our controller", SaltRelease.needed, .serialized)
struct MinionJoinsControllerTests {
    @Test("a minion waits for its key, is accepted and answers", arguments: SaltRelease.allCases)
    func joinsAndAnswers(release: SaltRelease) async throws {
        try await SaltSite.with { site async throws in
            try await site.startController()
            try site.startMinion("minion1", release)
            try await site.waitForKey("minion1", .pending)
            let accepted = try await site.muster("keys", "accept", arguments: ["minion1"])
            #expect(accepted.status == 0, "\(accepted)")
            try await site.waitForNode("minion1")

            let ping = try await site.musterJSON("run", arguments: ["minion1", "test.ping"])
            let answer = ping.first { $0["type"] == "answer" }
            #expect(answer?["node"] == "minion1")
            #expect(answer?["value"] == true)
            #expect(answer?["outcome"] == "ok")
            #expect(ping.last?["counts"]?["ok"] == 1, "\(ping)")
        }
    }

    @Test("functions, errors and facts come back as Salt gives them", arguments: SaltRelease.allCases)
    func answers(release: SaltRelease) async throws {
        try await SaltSite.with { site async throws in
            try await site.startController(settings: "auto_accept: true")
            try site.startMinion("minion1", release, settings: "grains: {role: web}")
            try await site.waitForNode("minion1")

            func answer(_ words: String...) async throws -> Value? {
                try await site.musterJSON("run", arguments: words).first { $0["type"] == "answer" }
            }
            #expect(try await answer("*", "cmd.run", "echo hello")?["value"] == "hello")
            #expect(try await answer("*", "test.echo", "text=a b")?["value"] == "a b")
            #expect(try await answer("*", "grains.items")?["value"]?["role"] == "web")
            let failed = try await answer("*", "cmd.run", "exit 3")
            #expect(failed?["outcome"] == "failed")
            #expect(failed?["returnCode"] == 3)
            let unknown = try await answer("*", "no.such_function")
            #expect(unknown?["outcome"] == "failed")
            #expect(
                unknown?["value"]?.string?.contains("'no.such_function' is not available") == true, "\(unknown ?? nil)")
        }
    }
}
