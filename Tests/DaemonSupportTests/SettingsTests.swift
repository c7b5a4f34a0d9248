import MusterCore
import Testing

@testable import DaemonSupport

@Suite struct SettingsTests {
    @Test func controllerNeedsNoFile() throws {
        let loaded = try ControllerSettings.load(ConfigurationSource(), directories: ConfigurationTree.directories)
        #expect(loaded.files.isEmpty)
        #expect(loaded.settings.publishPort == 4505)
        #expect(loaded.settings.stateDirectory == "/state/controller")
        #expect(loaded.settings.keyDirectory == "/state/controller/pki")
        #expect(loaded.settings.controlSocket == "/run/test/controller.sock")
        #expect(loaded.settings.storePath == "/state/controller/muster.db")
    }

    @Test func readsMustersOwnFile() throws {
        let tree = try ConfigurationTree([
            "c.yaml": """
            listen: ["::", 192.0.2.1]
            publish_port: 5505
            request_port: '5506'
            job_timeout: 1500ms
            retention_age: 7d
            retention_size: 2GiB
            auto_accept: yes
            nodegroups:
              web: 'web* and G@os:Debian'
              both: [N@web, or, db*]
            pillar:
              '*': {motd: hello}
            log_level: debug
            key_dir: /keys/
            autosign_file:
            """
        ])
        let settings = try tree.load(ControllerSettings.self, file: "c.yaml").settings
        #expect(settings.listen == ["::", "192.0.2.1"])
        #expect(settings.publishPort == 5505)
        #expect(settings.requestPort == 5506)
        #expect(settings.jobTimeout == .milliseconds(1500))
        #expect(settings.retentionAge == .seconds(7 * 86_400))
        #expect(settings.retentionBytes == 2 << 30)
        #expect(settings.acceptsAll)
        #expect(settings.nodegroups == ["web": "web* and G@os:Debian", "both": "N@web or db*"])
        #expect(settings.pillar == ["*": ["motd": "hello"]])
        #expect(settings.logLevel == .debug)
        #expect(settings.keyDirectory == "/keys")
        #expect(settings.autosignFile == nil)
    }

    @Test("a node of a collective needs no controllers, and keeps those that it is given")
    func joinsCollectives() throws {
        func settings(_ text: String) throws -> NodeSettings {
            try ConfigurationTree(["n.yaml": text]).load(NodeSettings.self, file: "n.yaml").settings
        }
        let file = "mcollective_config: /etc/mcollective/server.cfg\n"
        #expect(try settings("").controllers == ["salt"])
        #expect(try settings(file).controllers.isEmpty)
        #expect(try settings("\(file)controllers: [salt]").controllers == ["salt"])
        #expect(try settings("controllers: [salt]\n\(file)").controllers == ["salt"])
        #expect(try settings("\(file)controllers: []").controllers.isEmpty)
        #expect(try settings(file).collectiveFile == "/etc/mcollective/server.cfg")
        #expect(throws: ConfigurationError.self) { try settings("controllers: []") }
    }

