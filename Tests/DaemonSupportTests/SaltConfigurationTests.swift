import Foundation
import MusterCore
import MusterTestSupport
import Testing

@testable import DaemonSupport

/// Expected values of paths and includes were printed by Salt 3008.5's `master_config` and `minion_config`.
@Suite struct SaltConfigurationTests {
    struct PathCase: Sendable {
        var text: String
        var keys: String
        var state: String
        var socket: String
        var autosign: String?
    }

    @Test(
        "directories move with root_dir as Salt moves them",
        arguments: [
            PathCase(
                text: "timeout: 5\n", keys: "/etc/salt/pki/master", state: "/var/cache/salt/master/muster",
                socket: "/var/run/salt/master/muster.sock"),
            PathCase(
                text: "root_dir: /srv/x\nautosign_file: /etc/salt/a.conf\n", keys: "/srv/x/etc/salt/pki/master",
                state: "/srv/x/var/cache/salt/master/muster", socket: "/srv/x/var/run/salt/master/muster.sock",
                autosign: "/srv/x/etc/salt/a.conf"),
            PathCase(
                text:
                    "root_dir: /srv/x/\npki_dir: /data/pki/\ncachedir: /srv/x/cache\nsock_dir: run\nautosign_file: a.conf\n",
                keys: "/srv/x/data/pki", state: "/srv/x/cache/muster", socket: "/srv/x/run/muster.sock",
                autosign: "/srv/x/a.conf"),
            PathCase(
                text: "cachedir: /c\nautosign_file: a.conf\n", keys: "/etc/salt/pki/master", state: "/c/muster",
                socket: "/c/.salt-unix/muster.sock", autosign: "/a.conf"),
        ])
    func resolvesPaths(_ test: PathCase) throws {
        let settings = try ConfigurationTree(["master": test.text]).load(ControllerSettings.self).settings
        #expect(settings.keyDirectory == test.keys)
        #expect(settings.stateDirectory == test.state)
        #expect(settings.controlSocket == test.socket)
        #expect(settings.autosignFile == test.autosign)
    }

    @Test("files beside a directory that is named from here are absolute", arguments: ["", "./"])
    func resolvesDirectory(_ prefix: String) throws {
        let tree = try ConfigurationTree(["minion": "id: x\nmaster: m\n"])
        let up = FileManager.default.currentDirectoryPath.split(separator: "/").map { _ in ".." }.joined(separator: "/")
        let source = ConfigurationSource(saltDirectory: "\(prefix)\(up)\(tree.root)/")
        let settings = try NodeSettings.load(source, directories: ConfigurationTree.directories).settings
        #expect(settings.factsFile == "\(FileManager.default.currentDirectoryPath)/\(up)\(tree.root)/grains")
    }

    @Test func laterIncludesWinAndMergeAmongThemselves() throws {
        let tree = try ConfigurationTree([
            "master": "timeout: 1\nnodegroups:\n  a: x\n  b: y\n",
            "master.d/a.conf":
                "timeout: 2\nnodegroups:\n  c: z\npeer:\n  one: [1]\ninclude: ../more/*.conf\n",
            "master.d/b.conf": "nodegroups:\n  d: z\nautosign_file: /b\n",
            "master.d/not-read.txt": "timeout: 99\n",
            "more/m.conf": "timeout: 7\nnodegroups:\n  m: z\nautosign_file: /more\n",
        ])
        let loaded = try tree.load(ControllerSettings.self)
        #expect(loaded.settings.jobTimeout == .seconds(7))
        #expect(loaded.settings.nodegroups == ["m": "z", "d": "z"])
        #expect(loaded.settings.autosignFile == "/b")
        #expect(loaded.files.map { $0.split(separator: "/").last } == ["master", "a.conf", "m.conf", "b.conf"])
        #expect(loaded.salt["peer"] == ["one": [1]])
    }

    @Test func includeWinsOverDefaultIncludeAndGroupsMayBeAList() throws {
        let tree = try ConfigurationTree([
            "master": "timeout: 1\ninclude: [extra, 'none/*.conf']\nnodegroups:\n  a: x\n",
            "master.d/a.conf": "timeout: 2\nnodegroups:\n - l: 'a'\n",
            "master.d/b.conf": "nodegroups:\n - l: 'a'\n - m: [b, and, c]\n",
            "extra": "timeout: 9\n",
        ])
        let loaded = try tree.load(ControllerSettings.self)
        #expect(loaded.settings.jobTimeout == .seconds(9))
        #expect(loaded.settings.nodegroups == ["l": "a", "m": "b and c"])
        #expect(loaded.warnings.map(\.reason) == ["'none/*.conf' matches no file"])
    }

