import Foundation
import MusterCore
import MusterTestSupport
import Testing

@testable import MusterCLI

@Suite struct BrokerCommandTests {
    private static let traffic = BrokerTraffic(
        published: 40, delivered: 30, publishedPerSecond: 2.5, deliveredPerSecond: 1234)

    private let broker = FakeBroker { state in
        state.queues = [
            BrokerQueue(
                virtualHost: "/", name: "jobs", messages: 12, unacknowledged: 3, bytes: 4096, consumers: 1,
                traffic: traffic),
            BrokerQueue(
                virtualHost: "/ops", name: "other", messages: 0, unacknowledged: 0, bytes: 0, consumers: 2,
                traffic: traffic),
        ]
        state.users = [
            BrokerUser(name: "ann", tags: [.administrator, .monitoring], isConfigured: false),
            BrokerUser(name: "root", tags: [], isConfigured: true),
        ]
        state.permissions = [
            BrokerPermission(user: "ann", virtualHost: "/", configure: "", write: "^a", read: ".*", topicRead: "x")
        ]
        state.connections = [
            BrokerClientConnection(
                id: 7, address: "192.0.2.1", user: nil, virtualHost: "/", version: "1.2", isEncrypted: true,
                subscriptions: 2, unacknowledged: 1, pendingBytes: 2048, since: FakeController.start + .seconds(-60))
        ]
        state.virtualHosts = [
            BrokerVirtualHost(
                name: "/", isConfigured: true, connections: 2, queues: 1, messages: 15, bytes: 4096, logBytes: nil,
                traffic: traffic, counters: ["droppedForSlowSubscriber": 4, "droppedForFullQueue": 1])
        ]
    }

    private func say(_ words: String..., console: RecordingConsole = RecordingConsole()) async -> Run {
        await run(words: ["broker"] + words, console: console, brokerService: broker)
    }