    @Test("all problems come together, each with its file, key and remedy")
    func collectsProblems() throws {
        let tree = try ConfigurationTree([
            "c.yaml": """
            publish_prot: 1
            request_port: 70000
            job_timeout: soon
            auto_accept: maybe
            state_dir: var/lib
            log_level: loud
            listen: [localhost]
            retention_size: 5 GB
            nodegroups: web
            """
        ])
        #expect(
            tree.problems(ControllerSettings.self, file: "c.yaml") == [
                "c.yaml: publish_prot: there is no such setting: is 'publish_port' meant?",
                "c.yaml: request_port: 70000 is out of range: a port from 0 to 65535",
                "c.yaml: job_timeout: text where a duration from 100ms to 1d, as 5, 500ms, 10m or 24h is expected",
                "c.yaml: auto_accept: text where true or false is expected",
                "c.yaml: state_dir: 'var/lib' does not begin with '/': write the whole path",
                "c.yaml: log_level: text where one of trace, debug, info, notice, warning, error, critical is expected",
                "c.yaml: retention_size: text where a size from 0 to 1024TiB, as 512MiB is expected",
                "c.yaml: nodegroups: text where a map of compound expressions by name is expected",
                "c.yaml: listen: 'localhost' is no IPv4 or IPv6 address",
            ])
    }

    @Test(
        "a file that is no settings file is named",
        arguments: [
            ("- a\n- b\n", "c.yaml: a list where 'key: value' lines are expected"),
            ("a: [1\n", "c.yaml: not valid YAML at line"),
            ("listen: 0.0.0.0\nlisten: '::'\n", "c.yaml: not valid YAML at line"),
        ])
    func namesBadFiles(_ text: String, _ expected: String) throws {
        let tree = try ConfigurationTree(["c.yaml": text])
        let problems = tree.problems(ControllerSettings.self, file: "c.yaml")
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix(expected) == true, "\(problems)")
    }

    @Test func namesAMissingFileThatWasAskedFor() throws {
        let tree = try ConfigurationTree([:])
        let problems = tree.problems(NodeSettings.self, file: "gone.yaml")
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("gone.yaml: cannot be read: ") == true)
    }

    @Test func overridesWinOverTheFileAndAreChecked() throws {
        let tree = try ConfigurationTree(["c.yaml": "publish_port: 1\nrequest_port: 2\n"])
        #expect(
            try tree.load(ControllerSettings.self, file: "c.yaml", overrides: ["publish_port": 3]).settings.publishPort
                == 3)
        #expect(
            tree.problems(ControllerSettings.self, file: "c.yaml", overrides: ["publish_port": 2]) == [
                "c.yaml: request_port: 2 is the publish port too: give each its own"
            ])
        #expect(
            tree.problems(ControllerSettings.self, file: "c.yaml", overrides: ["x": 2]) == [
                "--set: x: there is no such setting"
            ])
    }

    @Test func checksNodegroupsAndPillar() throws {
        let tree = try ConfigurationTree([
            "c.yaml": "nodegroups: {web: 'web* and (', all: 'N@none', ok: 'G@os:Debian'}\n",
            "p.yaml": "pillar: {'web* or': {a: 1}, 'db*': text, 'N@gone': {}, '*': {a: 1}}\n",
            "n.yaml": "controllers: a\nnodegroups: {self: N@self}\n",
        ])
        let groups = tree.problems(ControllerSettings.self, file: "c.yaml")
        #expect(groups.count == 2)
        #expect(
            groups.first
                == "c.yaml: nodegroups: group 'all': nodegroup 'none' is not defined: add it to 'nodegroups' in the configuration"
        )
        #expect(groups.last?.hasPrefix("c.yaml: nodegroups: group 'web': 'web* and ('") == true)
        let pillar = tree.problems(ControllerSettings.self, file: "p.yaml")
        #expect(pillar.count == 3)
        #expect(pillar.dropFirst().first == "p.yaml: pillar: text where a map of pillar data is expected, below 'db*'")
        #expect(
            tree.problems(NodeSettings.self, file: "n.yaml")
                == ["n.yaml: nodegroups: group 'self': nodegroup 'self' contains itself"])
    }

    @Test func saysWhatIsOverridden() throws {
        let tree = try ConfigurationTree(["c.yaml": "job_timeout: 7\n"])
        let source = ConfigurationSource(file: tree.path("c.yaml"), overrides: ["job_timeout": 9])
        let findings = ControllerSettings.diagnose(source, directories: ConfigurationTree.directories)
        #expect(findings.map(\.verdict) == [.ignored, .understood])
        #expect(findings.first?.explanation == "overridden by --set")
    }

    @Test func refusesASocketPathTheKernelWouldCut() throws {
        let tree = try ConfigurationTree(["c.yaml": "control_socket: /\(String(repeating: "s", count: 107))\n"])
        let problems = tree.problems(ControllerSettings.self, file: "c.yaml")
        #expect(problems.count == 1)
        #expect(problems.first?.contains("longer than the 107 bytes") == true)
    }

    @Test func refusesAMemoryThatALargeRequestWouldNotFitInto() throws {
        let tree = try ConfigurationTree(["c.yaml": "max_request_size: 512MiB\n"])
        #expect(
            tree.problems(ControllerSettings.self, file: "c.yaml").first?.contains("set request_memory to 1073741824")
                == true)
        let larger = try ConfigurationTree(["c.yaml": "max_request_size: 512MiB\nrequest_memory: 1GiB\n"])
        #expect(try larger.load(ControllerSettings.self, file: "c.yaml").settings.requestMemoryBytes == 1 << 30)
    }

    @Test func readsNodeSettings() throws {
        let tree = try ConfigurationTree([
            "n.yaml": """
            controllers: [one, 'two:4600', '[2001:db8::1]:4700', '2001:db8::2']
            request_port: 4506
            id: 17
            max_running_jobs: 4
            job_time_limit: 0
            disabled_modules: cmd
            """
        ])
        let settings = try tree.load(NodeSettings.self, file: "n.yaml").settings
        #expect(
            settings.endpoints == [
                HostPort(host: "one", port: 4506), HostPort(host: "two", port: 4600),
                HostPort(host: "2001:db8::1", port: 4700), HostPort(host: "2001:db8::2", port: 4506),
            ])
        #expect(settings.id == "17")
        #expect(settings.maxRunningJobs == 4)
        #expect(settings.jobTimeLimit == nil)
        #expect(settings.disabledModules == ["cmd"])
        #expect(settings.keyDirectory == "/state/node/pki")
    }

    @Test func refusesControllersAndIdsThatCannotBe() throws {
        let tree = try ConfigurationTree([
            "n.yaml":
                "controllers: ['a b', ok, 'ok:4506', 'x:99999']\nid: a/b\nallowed_modules: [cmd]\ndisabled_modules: [cmd]\n"
        ])
        #expect(
            tree.problems(NodeSettings.self, file: "n.yaml") == [
                "n.yaml: controllers: 'a b' is no host: write HOST, HOST:PORT or [ADDRESS]:PORT",
                "n.yaml: controllers: 'x:99999' is no host: write HOST, HOST:PORT or [ADDRESS]:PORT",
                "n.yaml: controllers: 'ok' stands more than once",
                "n.yaml: id: 'a/b' is no node id: up to 255 bytes without '/', '\\' and control characters",
                "n.yaml: disabled_modules: 'cmd' is in allowed_modules too",
            ])
    }

    @Test func everySettingTakesItsOwnDefault() throws {
        try checkDefaults(ControllerSettings(ConfigurationTree.directories))
        try checkDefaults(NodeSettings(ConfigurationTree.directories))
    }

    private func checkDefaults<Settings: SettingsFile>(_ defaults: Settings) throws {
        var completed = defaults
        completed.complete()
        #expect(Set(Settings.settings.map(\.key)).count == Settings.settings.count)
        for setting in Settings.settings {
            var copy = completed
            let value = setting.show(completed)
            if !value.isNull { try setting.set(value, &copy) }
            #expect(copy == completed, "\(setting.key)")
            #expect(!setting.meaning.isEmpty)
        }
        #expect(completed.contradictions().isEmpty)
    }

    @Test(
        "durations and sizes",
        arguments: [
            ("1.5h", Duration.seconds(5400)), ("10 m", .seconds(600)), ("250ms", .milliseconds(250)),
            ("3", .seconds(3)),
            ("2d", .seconds(172_800)),
        ])
    func readsDurations(_ text: String, _ expected: Duration) throws {
        let duration = try SettingValue.duration(.string(text), in: .zero ... .seconds(1_000_000))
        #expect(duration == expected)
        #expect(try SettingValue.duration(.string(SettingValue.text(duration)), in: duration...duration) == duration)
    }

    @Test(arguments: ["", "h", "1w", "-1", "1e99", "nan", "0x10"])
    func refusesOtherDurations(_ text: String) {
        #expect(throws: SettingRefusal.self) {
            try SettingValue.duration(.string(text), in: .zero ... .seconds(1_000_000))
        }
    }
}

