import Foundation
import Glibc
import MusterCore
import MusterTestSupport
import Testing

/// Two unchanged minions of one release and our controller, through everything that a job, a key and a controller may
/// meet. One site for all of it, since a minion takes seconds to start; the releases go side by side.
@Suite("the life of two unchanged salt-minions at our controller", SaltRelease.needed)
struct MinionLifeTests {
    @Test("targets, outcomes, restarts and keys", arguments: SaltRelease.allCases)
    func lives(release: SaltRelease) async throws {
        try await SaltSite.with { site async throws in
            let life = MinionLife(release, site: site)
            try await life.begin()
            try await life.answersEveryTarget()
            try await life.printsAsSaltDoes()
            try await life.failsAsTheNodeDid()
            try await life.endsLongJobs()
            try await life.countsADuplicateOnce()
            try await life.outlivesTheController()
            try await life.losesAndRegainsKeys()
        }
    }
}

/// The steps of `MinionLifeTests`, in an order in which each leaves both minions connected but the last.
final class MinionLife {
    private let site: SaltSite
    private let release: SaltRelease
    private var controller: ChildProcess?
    private var db: ChildProcess?

    init(_ release: SaltRelease, site: SaltSite) {
        self.release = release
        self.site = site
    }

    func begin() async throws {
        try await startController()
        db = try site.startMinion("db1", release, settings: Self.minion(#"grains: {role: store}"#))
        try site.startMinion(
            "web1", release, settings: Self.minion(#"grains: {role: web, tags: [a, b], site: {name: "x:y"}}"#))
        try await site.waitForNode("web1")
        try await site.waitForNode("db1")
        try await site.waitForAnswers(["db1", "web1"])
    }

    /// Less patient than Salt's defaults (5 to 10 seconds for an acknowledgement, up to 11 until a lost connection is
    /// tried again), so that the tests are short.
    private static func minion(_ settings: String) -> String {
        """
        return_retry_timer: 1
        return_retry_timer_max: 2
        recon_max: 2000
        \(settings)
        """
    }

    private func startController() async throws {
        controller = try await site.startController(
            settings: """
                auto_accept: \(controller == nil)
                timeout: 2
                gather_job_timeout: 4
                nodegroups: {webs: 'G@role:web and web*', all: 'N@webs or L@db1'}
                """,
            options: [
                "--set", "pillar={'*': {fleet: {size: small}}, 'G@role:web': {team: blue}, 'db1': {team: green}}",
            ])
    }

    private func stopController(_ number: Int32) async throws {
        guard let process = controller else { return }
        process.signal(number)
        try await poll("the controller ends", within: .seconds(10)) { !process.isRunning }
    }
}

// MARK: Targets

extension MinionLife {
    private static let targets: [(words: [String], nodes: [String])] = [
        (["*"], ["db1", "web1"]),
        (["[!w]??"], ["db1"]),
        (["-E", "(web|db)1$"], ["db1", "web1"]),
        (["-E", "we"], ["web1"]),
        (["-L", "web1,db1"], ["db1", "web1"]),
        (["--allow-missing", "-L", "web1,nobody"], ["web1"]),
        (["-G", "role:WEB"], ["web1"]),
        (["-G", "site:name:x:y"], ["web1"]),
        (["-P", "role:^(web|store)$"], ["db1", "web1"]),
        (["-I", "team:blue"], ["web1"]),
        (["-I", "fleet:size:sm*"], ["db1", "web1"]),
        (["-J", "team:^gr"], ["db1"]),
        (["--pillar-exact", "team:blue"], ["web1"]),
        (["-S", "127.0.0.1"], ["db1", "web1"]),
        (["-S", "127.0.0.0/8"], ["db1", "web1"]),
        (["-N", "webs"], ["web1"]),
        (["-N", "all"], ["db1", "web1"]),
        (["-C", "G@role:web or I@team:green"], ["db1", "web1"]),
        (["-C", "not web*"], ["db1"]),
        (["-C", "* and not ( P@role:^web or L@nobody )"], ["db1"]),
        (["-C", "G%@tags%b and S@127.0.0.0/8 and E@web. and N@webs"], ["web1"]),
    ]

    /// Who is shown by `--preview`, who is expected and who answers are the same nodes, for every kind of target.
    func answersEveryTarget() async throws {
        var jobs: [(words: [String], job: String)] = []
        for (words, nodes) in Self.targets {
            let preview = try await site.muster("run", arguments: ["--preview", "--json"] + words + ["test.ping"])
            let previewed = try preview.jsonLines().first?["nodes"]?.array?.compactMap { $0["node"]?.string }
            #expect(previewed == nodes, "\(preview)")
            let run = try await site.run(words + ["test.ping"])
            #expect(run.expected == nodes, "\(run)")
            #expect(run.answered == nodes, "\(run)")
            #expect(run.counts == ["ok": Int64(nodes.count)], "\(run)")
            #expect(run.status == 0, "\(run)")
            jobs.append((words, run.job))
        }
        // A minion that matches by itself where we do not expect it answers too: none of them did.
        for (words, job) in jobs {
            let run = try await site.show(job)
            #expect(run.unexpected == [], "\(words): \(run)")
        }

        let missing = try await site.muster("run", arguments: ["-L", "web1,nobody", "test.ping"])
        #expect(missing.status == 4 && missing.standardError.contains("no accepted key for nobody"), "\(missing)")
        let reported = try await site.run("--allow-missing", "-L", "web1,nobody", "test.ping")
        #expect(reported.missing == ["nobody"], "\(reported)")
        for words in [["-S", "203.0.113.0/24"], ["-G", "role:nothing"], ["nobody*"]] {
            let nothing = try await site.muster("run", arguments: words + ["test.ping"])
            #expect(nothing.status == 4 && nothing.standardError.contains("no accepted node matches"), "\(nothing)")
        }
    }
}

// MARK: Answers

extension MinionLife {
    /// `salt -c DIR` and `salt-key -c DIR` under our name.
    func printsAsSaltDoes() async throws {
        let ping = try await site.musterAs("salt", ["*", "test.ping"])
        let blocks = ["db1:\n    True\n", "web1:\n    True\n"]
        #expect([blocks.joined(), blocks.reversed().joined()].contains(ping.standardOutput), "\(ping)")
        #expect(ping.status == 0, "\(ping)")

        let nested = try await site.musterAs("salt", ["-G", "role:web", "grains.item", "role", "tags"])
        let layout = """
            web1:
                ----------
                role:
                    web
                tags:
                    - a
                    - b

            """
        #expect(nested.standardOutput == layout, "\(nested)")

        let json = try await site.musterAs(
            "salt", ["--static", "--out=json", "-L", "db1,web1", "cmd.run_all", "exit 1"])
        let answers = try json.json()
        for node in ["db1", "web1"] { #expect(answers[node]?["retcode"] == 1, "\(json)") }

        let keys = try await site.musterAs("salt-key", ["-L"])
        let listed = "Accepted Keys:\ndb1\nweb1\nDenied Keys:\nUnaccepted Keys:\nRejected Keys:\n"
        #expect(keys.standardOutput == listed, "\(keys)")
    }

    /// A function that raises, and one that sets a return code of its own.
    func failsAsTheNodeDid() async throws {
        let raised = try await site.run("web1", "test.exception", "message=told to")
        let text = raised.answer("web1")?["value"]?.string ?? ""
        #expect(text.hasPrefix("The minion function caused an exception: Traceback"), "\(raised)")
        #expect(text.contains("told to"), "\(raised)")
        #expect(raised.answer("web1")?["returnCode"] == 1, "\(raised)")
        #expect(raised.counts == ["failed": 1] && raised.status == 2, "\(raised)")

        let code = try await site.run("*", "test.retcode", "code=7")
        #expect(code.answer("db1")?["returnCode"] == 7, "\(code)")
        #expect(code.counts == ["failed": 2] && code.status == 2, "\(code)")
    }
}

// MARK: Long jobs

extension MinionLife {
    /// Longer than the timeout, terminated, killed and cancelled: four jobs that run at the same time on one minion.
    func endsLongJobs() async throws {
        let names = ["long", "terminated", "killed", "cancelled"]
        let gates = names.map { GatedCommand($0, in: site) }
        var jobs: [String] = []
        for gate in gates {
            jobs.append(try await site.publish("web1", "cmd.run", gate.command(then: "echo done")))
        }
        for job in jobs { try await site.waitUntilRunning(job, on: "web1") }

        let terminated = try await site.run("web1", "saltutil.term_job", jobs[1])
        let killed = try await site.run("web1", "saltutil.kill_job", jobs[2])
        // Salt signals the programs of a job one after the other. When one ends meanwhile, its function fails, and the job
        // answers instead of being lost. Seen with 3006.30.
        var raced: Set<String> = []
        for (run, job, signal) in [(terminated, jobs[1], 15), (killed, jobs[2], 9)] {
            let answer = run.answer("web1")?["value"]?.string ?? ""
            if answer.contains("ProcessLookupError") { raced.insert(job) }
            #expect(answer.hasPrefix("Signal \(signal) sent to job \(job)") || raced.contains(job), "\(run)")
        }
        let cancelled = try await site.muster("jobs", "cancel", arguments: [jobs[3]])
        #expect(cancelled.status == 0, "\(cancelled)")
        for (name, gate) in zip(names, gates).dropFirst() {
            try await poll("the shell of the job that is \(name) ends", within: .seconds(30)) { !gate.isWaiting }
        }
        #expect(gates[0].isWaiting)

        for job in jobs[1...2] {
            let run = try await site.wait(job)
            guard !raced.contains(job) else {
                #expect(run.counts == ["failed": 1] && run.status == 2, "\(run)")
                continue
            }
            #expect(run.counts == ["lost": 1] && run.status == 3, "\(run)")
            #expect(run.silent("web1")?["reason"]?.string?.contains("no longer runs") == true, "\(run)")
        }
        let run = try await site.wait(jobs[3])
        #expect(run.counts == ["cancelled": 1] && run.status == 3, "\(run)")
        #expect(try await site.why(jobs[3], "web1").contains("cancelled by "))
        let again = try await site.muster("jobs", "cancel", arguments: [jobs[3]])
        #expect(again.status == 1 && again.standardError.contains("has ended already"), "\(again)")

        try gates[0].open()
        let long = try await site.wait(jobs[0])
        #expect(long.answer("web1")?["value"] == "done", "\(long)")
        #expect(long.counts == ["ok": 1] && long.status == 0, "\(long)")
        let why = try await site.why(jobs[0], "web1")
        for note in ["published to 1 node by", "asked whether the job runs", "said that the job runs", "web1: ok"] {
            #expect(why.contains(note), "\(why)")
        }
    }

    /// The store is locked while the answer comes: it is not acknowledged, so the minion sends it again.
    func countsADuplicateOnce() async throws {
        let gate = GatedCommand("twice", in: site)
        let job = try await site.publish("web1", "cmd.run", gate.command(then: "echo once"))
        try await poll("the job runs", within: .seconds(30)) { gate.isWaiting }
        let before = try await counter("muster_salt_returns_total")
        let duplicates = try await counter("muster_salt_returns_duplicate_total")
        let lock = try await DatabaseLock(site.database, in: site)
        try gate.open()
        try await poll("the answer comes twice", within: .seconds(20)) {
            try await counter("muster_salt_returns_total") >= before + 2
        }
        try lock.release()

        let run = try await site.wait(job)
        #expect(run.answered == ["web1"] && run.answer("web1")?["value"] == "once", "\(run)")
        #expect(run.counts == ["ok": 1], "\(run)")
        try await poll("the second copy is counted", within: .seconds(20)) {
            try await counter("muster_salt_returns_duplicate_total") > duplicates
        }
        #expect(try await site.show(job).answered == ["web1"])
    }

    private func counter(_ name: String) async throws -> Int64 {
        let status = try await site.musterJSON("status")
        return status.first?["counters"]?[name]?.int ?? 0
    }
}

// MARK: Restart

extension MinionLife {
    /// The controller is killed and started again: nobody touches the minions, and no answer is lost.
    func outlivesTheController() async throws {
        let (during, after) = (GatedCommand("during", in: site), GatedCommand("after", in: site))
        let jobDuring = try await site.publish("web1", "cmd.run", during.command(then: "exit 4"))
        let jobAfter = try await site.publish("db1", "cmd.run", after.command(then: "echo late"))
        try await site.waitUntilRunning(jobDuring, on: "web1")
        try await site.waitUntilRunning(jobAfter, on: "db1")

        try await stopController(SIGKILL)
        try during.open()
        try await poll("the job ends while there is no controller", within: .seconds(10)) { !during.isWaiting }
        try await startController()
        // Minions take up to eleven seconds to subscribe again; the job waits for them.
        let early = try await site.run("*", "test.ping")
        #expect(early.answered == ["db1", "web1"] && early.counts == ["ok": 2], "\(early)")
        let ended = try await site.wait(jobDuring)
        #expect(ended.answer("web1")?["returnCode"] == 4, "\(ended)")
        #expect(ended.counts == ["failed": 1] && ended.status == 2, "\(ended)")

        try await site.waitForAnswers(["db1", "web1"])
        let running = try await site.show(jobAfter)
        #expect(running.silent("db1")?["outcome"] == "running", "\(running)")
        try after.open()
        let late = try await site.wait(jobAfter)
        #expect(late.answer("db1")?["value"] == "late", "\(late)")
        #expect(late.counts == ["ok": 1] && late.status == 0, "\(late)")
    }
}

// MARK: Keys

extension MinionLife {
    /// A deleted key must be asked for again, a rejected one ends its minion; each makes a new publish key, which costs
    /// the others nothing. A minion that is down is reported as such.
    func losesAndRegainsKeys() async throws {
        let deleted = try await site.muster("keys", "delete", arguments: ["--yes", "web1"])
        #expect(deleted.status == 0, "\(deleted)")
        let alone = try await site.run("*", "test.ping")
        #expect(alone.answered == ["db1"] && alone.counts == ["ok": 1] && alone.unexpected == [], "\(alone)")
        try await site.waitForKey("web1", .pending)
        let accepted = try await site.muster("keys", "accept", arguments: ["--yes", "web1"])
        #expect(accepted.status == 0, "\(accepted)")
        try await site.waitForAnswers(["db1", "web1"])

        let rejected = try await site.muster("keys", "reject", arguments: ["--yes", "--include-accepted", "db1"])
        #expect(rejected.status == 0, "\(rejected)")
        let other = try await site.run("*", "test.ping")
        #expect(other.answered == ["web1"] && other.counts == ["ok": 1] && other.unexpected == [], "\(other)")
        let named = try await site.muster("run", arguments: ["-L", "db1", "test.ping"])
        #expect(named.status == 4 && named.standardError.contains("no accepted key for db1"), "\(named)")
        // It sleeps 10 to 20 seconds first, so that a supervisor that starts it again does no harm.
        try await poll("the rejected minion ends", within: .seconds(120)) { db?.isRunning == false }
        #expect(db?.output.contains("has rejected this minion's public key") == true)
        // 3008 loses its own status on the way out of its event loop.
        #expect(db?.exitStatus == (release == .v3008 ? 0 : 77))

        let back = try await site.muster("keys", "accept", arguments: ["--yes", "--include-rejected", "db1"])
        #expect(back.status == 0, "\(back)")
        let down = try await site.run("*", "test.ping")
        #expect(down.expected == ["db1", "web1"] && down.answered == ["web1"], "\(down)")
        #expect(down.counts == ["ok": 1, "unreachable": 1] && down.status == 3, "\(down)")
        #expect(down.silent("db1")?["reason"]?.string?.hasPrefix("unreachable: offline since ") == true, "\(down)")
        let why = try await site.why(down.job, "db1")
        #expect(why.contains("given up: ") && why.contains("db1: unreachable: offline since "), "\(why)")
        let printed = try await site.musterAs("salt", ["-L", "db1", "test.ping"])
        #expect(
            printed.standardOutput == "db1:\n    Minion did not return. [Not connected]\n" && printed.status == 1,
            "\(printed)")
    }
}