    @Test("lists what there is")
    func lists() async {
        #expect(
            await say("queues").output == """
                VHOST  QUEUE  MESSAGES  UNACKED  SIZE     CONSUMERS  IN     OUT
                /      jobs   12        3        4.0 KiB  1          2.5/s  1234/s
                /ops   other  0         0        0 B      2          2.5/s  1234/s

                """)
        #expect(
            await say("users").output == """
                USER  TAGS                      FROM
                ann   administrator,monitoring  broker
                root  -                         settings

                """)
        #expect(
            await say("permissions").output == """
                USER  VHOST  CONFIGURE  WRITE  READ  TOPIC-WRITE  TOPIC-READ
                ann   /      ''         ^a     .*    -            x

                """)
        #expect(await say("connections").output.contains("7   192.0.2.1  -     /      1.2    yes  2"))
        #expect(await say("connections", "--user", "bob").diagnostics == "no connections\n")
        #expect(await say("topics").diagnostics == "no topics\n")
    }

    @Test("shows how it is")
    func status() async {
        let output = await say("status").output
        #expect(output.contains("2 of 100, limited by open files"))
        #expect(output.contains("11.8 MiB"))
        #expect(output.contains("VHOST  FROM      CONNECTIONS  QUEUES  MESSAGES  SIZE     LOG  IN     OUT     DROPPED"))
        #expect(output.contains("/      settings  2            1       15        4.0 KiB  -    2.5/s  1234/s  5"))
    }

    @Test("prints JSON with stable keys, one object a line")
    func json() async {
        #expect(
            await say("queues", "--vhost", "/", "--json").output
                == "{\"virtualHost\": \"/\", \"name\": \"jobs\", \"messages\": 12, \"unacknowledged\": 3, \"bytes\": 4096, "
                + "\"consumers\": 1, \"traffic\": {\"published\": 40, \"delivered\": 30, \"publishedPerSecond\": 2.5, "
                + "\"deliveredPerSecond\": 1234.0}}\n")
        #expect(
            await say("users", "list", "--json").output.hasPrefix("{\"name\": \"ann\", \"tags\": [\"administrator\""))
        #expect(await say("status", "--json").output.contains("\"isLimitedByDescriptors\": true"))
        #expect(await say("purge", "jobs", "--json").output == "{\"messages\": 0, \"connections\": 0}\n")
    }

    @Test("makes the changes that it is told to, in the caller's name")
    func changes() async {
        _ = await say("users", "delete", "ann")
        _ = await say("users", "tags", "ann", "monitoring")
        _ = await say("vhosts", "add", "/ops")
        _ = await say("vhosts", "delete", "/ops", "--force")
        _ = await say("permissions", "clear", "ann", "--vhost", "/ops")
        _ = await say("purge", "jobs", "--vhost", "/ops")
        _ = await say("connections", "close", "7")
        #expect(
            broker.changes == [
                BrokerChange(.deleteUser, user: "ann"), BrokerChange(.setTags, user: "ann", tags: [.monitoring]),
                BrokerChange(.addVirtualHost, virtualHost: "/ops"),
                BrokerChange(.deleteVirtualHost, virtualHost: "/ops", isForced: true),
                BrokerChange(.clearPermission, user: "ann", virtualHost: "/ops"),
                BrokerChange(.purge, virtualHost: "/ops", queue: "jobs"),
                BrokerChange(.closeConnection, connection: 7),
            ])
        #expect(Set(broker.askers) == ["tester"])
    }

    @Test("permissions that are not given stay as they are, unless all are meant")
    func setsPermissions() async {
        _ = await say("permissions", "set", "ann", "--write", "^b")
        _ = await say("permissions", "set", "ann", "--vhost", "/ops", "--read", "r")
        _ = await say("permissions", "set", "ann", "--all", "--configure", "")
        #expect(
            broker.changes.compactMap { $0.permission } == [
                BrokerPermission(
                    user: "ann", virtualHost: "/", configure: "", write: "^b", read: ".*", topicRead: "x"),
                BrokerPermission(user: "ann", virtualHost: "/ops", configure: "", write: "", read: "r"),
                BrokerPermission(user: "ann", virtualHost: "/", configure: "", write: ".*", read: ".*"),
            ])
        #expect(await say("permissions", "set", "ann").status == ExitStatus.usage.rawValue)
    }

    @Test("a password is asked for twice, or comes from a file, and never from the words")
    func passwords() async throws {
        let asked = await say("users", "add", "bob", console: RecordingConsole(input: ["s", "s"]))
        #expect(asked.output == "user 'bob' added\n")
        #expect(asked.diagnostics == "Password: Again: ")
        let different = await say("users", "add", "bob", console: RecordingConsole(input: ["s", "t"]))
        #expect(different.status == ExitStatus.usage.rawValue)
        let nobody = await say("users", "password", "bob")
        #expect(nobody.status == ExitStatus.usage.rawValue)
        #expect(nobody.diagnostics.contains("--password-file FILE"))
        let directory = try TestDirectory()
        try "from file\nmore\n".write(toFile: directory.file("p"), atomically: true, encoding: .utf8)
        _ = await say("users", "password", "bob", "--password-file", directory.file("p"))
        _ = await say(
            "users", "add", "eve", "--tag", "monitoring", "--password-file", "-",
            console: RecordingConsole(input: ["typed"]))
        #expect(broker.changes.map { $0.password } == ["s", "from file", "typed"])
        #expect(broker.changes.last?.tags == [.monitoring])
    }

    @Test("asks before it purges, on a terminal")
    func asks() async {
        #expect(await say("purge", "jobs", console: RecordingConsole(input: ["no"])).status == 5)
        #expect(broker.changes.isEmpty)
        #expect(await say("purge", "jobs", "-y", console: RecordingConsole(input: [])).status == 0)
    }

    private static let refused: [(BrokerServiceError, Int32)] = [
        (.unknownUser("x"), 4), (.hasMessages("/", count: 2), 1), (.invalid("no"), 64), (.shuttingDown, 75),
    ]

    @Test("what the broker refuses has a status of its own", arguments: refused)
    func refusals(error: BrokerServiceError, status: Int32) async {
        let run = await run(
            "broker", "users", "delete", "x", brokerService: FakeBroker { $0.refusal = error })
        #expect(run.status == status)
        #expect(run.diagnostics == "muster: \(error)\n")
    }
}