@Suite struct DirectoriesTests {
    @Test func areTheSystemsForRoot() {
        let directories = Directories(isRoot: true) { _ in "/elsewhere" }
        #expect(
            directories == Directories(configuration: "/etc/muster", state: "/var/lib/muster", runtime: "/run/muster"))
    }

    @Test func followXDGForOthers() {
        let set = [
            "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_RUNTIME_DIR": "/run/user/7", "HOME": "/home/ops",
        ]
        #expect(
            Directories(isRoot: false) { set[$0] }
                == Directories(configuration: "/c/muster", state: "/s/muster", runtime: "/run/user/7/muster"))
        let home = ["HOME": "/home/ops", "XDG_STATE_HOME": "not/whole"]
        #expect(
            Directories(isRoot: false) { home[$0] }
                == Directories(
                    configuration: "/home/ops/.config/muster", state: "/home/ops/.local/state/muster",
                    runtime: "/home/ops/.local/state/muster/run"))
    }
}

@Suite struct NodeIdentityTests {
    @Test func configuredIDWins() throws {
        let tree = try ConfigurationTree(["minion_id": "kept\n"])
        var settings = NodeSettings(ConfigurationTree.directories)
        settings.idFile = tree.path("minion_id")
        settings.id = "web1"
        #expect(try NodeIdentity.resolve(settings) { "host" }.id == NodeID("web1"))
        settings.id = nil
        #expect(try NodeIdentity.resolve(settings) { "host" } == (NodeID("kept")!, .file(tree.path("minion_id"))))
        settings.idDomain = "example.org"
        #expect(try NodeIdentity.resolve(settings) { "host" }.id == NodeID("kept.example.org"))
        settings.idFile = tree.path("none")
        settings.idIsLowercased = true
        #expect(try NodeIdentity.resolve(settings) { "Web.Example.Org" } == (NodeID("web.example.org")!, .hostName))
        #expect(try NodeIdentity.resolve(settings) { "192.0.2.7" }.id == NodeID("192.0.2.7"))
        #expect(throws: ConfigurationError.self) { try NodeIdentity.resolve(settings) { "a/b" } }
    }

    @Test func keepsTheIDForTheNextStart() throws {
        let tree = try ConfigurationTree(["x": ""])
        var settings = NodeSettings(ConfigurationTree.directories)
        settings.idFile = tree.path("minion_id")
        try NodeIdentity.keep(try #require(NodeID("web1")), for: settings)
        #expect(try NodeIdentity.resolve(settings) { "other" }.id == NodeID("web1"))
    }

    @Test func thisHostHasAName() { #expect(!NodeIdentity.currentHostName().isEmpty) }
}
