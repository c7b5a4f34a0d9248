import MCollectiveProtocol
import Testing

struct ConfigurationReviewTests {
    private let text = """
        connector = rabbitmq
        securityprovider = psk
        plugin.psk = topsecret
        plugin.rabbitmq.pool.size = 1
        plugin.rabbitmq.pool.1.host = broker
        plugin.rabbitmq.pool.1.password = alsosecret
        plugin.nobody.knows = 1
        topicprefix = /topic/
        daemonize = 1
        surprise = 1
        ttl = soon
        and so on
        """

    @Test("each option is understood, or has a reason why not")
    func verdicts() {
        let review = ConfigurationReview(.init("client.cfg", text), role: .client)
        let kinds = Dictionary(uniqueKeysWithValues: review.options.map { ($0.key, $0.problem?.kind) })
        #expect(kinds["connector"] == .some(nil))
        #expect(kinds["plugin.nobody.knows"] == .unusedPluginKey)
        #expect(kinds["topicprefix"] == .deprecated)
        #expect(kinds["daemonize"] == .withoutMeaning)
        #expect(kinds["surprise"] == .unknownKey)
        #expect(kinds["ttl"] == .notNumber)
        #expect(kinds["line 12"] == .ignoredLine)
    }

    @Test("secrets are not shown")
    func secrets() {
        let review = ConfigurationReview(.init("client.cfg", text), role: .client)
        #expect(!"\(review)".contains("secret"))
        #expect(review.options.first { $0.key == "plugin.psk" }?.value == "(set)")
    }

    @Test("what is needed and missing is named, for the role that needs it")
    func missing() {
        let text = "connector = rabbitmq\nsecurityprovider = ssl\n"
        let client = ConfigurationReview(.init("client.cfg", text), role: .client)
        let node = ConfigurationReview(.init("server.cfg", text), role: .node)
        let missing: (ConfigurationReview) -> Set<String> = { review in
            Set(review.options.filter { $0.problem?.kind == .missing }.map(\.key))
        }
        #expect(missing(client).contains("plugin.ssl_client_private"))
        #expect(missing(node).contains("plugin.ssl_server_private"))
        #expect(missing(client).contains("plugin.rabbitmq.pool.size"))
    }

    @Test("what is switched on and has no provider stops the start", arguments: ["rpcauth", "rpcaudit"])
    func noProvider(_ name: String) {
        let option = name == "rpcauth" ? "rpcauthorization" : "rpcaudit"
        let on = CollectiveConfiguration(.init("server.cfg", "\(option) = 1\n"))
        #expect(on.problems.contains { $0.key == "\(name)provider" && $0.isError })
        #expect(CollectiveConfiguration(.init("server.cfg", "\(option) = 0\n")).problems.isEmpty)
    }

    @Test("files of plugin.d are reviewed with the names that their options have")
    func plugins() {
        let review = ConfigurationReview(
            .init("client.cfg", "connector = rabbitmq\n"),
            plugins: [("rabbitmq", .init("plugin.d/rabbitmq.cfg", "vhost = /mcollective\nnothing = 1\n"))],
            role: .client)
        let found = review.options.filter { $0.file == "plugin.d/rabbitmq.cfg" }
        #expect(found.map(\.key) == ["plugin.rabbitmq.vhost", "plugin.rabbitmq.nothing"])
        #expect(found.map { $0.problem?.kind } == [nil, .unusedPluginKey])
    }
}
