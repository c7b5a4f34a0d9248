import Foundation
import MusterCore
import MusterTestSupport
import Testing

/// Our node at unchanged masters of every release, commanded with Salt's own programs.
@Suite("our node at unchanged salt-masters", SaltRelease.needed, .serialized)
struct NodeJoinsMasterTests {
    @Test("it answers everything that Salt's own commands ask", arguments: SaltRelease.allCases)
    func answersCommands(release: SaltRelease) async throws {
        try await SaltSite.with { site async throws in
            let master = SaltMaster(site: site, release: release)
            let pillar = try site.write("base: {'*': [common], node1: [blue]}", to: "pillar/top.sls")
            try site.write("common: [1, two]", to: "pillar/common.sls")
            try site.write("color: {of: {house: blue}}", to: "pillar/blue.sls")
            try site.startNode("node1", settings: "grains: {role: web, rack: {row: 7}}")
            try site.startNode("node2", settings: "grains: {role: db}")
            try await master.start(
                settings: """
                    pillar_roots: {base: ['\(pillar.deletingLastPathComponent().path)']}
                    nodegroups: {webs: 'G@role:web', all: 'node*'}
                    """)
            try await master.waitForKeys(["node1", "node2"], in: .pending)
            #expect(try await master.keys(.accepted).isEmpty)
            try await master.judge(["node1", "node2"], as: .accepted, "-a", "node*")
            #expect(try await master.keys(.accepted) == ["node1", "node2"])
            try await master.waitForPing("node1", "node2")

            try await checkFunctions(master)
            try await checkFacts(master)
            try await checkFailures(master)
            try await checkTargets(master)
            try await checkLongJobs(master)
            try await checkKilledJobs(master)
            try await checkRunners(master)
        }
    }

    @Test("it takes what the master says of its key, and the master's restart", arguments: SaltRelease.allCases)
    func followsKeyAndRestart(release: SaltRelease) async throws {
        try await SaltSite.with { site async throws in
            let master = SaltMaster(site: site, release: release)
            let first = try site.startNode("node1")
            let patient = try site.startNode("node2", settings: "rejected_retry: true")
            // A key that is taken away makes a new publish key when the master's maintenance comes round: each minute.
            let settings = "loop_interval: 1"
            var daemon = try await master.start(settings: settings)
            try await master.waitForKeys(["node1", "node2"], in: .pending)

            // Rejected while it waits: one ends as Salt's do, the other was told to go on asking.
            try await master.judge(["node1", "node2"], as: .rejected, "-r", "node*")
            try await poll("the rejected node ends", within: .seconds(30)) { !first.isRunning }
            #expect(first.exitStatus == 77)
            #expect(first.output.contains("rejects this node's key"))
            try await poll("the patient node sees it", within: .seconds(30)) { patient.output.contains("rejects") }
            #expect(patient.isRunning)

            // Deleted: it is pending again by itself, and the other when it is started again.
            try await master.key("-d", "node*")
            let second = try site.startNode("node1")
            try await master.waitForKeys(["node1", "node2"], in: .pending)
            try await master.judge(["node1", "node2"], as: .accepted, "-A")
            try await master.waitForPing("node1", "node2")

            // A master that restarts has new session keys; nobody touches the nodes.
            try await daemon.stop()
            daemon = try await master.start(settings: settings)
            try await master.waitForPing("node1", "node2")

            // Deleted while connected: the next publish is not readable any more, so it signs in again.
            try await master.key("-d", "node1")
            try await poll("the deleted node is pending again", within: .seconds(120)) {
                try await master.waitForPing("node2")
                return try await master.keys(.pending) == ["node1"]
            }
            try await master.judge(["node1"], as: .accepted, "-a", "node1")
            try await master.waitForPing("node1", "node2")

            // Rejected while connected: the same, and it ends.
            try await master.judge(["node1"], as: .rejected, "-r", "node1", "--include-accepted")
            try await poll("the rejected node ends", within: .seconds(120)) {
                try await master.waitForPing("node2")
                return !second.isRunning
            }
            #expect(second.exitStatus == 77)
            #expect(patient.isRunning && daemon.isRunning)
        }
    }