    @Test func convertsAMastersKeys() throws {
        let tree = try ConfigurationTree([
            "master": """
            interface: 192.0.2.1
            publish_port: 5505
            ret_port: 5506
            auto_accept: True
            autosign_timeout: 3
            keep_jobs: 48
            timeout: 15
            gather_job_timeout: 20
            publish_session: 3600
            max_minions: 7
            minimum_auth_version: 0
            publish_signing_algorithm: PKCS1v15-SHA224
            master_sign_pubkey: True
            rotate_aes_key: False
            pub_hwm: 20
            zmq_backlog: 2000
            log_level: garbage
            worker_threads: 40
            nodegroups:
            """
        ])
        let settings = try tree.load(ControllerSettings.self).settings
        #expect(settings.listen == ["192.0.2.1"])
        #expect(settings.publishPort == 5505)
        #expect(settings.requestPort == 5506)
        #expect(settings.maxNodes == 7)
        #expect(settings.acceptsAll)
        #expect(settings.autosignLifetime == .seconds(180))
        #expect(settings.retentionAge == .seconds(172_800))
        #expect(settings.jobTimeout == .seconds(15))
        #expect(settings.gatherTimeout == .seconds(20))
        #expect(settings.keyLifetime == .seconds(3600))
        #expect(settings.acceptsVersion2)
        #expect(settings.publishSignature == .sha224)
        #expect(settings.signingKeyFile == "/etc/salt/pki/master/master_sign.pem")
        #expect(!settings.rotatesOnRemoval)
        #expect(settings.publishQueue == 20)
        #expect(settings.backlog == 2000)
        #expect(settings.logLevel == .trace)
    }

