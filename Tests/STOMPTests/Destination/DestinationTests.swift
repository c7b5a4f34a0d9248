import STOMP
import Testing

struct DestinationTests {
    @Test(
        "names are those of RabbitMQ, ActiveMQ and StompServer",
        arguments: [
            ("/topic/mcollective.rpcutil.agent", .topic("mcollective.rpcutil.agent")),
            ("/queue/mcollective.nodes", .queue("mcollective.nodes")), ("/queue/a/b", .queue("a/b")),
            ("/exchange/mcollective_directed/node1", .exchange("mcollective_directed", key: "node1")),
            ("/exchange/mcollective_broadcast", .exchange("mcollective_broadcast", key: nil)),
            ("/exchange/e/a/b", .exchange("e", key: "a/b")), ("/amq/queue/q", .amqQueue("q")),
            ("/temp-queue/mcollective_reply_rpcutil", .tempQueue("mcollective_reply_rpcutil")),
            ("/temp-topic/t", .tempTopic("t")), ("/reply-queue/amq.gen-1", .replyQueue("amq.gen-1")),
            ("foo", .plain("foo")), ("/foo/bar", .plain("/foo/bar")), ("/topics/a", .plain("/topics/a")),
            ("/queuefoo", .queue("foo")),
        ] as [(String, Destination)])
    func reads(text: String, destination: Destination) {
        #expect(Destination(text) == destination)
        if text != "/queuefoo" { #expect(destination.text == text) }
    }

    @Test(
        "what is no name is none",
        arguments: [
            "", "/queue/", "/queue", "/topic/", "/exchange/", "/exchange//k", "/temp-queue/", "/queue/a\nb",
            "/queue/a\0",
            "/queue/" + String(repeating: "x", count: 1020),
        ])
    func refuses(text: String) {
        #expect(Destination(text) == nil)
    }

    @Test func anEmptyKeyIsNoKey() {
        #expect(Destination("/exchange/e/") == .exchange("e", key: nil))
    }

    @Test(
        "patterns match words",
        arguments: [
            ("a.b", ["a.b"], ["a", "a.b.c", "a.c", ""]), ("a.*", ["a.b", "a."], ["a", "a.b.c"]),
            ("a.#", ["a", "a.b", "a.b.c"], ["b", "ab"]), ("#", ["", "a", "a.b"], []),
            ("#.b", ["b", "a.b", "a.c.b"], ["a", "b.a"]), ("a.#.b", ["a.b", "a.x.b", "a.b.x.b"], ["a", "b", "a.b.x"]),
            ("a.>", ["a.b", "a.b.c"], ["a", "b"]), ("*.#.*", ["a.b", "a.b.c"], ["a"]),
            ("a.>.b", ["a.>.b"], ["a.x.b"]), ("a.#.#.b", ["a.b", "a.x.y.b"], ["a.x"]),
        ] as [(String, [String], [String])])
    func matches(pattern: String, yes: [String], no: [String]) {
        let pattern = TopicPattern(pattern)
        for name in yes { #expect(pattern.matches(name), "\(pattern.text) \(name)") }
        for name in no { #expect(!pattern.matches(name), "\(pattern.text) \(name)") }
    }

    @Test func onlyWildcardsMakeAPattern() {
        #expect(TopicPattern("a.*").hasWildcards)
        #expect(TopicPattern("#").hasWildcards)
        #expect(!TopicPattern("a.b*.#x").hasWildcards)
        #expect(!TopicPattern("a.>.b").hasWildcards)
    }

    @Test func aHostilePatternCostsNoMoreThanItsLength() {
        let pattern = TopicPattern(String(repeating: "#.a.", count: 100) + "b")
        #expect(!pattern.matches(String(repeating: "a.", count: 200) + "c"))
    }
}
