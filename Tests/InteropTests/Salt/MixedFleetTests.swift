import Foundation
import MusterCore
import MusterTestSupport
import Testing

/// Unchanged minions of every release and nodes of ours at one controller of ours, in one job and one report.
@Suite("a mixed fleet at our controller", SaltRelease.needed, .serialized)
struct MixedFleetTests {
    @Test("five nodes of four kinds answer one job")
    func answersInOneReport() async throws {
        try await SaltSite.with { site async throws in
            try await site.startController(settings: "auto_accept: true")
            let minions = SaltRelease.allCases.map { "minion-\($0.rawValue)" }
            for (id, release) in zip(minions, SaltRelease.allCases) {
                try site.startMinion(id, release, settings: "grains: {role: \(release == .v3007 ? "db" : "web")}")
            }
            try site.startNode("node1", settings: "grains: {role: web}")
            try site.startNode("node2", settings: "grains: {role: db}")
            let fleet = minions + ["node1", "node2"]
            for id in fleet { try await site.waitForNode(id) }

            let hello = try await Report(site, "*", "cmd.run", "echo hello")
            #expect(hello.status == 0)
            #expect(hello.expected == Set(fleet))
            #expect(hello.answers.count == 5)
            #expect(Set(hello.answers.keys) == Set(fleet))
            for (node, answer) in hello.answers {
                #expect(answer["value"] == "hello", "\(node)")
                #expect(answer["outcome"] == "ok", "\(node)")
            }
            #expect(hello.counts == ["ok": 5])

            // The same facts of the same machine, whoever found them.
            let kernel = try await Report(site, "*", "grains.get", "kernelrelease")
            #expect(Set(kernel.answers.values.map { $0["value"] }).count == 1, "\(kernel.answers)")
            #expect(kernel.counts == ["ok": 5])

            let failed = try await Report(site, "*", "cmd.run", "echo so; exit 4")
            #expect(failed.status != 0)
            #expect(failed.counts == ["failed": 5])
            for (node, answer) in failed.answers {
                #expect(answer["returnCode"] == 4, "\(node)")
                #expect(answer["value"] == "so", "\(node)")
            }
            let unknown = try await Report(site, "*", "no.such_function")
            #expect(unknown.counts == ["failed": 5])
            for (node, answer) in unknown.answers {
                #expect(answer["value"] == "'no.such_function' is not available.", "\(node)")
            }

            let databases = try await Report(site, "-G", "role:db", "test.ping")
            #expect(databases.expected == ["minion-3007.17", "node2"])
            #expect(Set(databases.answers.keys) == databases.expected)
            #expect(databases.counts == ["ok": 2])
            let webs = try await Report(site, "-C", "G@role:web and ( node* or E@minion-300[68].* )", "test.ping")
            #expect(Set(webs.answers.keys) == ["minion-3006.30", "minion-3008.5", "node1"])
            #expect(webs.counts == ["ok": 3])

            // People see one answer of five nodes, not five answers.
            let shown = try await site.muster("run", arguments: ["*", "test.echo", "folded"])
            #expect(shown.standardOutput.components(separatedBy: "folded").count == 2, "\(shown)")
        }
    }
}

/// What `muster run --json` told about one job.
private struct Report {
    let status: Int32
    let expected: Set<String>
    let answers: [String: Value]
    let counts: Value?

    init(_ site: SaltSite, _ words: String...) async throws {
        let output = try await site.muster("run", arguments: ["--json"] + words)
        let lines = try output.jsonLines()
        status = output.status
        expected = Set((lines.first?["expected"]?.array ?? []).compactMap(\.string))
        let pairs = lines.filter { $0["type"] == "answer" }.compactMap { line in line["node"]?.string.map { ($0, line) }
        }
        answers = Dictionary(pairs) { first, _ in first }
        counts = lines.last?["counts"]
        guard lines.last?["type"] == "summary", pairs.count == answers.count else {
            throw SiteError("not one report: \(output)")
        }
    }
}