    @Test func listensOnIPv6WhenSaltDoes() throws {
        #expect(
            try ConfigurationTree(["master": "ipv6: True\n"]).load(ControllerSettings.self).settings.listen == ["::"])
        #expect(
            try ConfigurationTree(["master": "ipv6: True\ninterface: 127.0.0.1\n"]).load(ControllerSettings.self)
                .settings
                .listen == ["127.0.0.1"])
    }

    @Test func convertsAMinionsKeys() throws {
        let tree = try ConfigurationTree([
            "minion": """
            root_dir: /srv/x
            master: [a, 'b:4600']
            master_port: 5506
            id: 17
            append_domain: example.org
            recon_default: 500
            recon_max: 5000
            acceptance_wait_time: 20
            return_retry_timer: 12
            process_count_max: -1
            ping_interval: 2
            verify_master_pubkey_sign: True
            grains: {role: web}
            autosign_grains: [uuid]
            disable_modules: [cmd]
            """,
            "minion.d/_schedule.conf": "schedule: {job: {function: test.ping}}\n",
        ])
        let loaded = try tree.load(NodeSettings.self)
        let settings = loaded.settings
        #expect(settings.endpoints == [HostPort(host: "a", port: 5506), HostPort(host: "b", port: 4600)])
        #expect(settings.id == "17")
        #expect(settings.idDomain == "example.org")
        #expect(settings.idFile == tree.path("minion_id"))
        #expect(settings.keyDirectory == "/srv/x/etc/salt/pki/minion")
        #expect(settings.stateDirectory == "/srv/x/var/cache/salt/minion/muster")
        #expect(settings.factsFile == tree.path("grains"))
        #expect(settings.facts == ["role": "web"])
        #expect(settings.autosignFacts == ["uuid"])
        #expect(settings.reconnectDelay == .milliseconds(500))
        #expect(settings.reconnectLongestDelay == .seconds(5))
        #expect(settings.signInRetry == .seconds(20))
        #expect(settings.returnTimeout == .seconds(12))
        #expect(settings.returnLongestTimeout == .seconds(12))
        #expect(settings.maxRunningJobs == 32)
        #expect(settings.pingInterval == .seconds(120))
        #expect(settings.keySignerFile == "/srv/x/etc/salt/pki/minion/master_sign.pub")
        #expect(settings.disabledModules == ["cmd"])
        #expect(loaded.salt["schedule"]?["job"] != nil)
    }

    @Test func explainsEveryKeyItFound() throws {
        let tree = try ConfigurationTree([
            "master":
                "timeout: 15\nworker_threads: 4\nautosing_file: /a\nfrobnicate: 1\nauto_accept: maybe\nnodegroups:\n",
            "master.d/x.conf": "ret_port: 1\n",
        ])
        let source = ConfigurationSource(saltDirectory: tree.root)
        let findings = ControllerSettings.diagnose(source, directories: ConfigurationTree.directories)
        let table = findings.map {
            [$0.file.replacingOccurrences(of: tree.root + "/", with: ""), $0.key, $0.verdict.rawValue]
        }
        #expect(
            table == [
                ["master", "timeout", "understood"], ["master", "worker_threads", "ignored"],
                ["master", "autosing_file", "unknown"], ["master", "frobnicate", "unknown"],
                ["master", "auto_accept", "wrong"], ["master", "nodegroups", "understood"],
                ["master.d/x.conf", "ret_port", "understood"],
            ])
        #expect(findings[0].explanation.hasPrefix("becomes job_timeout: how long"))
        #expect(findings[1].explanation == "Muster works on event loops and has no worker processes to tune")
        #expect(findings[2].explanation.hasSuffix("is 'autosign_file' meant?"))
        #expect(!findings[3].explanation.contains("meant"))
    }

    @Test func saysWhatALaterFileOverrides() throws {
        let tree = try ConfigurationTree([
            "master": "timeout: 15\nmysql.host: db\n", "master.d/a.conf": "timeout: 16\n",
            "master.d/b.conf": "timeout: 17\n",
        ])
        let source = ConfigurationSource(saltDirectory: tree.root)
        let findings = ControllerSettings.diagnose(source, directories: ConfigurationTree.directories)
        let table = findings.map { finding in
            "\(finding.file) \(finding.key) \(finding.verdict.rawValue) \(finding.explanation.prefix(30))"
                .replacingOccurrences(of: tree.root + "/", with: "").prefix(60)
        }
        #expect(table.map { $0.hasPrefix("master timeout ignored overridden by") } == [false, true, false, false])
        #expect(table.first == "master mysql.host ignored belongs to a returner or modul")
        #expect(table.dropFirst(2).first?.hasPrefix("master.d/a.conf timeout ignored overridden by") == true)
        #expect(table.last?.hasPrefix("master.d/b.conf timeout understood") == true)
    }

    @Test(
        "what is wrong in a site is named with file and key",
        arguments: [
            (["master": "auto_accept: 1\n"], ["master: auto_accept: an integer where true or false is expected"]),
            (["master": "ret_port: many\n"], ["master: ret_port: text where a port is expected"]),
            (
                ["master": "keep_jobs_seconds: sdb://x\n"],
                ["master: keep_jobs_seconds: sdb:// is not looked up: write the value itself"]
            ),
            (["master": "- a\n"], ["master: a list where 'key: value' lines are expected"]),
            (["master": "publish_port: 4506\n"], ["master: publish_port: "]),
            (["master": "include: master\n"], ["master: include: '"]),
            (["minion": "id: a\n"], [": neither 'master' nor 'master.d/*.conf' is there: name Salt's own directory"]),
            (["master.d/a.conf": "timeout: [1\n"], ["master.d/a.conf: not valid YAML at line"]),
        ])
    func namesProblems(_ files: [String: String], _ expected: [String]) throws {
        let problems = try ConfigurationTree(files).problems(ControllerSettings.self)
        #expect(problems.count == expected.count, "\(problems)")
        for (problem, part) in zip(problems, expected) { #expect(problem.contains(part.prefix(60)), "\(problem)") }
    }

    @Test func namesADirectoryThatIsNotThere() throws {
        let source = ConfigurationSource(saltDirectory: "/no/such/salt")
        let error = #expect(throws: ConfigurationError.self) { try NodeSettings.load(source) }
        #expect(error?.description == "/no/such/salt: no such directory: name the one that holds the 'minion' file")
    }

    @Test func takesSaltsAndMustersKeysFromTheCommandLine() throws {
        let tree = try ConfigurationTree(["master": "timeout: 15\nret_port: 1\n"])
        let settings = try tree.load(
            ControllerSettings.self, overrides: ["timeout": 3, "request_port": 7, "pki_dir": "/p"]
        ).settings
        #expect(settings.jobTimeout == .seconds(3))
        #expect(settings.requestPort == 7)
        #expect(settings.keyDirectory == "/p")
    }

    @Test("every key of Salt 3008.5's defaults is in the table", arguments: ["master", "minion"])
    func knowsEveryKey(_ role: String) throws {
        let all = try PackageFile.json("Tests/Vectors/configuration/salt-3008.5-keys.json")
        let keys = all[role]?.array?.compactMap(\.string) ?? []
        #expect(keys.count > 300)
        let table = try #require(SaltRole(rawValue: role)).table
        #expect(keys.filter { table.entry($0) == nil } == [])
    }

    @Test func everyTranslationLeadsToASetting() {
        for (table, settings) in [
            (SaltKeyTable.master, ControllerSettings.settings.map(\.key)), (.minion, NodeSettings.settings.map(\.key)),
        ] {
            for key in table.keys {
                switch table.entry(key) {
                case .understood(.setting(let name, _)): #expect(settings.contains(name), "\(key)")
                case .understood(.structure(let text)), .ignored(let text): #expect(!text.isEmpty, "\(key)")
                case nil: Issue.record("\(key)")
                }
            }
        }
    }
}
