import MusterCore
import Testing

@testable import DaemonSupport

@Suite struct BrokerSettingsTests {
    @Test func needsNoFile() throws {
        let settings = try BrokerSettings.load(ConfigurationSource(), directories: ConfigurationTree.directories)
            .settings
        #expect(settings.addresses == [HostPort(host: "127.0.0.1", port: 61_613)])
        #expect(settings.socketPath == "/run/test/broker.sock")
        #expect(settings.dataDirectory == nil && settings.user == nil && settings.tlsAddresses.isEmpty)
    }

    @Test("reads its file, and options win over it")
    func readsFile() throws {
        let tree = try ConfigurationTree([
            "broker.yaml": """
            listen: [0.0.0.0, '[::1]:6163']
            tls_listen: ::1
            tls_certificate: /c.pem
            tls_key: /k.pem
            data_dir: /var/lib/muster/broker/
            control_socket: /run/b.sock
            max_queue_size: 1GiB
            max_connections: 500
            heart_beat: 30s
            """
        ])
        let settings = try tree.load(
            BrokerSettings.self, file: "broker.yaml", overrides: ["listen": "192.0.2.1:7", "max_queues": 9]
        ).settings
        #expect(settings.addresses == [HostPort(host: "192.0.2.1", port: 7)])
        #expect(settings.tlsAddresses == [HostPort(host: "::1", port: 61_614)])
        #expect(settings.dataDirectory == "/var/lib/muster/broker")
        #expect(settings.socketPath == "/run/b.sock")
        #expect(settings.maxQueueBytes == 1 << 30 && settings.maxConnections == 500 && settings.maxQueues == 9)
        #expect(settings.heartBeat == .seconds(30))
    }

    @Test(
        "what does not fit together is told with its key",
        arguments: [
            ("listen: []", "listen: no address is given"), ("listen: a:b:c", "listen: 'a:b:c' is no address"),
            ("tls_listen: 127.0.0.1", "tls_listen: it needs tls_certificate and tls_key"),
            ("user: ann", "user: user and password_file belong together"),
            ("listen: 0.0.0.0", "listen: 0.0.0.0 can be reached from other machines"),
            ("max_queue_sise: 1", "max_queue_sise: there is no such setting: is 'max_queue_size' meant?"),
            ("data_dir: b", "data_dir: 'b' does not begin with '/'"),
        ])
    func contradictions(text: String, problem: String) throws {
        let tree = try ConfigurationTree(["broker.yaml": text])
        let problems = tree.problems(BrokerSettings.self, file: "broker.yaml")
        #expect(problems.count == 1 && problems[0].contains(problem), "\(problems)")
    }

    @Test("a public address goes with a data directory, where users can be made")
    func publicAddress() throws {
        let tree = try ConfigurationTree(["broker.yaml": "listen: 0.0.0.0\ndata_dir: /d"])
        #expect(tree.problems(BrokerSettings.self, file: "broker.yaml").isEmpty)
    }

    @Test(
        "a controller says whether it has a broker, and where",
        arguments: [
            ("broker: on", EmbeddedBroker.on), ("broker: off", .off), ("broker: true", .on), ("", .off),
            ("broker: 0.0.0.0:6163", .at("0.0.0.0:6163")),
        ])
    func embedded(text: String, broker: EmbeddedBroker) throws {
        let tree = try ConfigurationTree(["c.yaml": text])
        #expect(try tree.load(ControllerSettings.self, file: "c.yaml").settings.broker == broker)
        let wrong = try ConfigurationTree(["c.yaml": "broker: a:b:c"])
        #expect(wrong.problems(ControllerSettings.self, file: "c.yaml").count == 1)
    }
}
