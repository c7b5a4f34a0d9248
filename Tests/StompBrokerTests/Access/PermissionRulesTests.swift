import MusterCore
import STOMP
import Testing

@testable import StompBroker

@Suite struct PermissionRulesTests {
    /// A use of a destination, and the permission that is missing when exactly the others are given.
    struct Case: Sendable, CustomTestStringConvertible {
        let use: DestinationUse
        let destination: String
        let needs: [String]

        init(_ use: DestinationUse, _ destination: String, _ needs: String...) {
            (self.use, self.destination, self.needs) = (use, destination, needs)
        }

        var testDescription: String { "\(use) \(destination)" }
    }

    @Test(
        "names and permissions are RabbitMQ's",
        arguments: [
            Case(.send, "/exchange/mcollective_broadcast/a.b", "write mcollective_broadcast", "topic-write a.b"),
            Case(.send, "/exchange/e", "write e", "topic-write "),
            Case(.send, "/topic/mcollective.agent", "write amq.topic", "topic-write mcollective.agent"),
            Case(.send, "/queue/q", "configure q", "write amq.default"),
            Case(.send, "/amq/queue/q", "write amq.default"),
            Case(.send, "/reply-queue/s3cret", "write amq.default"),
            Case(.send, "/temp-queue/mine", "write amq.default"),
            Case(.send, "mcollective.agent", "write mcollective.agent", "topic-write mcollective.agent"),
            Case(.subscribe, "/exchange/mcollective_directed/n1", "read mcollective_directed", "topic-read n1"),
            Case(.subscribe, "/topic/a.*.#", "read amq.topic", "topic-read a.*.#"),
            Case(.subscribe, "/queue/q", "configure q", "read q"),
            Case(.subscribe, "/amq/queue/q", "read q"),
            Case(.subscribe, "/temp-queue/mine", "configure amq.gen-mine", "read amq.gen-mine"),
            Case(.subscribe, "/temp-topic/mine", "configure amq.gen-mine", "read amq.gen-mine"),
            Case(.subscribe, "plain", "read plain", "topic-read plain"),
        ])
    func needs(_ row: Case) throws {
        let destination = try #require(Destination(row.destination))
        #expect(destination.needs(for: row.use).map { "\($0.permission.rawValue) \($0.name)" } == row.needs)
    }

    private func rules(
        _ configure: String, _ write: String, _ read: String, topicWrite: String? = nil, topicRead: String? = nil
    ) throws -> PermissionRules {
        try PermissionRules(
            BrokerPermission(
                user: "ann", virtualHost: "/v", configure: configure, write: write, read: read,
                topicWrite: topicWrite, topicRead: topicRead))
    }

    @Test("an expression is searched for, not compared, and an empty one allows nothing")
    func expressions() throws {
        let some = try rules("", "broad", "^$")
        #expect(some.denial(of: .send, .exchange("mcollective_broadcast", key: "k")) == nil)
        #expect(some.denial(of: .send, .exchange("other", key: "k")) != nil)
        #expect(some.denial(of: .subscribe, .amqQueue("q")) != nil)
        #expect(some.denial(of: .subscribe, .queue("q"))?.permission == .configure)
        let all = try rules(".*", ".*", ".*")
        for destination in ["/queue/q", "/topic/t", "/exchange/e/k", "/temp-queue/t", "plain"] {
            let destination = try #require(Destination(destination))
            #expect(all.denial(of: .send, destination) == nil && all.denial(of: .subscribe, destination) == nil)
        }
    }

    @Test("keys of topics are free unless an expression says otherwise")
    func topics() throws {
        let node = try rules("", "^amq\\.(topic|default)$", "^amq\\.topic$", topicWrite: "\\.reply$")
        #expect(node.denial(of: .send, .topic("a.reply")) == nil)
        #expect(node.denial(of: .send, .topic("a.command"))?.permission == .topicWrite)
        #expect(node.denial(of: .subscribe, .topic("a.command")) == nil)
    }

    @Test("a denial says who, what, where, and what to run")
    func explains() throws {
        let denial = try #require(try rules("", "", "").denial(of: .send, .queue("jobs")))
        #expect(
            denial.description
                == "user 'ann' may not SEND to '/queue/jobs' in virtual host '/v': its configure permission does not match "
                + "'jobs'. An administrator changes that on the broker's machine with: "
                + "muster broker permissions set 'ann' --vhost '/v' --configure REGEX")
    }

    @Test("an expression that cannot be read, or not in linear time, is refused by name")
    func refuses() {
        for text in ["(", "a(?=b)", "(.)\\1"] {
            #expect(throws: BrokerServiceError.self) { try rules("", text, "") }
        }
    }
}