    @Test("it belongs to a controller of ours and to a Salt master at once", arguments: [SaltRelease.v3008])
    func servesTwoMasters(release: SaltRelease) async throws {
        try await SaltSite.with { ours async throws in
            try await SaltSite.with { theirs async throws in
                let master = SaltMaster(site: theirs, release: release)
                try await ours.startController(settings: "auto_accept: true")
                try await master.start(settings: "auto_accept: true")
                try ours.startNode("node1", masters: [ours.master, theirs.master])
                try await ours.waitForNode("node1")
                try await master.waitForPing("node1")

                #expect(try await master.ask("node1", "cmd.run", "echo for Salt") == ["node1": "for Salt"])
                let lines = try await ours.musterJSON("run", arguments: ["node1", "cmd.run", "echo for Muster"])
                #expect(lines.first { $0["type"] == "answer" }?["value"] == "for Muster")

                // Each sees a job that the other published, since the node is one; each gets only its own return.
                let job = try await master.publish("node1", "cmd.run", "sleep 300")
                try await poll("the job of the Salt master is seen by our controller", within: .seconds(30)) {
                    try await ours.musterJSON("run", arguments: ["node1", "saltutil.find_job", job])
                        .first { $0["type"] == "answer" }?["value"]?["jid"]?.string == job
                }
                _ = try await ours.musterJSON("run", arguments: ["node1", "saltutil.kill_job", job])
                try await poll("the Salt master has the return", within: .seconds(30)) {
                    try await master.run("jobs.lookup_jid", job)["node1"] != nil
                }
            }
        }
    }
}

// MARK: What a master asks of the nodes `node1` (a web) and `node2` (a db)

extension NodeJoinsMasterTests {
    private func checkFunctions(_ master: SaltMaster) async throws {
        #expect(try await master.ask("node1", "cmd.run", "echo hello; echo there") == ["node1": "hello\nthere"])
        let several = try await master.ask(
            "node1", "test.ping,cmd.run_all,test.arg", ",echo out; echo err >&2; exit 3,one two=2")
        #expect(several["node1"]?["test.ping"] == true)
        let program = several["node1"]?["cmd.run_all"]
        #expect(program?["stdout"] == "out")
        #expect(program?["stderr"] == "err")
        #expect(program?["retcode"] == 3)
        let echoed = try await master.ask("node1", "test.arg", "1", "two words", "[1, x]", "key={a: 1.5}")
        #expect(echoed["node1"]?["args"] == [1, "two words", [1, "x"]])
        #expect(echoed["node1"]?["kwargs"]?["key"] == ["a": 1.5])
    }

    /// The facts are those that Salt itself finds on this machine.
    private func checkFacts(_ master: SaltMaster) async throws {
        let theirs = try await master.site.saltCall(master.release, as: "node1").checked(["grains.items"]).json()
        let ours = try await master.ask("node1", "grains.items")
        for name in [
            "id", "role", "rack", "os", "os_family", "osrelease", "osmajorrelease", "kernel", "kernelrelease",
            "cpuarch",
            "num_cpus", "mem_total", "host", "ipv4", "fqdn", "systemd",
        ] {
            let expected = try #require(theirs["local"]?[name], "\(name)")
            #expect(ours["node1"]?[name] == expected, "\(name)")
        }
    }

