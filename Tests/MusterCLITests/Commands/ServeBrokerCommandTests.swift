import DaemonSupport
import Synchronization
import Testing

@testable import MusterCLI

@Suite struct ServeBrokerCommandTests {
    @Test("hands on what the options say")
    func readsOptions() async {
        let options = Mutex<BrokerRoleOptions?>(nil)
        let run = await run(
            "serve", "broker", "--stomp", "192.0.2.1", "--stomp", "[::1]:6163", "--vhost", "/ops", "--data", "/var/b",
            "--user", "ann",
            "--password-file", "/tmp/pw", "--log-level", "debug",
            broker: { given in options.withLock { $0 = given } })
        #expect(run.status == 0)
        let expected = BrokerRoleOptions(
            addresses: [HostPort(host: "192.0.2.1", port: 61_613), HostPort(host: "::1", port: 6163)],
            virtualHosts: ["/ops"], dataDirectory: "/var/b", user: "ann", passwordFile: "/tmp/pw", logLevel: "debug")
        #expect(options.withLock { $0 } == expected)
    }

    @Test("listens on this machine only, unless told otherwise")
    func hasDefaults() async {
        let options = Mutex<BrokerRoleOptions?>(nil)
        _ = await run("serve", "broker", broker: { given in options.withLock { $0 = given } })
        #expect(options.withLock { $0 }?.addresses == [HostPort(host: "127.0.0.1", port: 61_613)])
        #expect(options.withLock { $0 }?.user == nil)
    }

    @Test(
        "refuses what makes no sense",
        arguments: [
            ["--stomp", "a:b:c"], ["--stomp", "host:0"], ["--user", "ann"], ["--password-file", "f"], ["--vhost", ""],
            ["--log-level", "loud"],
        ])
    func refuses(_ words: [String]) async {
        let run = await run(words: ["serve", "broker"] + words)
        #expect(run.status == ExitStatus.usage.rawValue)
        #expect(!run.diagnostics.isEmpty)
    }
}
