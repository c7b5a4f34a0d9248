import MusterCore
import Synchronization
import Testing

@testable import MusterCLI

@Suite struct ServeBrokerCommandTests {
    @Test("hands on what the options say, as settings")
    func readsOptions() async {
        let options = Mutex<RoleOptions?>(nil)
        let run = await run(
            "serve", "broker", "--config", "b.yaml", "--stomp", "192.0.2.1", "--stomp", "[::1]:6163", "--vhost", "/ops",
            "--data", "/var/b", "--user", "ann", "--password-file", "/tmp/pw", "--log-level", "debug",
            "--stomp-tls", "0.0.0.0", "--tls-certificate", "/c", "--tls-key", "/k", "--tls-ca", "/ca", "--set",
            "max_queues=7",
            broker: { given in options.withLock { $0 = given } })
        #expect(run.status == 0)
        let expected = RoleOptions(
            configuration: "b.yaml",
            overrides: [
                "listen": ["192.0.2.1", "[::1]:6163"], "tls_listen": ["0.0.0.0"], "tls_certificate": "/c",
                "tls_key": "/k", "tls_client_ca": "/ca", "data_dir": "/var/b", "virtual_hosts": ["/ops"],
                "user": "ann", "password_file": "/tmp/pw", "max_queues": 7,
            ], logLevel: "debug")
        #expect(options.withLock { $0 } == expected)
    }

    @Test("says nothing of what was not given")
    func hasDefaults() async {
        let options = Mutex<RoleOptions?>(nil)
        _ = await run("serve", "broker", broker: { given in options.withLock { $0 = given } })
        #expect(options.withLock { $0 } == RoleOptions())
    }

    @Test(
        "refuses what makes no sense",
        arguments: [
            ["--stomp", "a:b:c"], ["--stomp", "host:0"], ["--user", "ann"], ["--password-file", "f"], ["--vhost", ""],
            ["--log-level", "loud"], ["--stomp-tls", "127.0.0.1"], ["--set", "x"],
        ])
    func refuses(_ words: [String]) async {
        let run = await run(words: ["serve", "broker"] + words)
        #expect(run.status == ExitStatus.usage.rawValue)
        #expect(!run.diagnostics.isEmpty)
    }
}
