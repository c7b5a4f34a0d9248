import MusterCore
import Testing

@Suite(.serialized)
struct HarnessTests {
    @Test(arguments: SaltRelease.allCases)
    func pair(release: SaltRelease) async throws {
        try await SaltSite.with { site async throws in
            try await site.startController(.salt(release), settings: "auto_accept: true")
            try site.startMinion("minion1", release)
            try await poll("joined", within: .seconds(90)) {
                try await site.salt(release, "salt-key").checked(["--out=json", "-l", "acc"]).json()["minions"]?.array?
                    .contains("minion1") == true
            }
            try await poll("answers", within: .seconds(60)) {
                let out = try await site.salt(release).run([
                    "--out=json", "--static", "-t", "5", "minion1", "test.ping",
                ])
                return (try? out.json()["minion1"]?.bool) == true
            }
        }
    }
}
