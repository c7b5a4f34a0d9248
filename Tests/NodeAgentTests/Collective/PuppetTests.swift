import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

@testable import NodeAgent

@Suite struct PuppetTests {
    @Test(
        "durations read as the peers write them",
        arguments: [
            (0, "00 seconds"), (59, "59 seconds"), (61, "1 minutes 01 seconds"),
            (3_725, "1 hours 2 minutes 05 seconds"), (86_400, "1 day 0 hours 0 minutes 00 seconds"),
            (1_795_243_185, "20778 days 6 hours 39 minutes 45 seconds"),
        ])
    func durations(seconds: Int64, text: String) { #expect(PuppetState.text(ofSeconds: seconds) == text) }

    /// Writes the files of an agent into a directory and looks at them.
    private func state(
        _ files: [String: String], lastRun: Int64 = 0, running: Set<Int32> = []
    ) throws -> PuppetState {
        let directory = try TestDirectory()
        var paths = PuppetInstallation.Paths()
        (paths.disabledLock, paths.runLock) = (directory.file("disabled"), directory.file("run"))
        paths.processID = directory.file("pid")
        for (name, text) in files { try Files.write(Array(text.utf8), to: directory.file(name)) }
        return PuppetState(paths, summary: ["time": ["last_run": .int(lastRun)]]) { running.contains($0) }
    }

    @Test func tellsTheState() throws {
        let stopped = try state([:], lastRun: 1_795_243_000)
        #expect(stopped.word == "stopped" && !stopped.hasDaemon && stopped.isEnabled)
        #expect(
            stopped.message(at: Timestamp(seconds: 1_795_243_100))
                == "Currently stopped; last completed run 1 minutes 40 seconds ago")
        let idling = try state(["pid": "17\n"], running: [17])
        #expect(idling.word == "idling" && idling.isIdling)
        let applying = try state(["pid": "17", "run": "18"], running: [17, 18])
        #expect(applying.word == "applying a catalog" && !applying.isIdling)
        #expect(try state(["pid": "17", "run": "18"]).word == "stopped")
        let disabled = try state(["disabled": #"{"disabled_message":"maintenance"}"#, "pid": "17"], running: [17])
        #expect(disabled.word == "disabled" && disabled.disableMessage == "maintenance")
        #expect(try state(["disabled": ""]).word == "disabled")
    }

    @Test(
        "words of a run",
        arguments: [
            ([:], "", "--splay --splaylimit 30"), (["force": true], "", "--no-splay"),
            (["splay": false], "", "--no-splay"), ([:], "plugin.puppet.splay = false", "--no-splay"),
            (["splaylimit": 5, "noop": true], "", "--noop --splay --splaylimit 5"),
            ([:], "plugin.puppet.splaylimit = 60", "--splay --splaylimit 60"),
            (["force": true, "noop": false, "environment": "test"], "", "--no-noop --environment test --no-splay"),
            (
                ["force": true, "tags": "one, two::three", "server": "puppet:8141"], "",
                "--server puppet --serverport 8141 --tags one,two::three --no-splay"
            ), (["force": true, "server": "::1"], "", "--server ::1 --no-splay"),
            (["force": true, "use_cached_catalog": true], "", "--no-splay --use_cached_catalog"),
        ] as [([String: RubyValue], String, String)])
    func runs(inputs: [String: RubyValue], options: String, words: String) {
        let run = PuppetRun(
            RubyHash(inputs.map { (.symbol($0.key), $0.value) }), CollectiveConfiguration(.init("server.cfg", options)))
        #expect(
            run.words(command: ["puppet", "agent"], configuration: nil).joined(separator: " ")
                == "puppet agent --onetime --no-daemonize --color=false --show_diff --verbose \(words)")
    }

    @Test func disablesEnablesAndRefusesToRun() async throws {
        let directory = try TestDirectory()
        let settings = [
            ("agent_disabled_lockfile", "disabled"), ("agent_catalog_run_lockfile", "run"), ("pidfile", "pid"),
            ("lastrunfile", "last"), ("lastrunreport", "report"), ("resourcefile", "resources"),
        ]
        // The directory is part of the question, so that what the process has learnt is of this test alone.
        let question =
            "puppet config print --section agent --config \(directory.path) "
            + settings.map(\.0).joined(separator: " ")
        let answer = settings.map { "\($0.0) = \(directory.file($0.1))\n" }.joined()
        let fixture = try CollectiveFixture(
            "plugin.puppet.config = \(directory.path)", agents: [.puppet],
            processes: ScriptedProcesses(outputs: [question: answer]))
        #expect(try await fixture.call("puppet", "enable").message == "Could not enable Puppet: Already enabled")
        let disabled = try await fixture.call("puppet", "disable", ["message": "for a test"])
        #expect(disabled.data[named: "status"] == "Succesfully locked the Puppet agent: for a test")
        #expect(disabled.data[named: "enabled"] == false)
        let refused = try await fixture.call("puppet", "runonce")
        #expect(refused.status == .aborted && refused.message == "Puppet is disabled: 'for a test'")
        #expect(try await fixture.call("puppet", "disable").message == "Could not disable Puppet: Already disabled")
        let status = try await fixture.call("puppet", "status")
        #expect(status.data[named: "status"] == "disabled" && status.data[named: "disable_message"] == "for a test")
        let enabled = try await fixture.call("puppet", "enable")
        #expect(enabled.data[named: "status"] == "Succesfully enabled the Puppet agent")
        let server = try await fixture.call("puppet", "runonce", ["server": "elsewhere"])
        #expect(server.message == "Passing 'server' option is not allowed in module configuration")
        let resource = try await fixture.call("puppet", "resource", ["type": "file", "name": "/etc/hosts"])
        #expect(resource.message.hasSuffix("is not allowed by the configuration"))
        try Files.write(Array("file[/a]\nfile[/b]\nsshd::key[x]\n".utf8), to: directory.file("resources"))
        let summary = try await fixture.call("puppet", "last_run_summary")
        #expect(
            summary.data[named: "type_distribution"] == .hash([("File", 2), ("Sshd::Key", 1)]))
    }
}
