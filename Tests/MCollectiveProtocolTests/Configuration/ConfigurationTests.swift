import MCollectiveProtocol
import Testing

struct ConfigurationTests {
    private func read(_ text: String) -> CollectiveConfiguration { CollectiveConfiguration(.init("server.cfg", text)) }

    private static let server = """
        # the node
        identity = node1.example.com
        main_collective=mcollective
        collectives = mcollective, sub1
        libdir = /usr/share/mcollective/plugins:/opt/plugins
        libdir = /srv/plugins
        connector = RabbitMQ
        securityprovider = psk
        plugin.psk = a = b # c
        plugin.yaml = /etc/mcollective/facts.yaml:/etc/facts.yaml
        registerinterval = 300
        registration_splay = yes
        rpcaudit = 1
        rpcauditprovider = Logfile
        rpcauthprovider = action_policy
        ttl = 120
        daemonize = 1
        plugin.rabbitmq.pool.size = 2
        plugin.rabbitmq.pool.1.host = b1
        plugin.rabbitmq.pool.1.port = 61614
        plugin.rabbitmq.pool.1.user = mc
        plugin.rabbitmq.pool.1.password = hush
        plugin.rabbitmq.pool.1.ssl = 1
        plugin.rabbitmq.pool.1.ssl.ca = /a.pem, /b.pem
        plugin.rabbitmq.pool.1.ssl.cert = /c.pem
        plugin.rabbitmq.pool.1.ssl.key = /k.pem
        plugin.rabbitmq.pool.2.host = b2
        plugin.rabbitmq.vhost = /mcollective
        plugin.rabbitmq.heartbeat_interval = 30
        plugin.rabbitmq.use_reply_exchange = true
        """