    private func checkFailures(_ master: SaltMaster) async throws {
        #expect(
            try await master.ask("node1", "no.such_function") == ["node1": "'no.such_function' is not available."])
        let raised = try await master.ask("node1", "test.exception", "on purpose")
        #expect(raised["node1"]?.string?.contains("on purpose") == true, "\(raised)")
        // The return code as the master has it, of a job that nobody waited for.
        let job = try await master.publish("node1", "cmd.run", "echo so; exit 3")
        var result: Value?
        try await poll("the master has the return of \(job)", within: .seconds(30)) {
            result = try await master.run("jobs.print_job", job)[job]?["Result"]?["node1"]
            return result != nil
        }
        #expect(result?["return"] == "so")
        #expect(result?["retcode"] == 3)
        #expect(result?["success"] == false)
    }

    private func checkTargets(_ master: SaltMaster) async throws {
        let network = try await master.ask("node1", "grains.get", "ipv4")["node1"]?.array?.first?.string ?? "none"
        let cases: [(target: [String], nodes: Set<String>)] = [
            (["n*[2-9]"], ["node2"]),
            (["-E", "node(1|3)"], ["node1"]),
            (["-L", "node2,node1"], ["node1", "node2"]),
            (["-G", "rack:row:7"], ["node1"]),
            (["-P", "role:(db|x.*)"], ["node2"]),
            (["-I", "color:of:house:blue"], ["node1"]),
            (["-I", "common:two"], ["node1", "node2"]),
            (["-J", "color:of:house:b.+"], ["node1"]),
            (["-S", network], ["node1", "node2"]),
            (["-N", "webs"], ["node1"]),
            (["-C", "( G@role:web or P@role:d. ) and not L@node1,x"], ["node2"]),
            (["-C", "N@all and I@color:of:house:blue and not S@203.0.113.0/24"], ["node1"]),
        ]
        for (target, nodes) in cases {
            let answer = try await master.ask(target + ["test.ping"])
            let answered = answer.map?.filter { $0.value == true }.compactMap(\.key.string) ?? []
            #expect(Set(answered) == nodes, "\(target): \(answer)")
        }
    }

    private func checkLongJobs(_ master: SaltMaster) async throws {
        // The command asks for the job with find_job after two seconds, sees it running, and goes on waiting.
        async let late = master.ask("-t", "2", "node1", "cmd.run", "sleep 5; echo late")
        var active: ValueMap = [:]
        try await poll("the master sees the job running", within: .seconds(30)) {
            active = try await master.run("jobs.active").map ?? [:]
            return active.contains { $0.value["Running"]?.array?.contains { $0["node1"] != nil } == true }
        }
        #expect(active.contains { $0.value["Arguments"] == ["sleep 5; echo late"] }, "\(active)")
        let answer = try await late
        #expect(answer == ["node1": "late"], "\(answer)")
    }

    private func checkKilledJobs(_ master: SaltMaster) async throws {
        for (function, number) in [("saltutil.kill_job", 9), ("saltutil.term_job", 15)] {
            let job = try await master.publish("node1", "cmd.run", "sleep 300")
            var found: Value = .null
            try await poll("the node runs \(job)", within: .seconds(30)) {
                found = try await master.ask("node1", "saltutil.find_job", job)["node1"] ?? .null
                return found["jid"]?.string == job
            }
            #expect(found["fun"] == "cmd.run")
            #expect(found["arg"] == ["sleep 300"])
            let process = try #require(found["pid"]?.int)
            let running = try await master.ask("node1", "saltutil.running")["node1"]?.array
            #expect(running?.map { $0["jid"]?.string } == [job])
            let killed = try await master.ask("node1", function, job)["node1"]?.string
            #expect(killed == "Signal \(number) sent to job \(job) at pid \(process)")
            try await poll("its program \(process) is gone", within: .seconds(10)) {
                !FileManager.default.fileExists(atPath: "/proc/\(process)")
            }
            #expect(try await master.ask("node1", "saltutil.running") == ["node1": []])
            #expect(
                try await master.run("jobs.lookup_jid", job)
                    == ["node1": .string("ERROR: the job was ended by signal \(number)")])
        }
    }

    private func checkRunners(_ master: SaltMaster) async throws {
        let status = try await master.run("manage.status")
        #expect(Set(status["up"]?.array ?? []) == ["node1", "node2"], "\(status)")
        #expect(status["down"] == [], "\(status)")
        #expect(Set(try await master.run("manage.up").array ?? []) == ["node1", "node2"])
        let batch = try await master.site.salt(master.release).checked(
            ["--out=json", "--static", "--batch", "1", "node*", "cmd.run", "echo in turn"])
        for node in ["node1", "node2"] {
            #expect(batch.standardOutput.contains("\"\(node)\": \"in turn\""), "\(batch)")
        }
        let job = try await master.publish("*", "test.echo", "kept")
        try await poll("the master keeps both returns", within: .seconds(30)) {
            let kept = try await master.run("jobs.lookup_jid", job)
            return kept["node1"] == "kept" && kept["node2"] == "kept"
        }
    }
}