    @Test("the options of a node are read")
    func options() {
        let configuration = read(Self.server)
        #expect(configuration.identity == "node1.example.com" && configuration.collectives == ["mcollective", "sub1"])
        #expect(
            configuration.connector == .rabbitmq && configuration.securityProvider == .psk && configuration.ttl == 120)
        #expect(configuration.libraryDirectories == ["/usr/share/mcollective/plugins", "/opt/plugins", "/srv/plugins"])
        #expect(configuration.factFiles == ["/etc/mcollective/facts.yaml", "/etc/facts.yaml"])
        #expect(configuration.registration.interval == 300 && configuration.registration.isSplayed)
        // A provider without its switch is off.
        #expect(configuration.audit == "logfile" && configuration.authorization == nil)
        #expect(configuration.plugins["psk"] == "a = b # c")
        #expect(configuration.problems.map(\.kind) == [.withoutMeaning])
        #expect(configuration.problems.first?.line == 17 && configuration.problems.first?.isError == false)
    }

    @Test("what is not set has the default of the peers")
    func defaults() {
        let configuration = read("")
        #expect(configuration.identity == nil && configuration.mainCollective == "mcollective")
        #expect(
            configuration.connector == .activemq && configuration.ttl == 60
                && configuration.directAddressingThreshold == 10)
        #expect(configuration.discoveryTimeout == nil && configuration.factCacheTime == 300 && configuration.color)
        #expect(configuration.problems.isEmpty)
    }

    @Test(
        "what is wrong is listed with its line",
        arguments: [
            ("nosuch = 1", ConfigurationProblem.Kind.unknownKey, true), ("topicprefix = /topic/", .deprecated, false),
            ("color = maybe", .notBoolean, true), ("ttl = soon", .notNumber, true), ("ttl = -1", .notNumber, true),
            ("publish_timeout = nan", .notNumber, true),
            ("connector = redis", .notOneOf(["rabbitmq", "activemq", "stomp"]), true),
            ("securityprovider = sshkey", .notOneOf(["psk", "ssl", "aes_security"]), true),
            ("identity = a/b", .notIdentity, true),
            ("rpclimitmethod = last", .notOneOf(["first", "random"]), true),
            ("factsource = facter", .notOneOf(["yaml"]), true),
            ("plugin.nosuch.x = 1", .unusedPluginKey, false),
            ("plugin.rabbitmq.pool.x.host = 1", .unusedPluginKey, false),
            ("just words", .ignoredLine, false), ("key =", .ignoredLine, false), ("= value", .ignoredLine, false),
        ] as [(String, ConfigurationProblem.Kind, Bool)])
    func problems(_ text: String, _ kind: ConfigurationProblem.Kind, _ isError: Bool) throws {
        let configuration = read("# first\n\n" + text + "\r\n")
        #expect(configuration.problems.map(\.kind) == [kind])
        let problem = try #require(configuration.problems.first)
        #expect(problem.line == 3 && problem.file == "server.cfg" && problem.isError == isError)
        #expect(problem.description.hasPrefix("server.cfg:3: "))
    }

    @Test("every option of the reference is known")
    func knownKeys() {
        let keys = """
            identity main_collective collectives libdir connector securityprovider factsource fact_cache_time classesfile registration
            registerinterval registration_collective registration_splay daemonize logger_type logfile keeplogs max_log_size loglevel logfacility
            color direct_addressing direct_addressing_threshold ttl discovery_timeout default_discovery_method default_discovery_options
            publish_timeout connection_timeout threaded default_batch_size default_batch_sleep_time rpclimitmethod rpcaudit rpcauditprovider
            rpcauthorization rpcauthprovider ssl_cipher soft_shutdown soft_shutdown_timeout activate_agents
            """
        for key in keys.split(whereSeparator: \.isWhitespace) {
            #expect(!read("\(key) = 1").problems.contains { $0.kind == .unknownKey }, "\(key)")
        }
    }

    @Test("files of plugin.d come after the main file and win")
    func pluginFiles() {
        let configuration = CollectiveConfiguration(
            .init("server.cfg", "plugin.puppet.splay = false\nplugin.puppet.command = x"),
            plugins: [("puppet", .init("plugin.d/puppet.cfg", "splay = true\nnosuch = 1"))])
        #expect(configuration.pluginFlag("puppet.splay") == true && configuration.plugins["puppet.command"] == "x")
        #expect(configuration.problems.map(\.file) == ["plugin.d/puppet.cfg"])
        #expect(configuration.problems.first?.key == "plugin.puppet.nosuch")
    }

    @Test("the pool is read in its order, with TLS and tuning")
    func pool() throws {
        var problems: [ConfigurationProblem] = []
        let pool = BrokerPool(read(Self.server), problems: &problems)
        #expect(problems.isEmpty)
        #expect(pool.brokers.map(\.description) == ["b1:61614", "b2:61613"])
        let tls = try #require(pool.brokers[0].tls)
        #expect(
            tls.authorityFiles == ["/a.pem", "/b.pem"] && tls.certificateFile == "/c.pem" && !tls.fallsBackToUnverified)
        #expect(pool.brokers[1].tls == nil && pool.usesReplyExchange && pool.heartbeatInterval == 30)
        #expect(pool.initialDelay == 0.01 && pool.maxDelay == 30 && pool.maxAttempts == 0)
        let headers = pool.connectRequest(.rabbitmq, to: pool.brokers[0]).headers
        #expect(headers.map(\.value) == ["1.1,1.0", "/mcollective", "30500,29500", "mc", "hush"])
        #expect(!String(reflecting: pool.brokers[0]).contains("hush"))
    }

    @Test("the environment comes before the file")
    func environment() {
        var problems: [ConfigurationProblem] = []
        let pool = BrokerPool(
            read(Self.server),
            environment: [
                "STOMP_USER": "me", "STOMP_PASSWORD": "pw", "MCOLLECTIVE_RABBITMQ_POOL1_SSL_CERT": "/mine.pem",
            ], problems: &problems)
        #expect(pool.brokers.map(\.user) == ["me", "me"] && pool.brokers[0].tls?.certificateFile == "/mine.pem")
        let stomp = BrokerPool(
            read("connector = stomp\nplugin.stomp.host = a\nplugin.stomp.port = 1"),
            environment: ["STOMP_SERVER": "b", "STOMP_PORT": "2"], problems: &problems)
        #expect(stomp.brokers.map(\.description) == ["b:2"])
    }

    @Test("the legacy connector has one broker, or a pool of its own writing")
    func legacyPool() {
        var problems: [ConfigurationProblem] = []
        let one = BrokerPool(
            read("connector = stomp\nplugin.stomp.host = a\nplugin.stomp.user = u"), problems: &problems)
        #expect(one.brokers.map(\.description) == ["a:6163"] && one.brokers[0].user == "u")
        let text = """
            connector = stomp
            plugin.stomp.pool.size = 2
            plugin.stomp.pool.host1 = a
            plugin.stomp.pool.host2 = b
            plugin.stomp.pool.port2 = 61613
            plugin.stomp.pool.ssl2 = 1
            plugin.stomp.pool.max_reconnect_delay = 5
            """
        let configuration = read(text)
        let two = BrokerPool(configuration, problems: &problems)
        #expect(two.brokers.map(\.description) == ["a:6163", "b:61613"] && two.maxDelay == 5)
        #expect(two.brokers[1].tls?.fallsBackToUnverified == true)
        #expect(problems.isEmpty && configuration.problems.isEmpty)
    }

    @Test(
        "a pool that lacks something says what",
        arguments: [
            ("connector = activemq", ["plugin.activemq.pool.size"]), ("connector = stomp", ["plugin.stomp.host"]),
            ("plugin.activemq.pool.size = 2\nplugin.activemq.pool.2.host = a", ["plugin.activemq.pool.1.host"]),
            ("plugin.activemq.pool.size = x", ["plugin.activemq.pool.size"]),
            (
                "plugin.activemq.pool.size = 1\nplugin.activemq.pool.1.host = a\nplugin.activemq.pool.1.port = 0",
                ["plugin.activemq.pool.1.port"]
            ),
            (
                "plugin.activemq.pool.size = 1\nplugin.activemq.pool.1.host = a\nplugin.activemq.pool.1.ssl = 1\nplugin.activemq.pool.1.ssl.key = k",
                ["plugin.activemq.pool.1.ssl.cert", "plugin.activemq.pool.1.ssl.ca"]
            ),
            (
                "plugin.activemq.pool.size = 1\nplugin.activemq.pool.1.host = a\nplugin.activemq.base64 = perhaps",
                ["plugin.activemq.base64"]
            ),
        ])
    func poolProblems(_ text: String, _ keys: [String]) {
        var problems: [ConfigurationProblem] = []
        _ = BrokerPool(read(text), problems: &problems)
        #expect(problems.map(\.key) == keys)
        #expect(problems.filter(\.isError).count == problems.count)
    }

    @Test("the options of each provider are read, and what a role lacks is told")
    func security() {
        var problems: [ConfigurationProblem] = []
        let psk = SecurityOptions(
            read("plugin.psk = x\nplugin.psk.callertype = group"), role: .node, problems: &problems)
        #expect(psk == .psk(secret: "x", callerType: .group) && problems.isEmpty)
        #expect(!String(reflecting: psk).contains("\"x\""))
        #expect(
            SecurityOptions(
                read("plugin.psk = x"), role: .node, environment: ["MCOLLECTIVE_PSK": "y"], problems: &problems)
                == .psk(secret: "y", callerType: .uid))
        var files = SecurityOptions.KeyFiles()
        files.serializer = .yaml
        files.nodePrivate = "/p"
        files.callerDirectory = "/d"
        files.enforcesTTL = false
        let ssl = """
            securityprovider = ssl
            plugin.ssl_serializer = yaml
            plugin.ssl_server_private = /p
            plugin.ssl_client_cert_dir = /d
            plugin.ssl.enforce_ttl = 0
            """
        #expect(SecurityOptions(read(ssl), role: .node, problems: &problems) == .ssl(files))
        #expect(problems.isEmpty && read(ssl).problems.isEmpty)
        _ = SecurityOptions(read(ssl), role: .client, problems: &problems)
        #expect(
            problems.map(\.key) == [
                "plugin.ssl_client_private", "plugin.ssl_client_public", "plugin.ssl_server_public",
            ])
        problems = []
        let aes = read("securityprovider = aes_security\nplugin.aes.send_pubkey = 1\nplugin.aes.serializer = json")
        guard case .aes(_, sendsPublicKey: true) = SecurityOptions(aes, role: .node, problems: &problems) else {
            return #expect(Bool(false))
        }
        #expect(
            problems.map(\.key) == ["plugin.aes.serializer", "plugin.aes.server_private", "plugin.aes.client_cert_dir"])
        problems = []
        _ = SecurityOptions(read(""), role: .client, problems: &problems)
        #expect(problems.map(\.key) == ["plugin.psk"])
    }
}
