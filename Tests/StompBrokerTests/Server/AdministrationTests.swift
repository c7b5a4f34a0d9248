import Foundation
import MusterCore
import MusterTestSupport
import NIOCore
import NIOEmbedded
import STOMP
import Testing

@testable import StompBroker

/// What operators see and change.
@Suite struct AdministrationTests {
    /// Users and permissions are kept here. Messages are not: their log has a thread, and hops to the loop from it.
    private let directory: TestDirectory
    private let test: TestBroker

    init() throws {
        directory = try TestDirectory()
        test = try TestBroker { [directory] configuration in
            configuration.accountPath = directory.path + "/broker.json"
        }
    }

    private static let everything = BrokerPermission(
        user: "ann", virtualHost: "/", configure: ".*", write: ".*", read: ".*")

    @Test("a user is made, comes in, loses a permission, and goes")
    func lifeOfAUser() throws {
        try test.change(BrokerChange(.addUser, user: "ann", password: "a", tags: [.monitoring]))
        #expect(test.broker.accounts.users == [BrokerUser(name: "ann", tags: [.monitoring], isConfigured: false)])
        #expect(try !test.client("ann", "a").answer.hasPrefix("CONNECTED\n"))
        try test.change(BrokerChange(.setPermission, permission: Self.everything))
        let (ann, answer) = try test.client("ann", "a")
        #expect(answer.hasPrefix("CONNECTED\n"))
        try test.say("SEND\ndestination:/queue/q\nreceipt:1\n\n\0", on: ann)
        #expect(try test.heard(ann).contains("receipt-id:1"))

        var less = Self.everything
        less.write = "^nothing$"
        try test.change(BrokerChange(.setPermission, permission: less))
        #expect(ann.isActive)
        try test.say("SEND\ndestination:/queue/q\nreceipt:2\n\n\0", on: ann)
        #expect(try test.heard(ann).contains("may not SEND to '/queue/q'"))

        let (other, _) = try test.client("ann", "a")
        #expect(try test.change(BrokerChange(.deleteUser, user: "ann")).connections == 1)
        #expect(try test.heard(other).contains("has no permissions any more"))
        #expect(!other.isActive)
        #expect(test.broker.accounts.book == AccountBook())
    }

    @Test("the first user ends that everybody may do everything, also for who is here")
    func firstUser() throws {
        let (anyone, answer) = try test.client()
        #expect(answer.hasPrefix("CONNECTED\n"))
        #expect(try test.change(BrokerChange(.addUser, user: "ann", password: "a")).connections == 1)
        #expect(try test.heard(anyone).contains("there are users now"))
        #expect(!anyone.isActive)
    }

    @Test("what was changed is there after the next start")
    func survives() throws {
        try test.change(BrokerChange(.addUser, user: "ann", password: "a"))
        try test.change(BrokerChange(.addVirtualHost, virtualHost: "/ops"))
        var permission = Self.everything
        permission.virtualHost = "/ops"
        try test.change(BrokerChange(.setPermission, permission: permission))
        try test.change(BrokerChange(.setPassword, user: "ann", password: "b"))
        let next = try TestBroker { [directory] in $0.accountPath = directory.path + "/broker.json" }
        #expect(try next.client("ann", "b", host: "/ops").answer.hasPrefix("CONNECTED\n"))
        #expect(try !next.client("ann", "a", host: "/ops").answer.hasPrefix("CONNECTED\n"))
        #expect(next.broker.accounts.book == test.broker.accounts.book)
    }

    @Test("what makes no sense is refused by name, and changes nothing")
    func refuses() throws {
        try test.change(BrokerChange(.addUser, user: "ann", password: "a"))
        let before = test.broker.accounts.book
        var elsewhere = Self.everything
        elsewhere.virtualHost = "/nowhere"
        var broken = Self.everything
        broken.read = "("
        let refusals: [(BrokerChange, String)] = [
            (BrokerChange(.addUser, user: "ann", password: "a"), "user-exists"),
            (BrokerChange(.addUser, user: "bob", password: ""), "invalid-request"),
            (BrokerChange(.addUser, user: "b\nob", password: "b"), "invalid-request"),
            (BrokerChange(.addUser, password: "b"), "invalid-request"),
            (BrokerChange(.deleteUser, user: "bob"), "unknown-user"),
            (BrokerChange(.setPassword, user: "bob", password: "b"), "unknown-user"),
            (BrokerChange(.setPermission, permission: elsewhere), "unknown-vhost"),
            (BrokerChange(.setPermission, permission: broken), "invalid-request"),
            (BrokerChange(.clearPermission, user: "ann", virtualHost: "/"), "no-permission"),
            (BrokerChange(.addVirtualHost, virtualHost: "/mcollective"), "vhost-exists"),
            (BrokerChange(.deleteVirtualHost, virtualHost: "/mcollective"), "configured"),
            (BrokerChange(.deleteVirtualHost, virtualHost: "/nowhere"), "unknown-vhost"),
            (BrokerChange(.purge, queue: "q"), "unknown-queue"),
            (BrokerChange(.closeConnection, connection: 77), "unknown-connection"),
        ]
        for (change, code) in refusals { #expect(test.refusal(change)?.code == code, "\(change)") }
        #expect(test.broker.accounts.book == before)
    }

    @Test("a disk that takes nothing changes nothing, and says so")
    func keepsNothing() throws {
        try FileManager.default.removeItem(atPath: directory.path)
        #expect(test.refusal(BrokerChange(.addUser, user: "ann", password: "a"))?.code == "cannot-store")
        #expect(test.broker.accounts.users.isEmpty)
        let nowhere = try TestBroker()
        #expect(nowhere.refusal(BrokerChange(.addUser, user: "ann", password: "a")) == .notKept)
    }

    @Test("a virtual host with messages goes only when it must, with those who use it")
    func deletesVirtualHosts() throws {
        try test.change(BrokerChange(.addVirtualHost, virtualHost: "/ops"))
        let (client, _) = try test.client(host: "/ops")
        try test.say("SEND\ndestination:/queue/q\n\nhello\0", on: client)
        let change = BrokerChange(.deleteVirtualHost, virtualHost: "/ops")
        #expect(test.refusal(change) == .hasMessages("/ops", count: 1))
        #expect(client.isActive)
        let forced = BrokerChange(.deleteVirtualHost, virtualHost: "/ops", isForced: true)
        #expect(try test.change(forced) == BrokerChangeResult(messages: 1, connections: 1))
        #expect(!client.isActive)
        #expect(try !test.client(host: "/ops").answer.hasPrefix("CONNECTED\n"))
        try test.change(BrokerChange(.addVirtualHost, virtualHost: "/ops"))
        #expect(test.broker.queues.isEmpty)
    }

    @Test("queues, topics, connections and rates are seen as they are")
    func reports() throws {
        let (client, _) = try test.client(host: "mcollective")
        try test.say("SUBSCRIBE\nid:1\nack:client\ndestination:/queue/q\n\n\0", on: client)
        try test.say("SUBSCRIBE\nid:2\ndestination:/exchange/e/k\n\n\0", on: client)
        for _ in 0..<8 { try test.say("SEND\ndestination:/queue/q\n\nhello\0", on: client) }
        _ = try test.heard(client)
        test.broker.startTicking()
        test.loop.advanceTime(by: .seconds(1))
        let queue = try #require(test.broker.queues.first)
        #expect(queue.virtualHost == "mcollective" && queue.name == "q")
        #expect(queue.messages == 0 && queue.unacknowledged == 8 && queue.consumers == 1)
        #expect(queue.traffic.published == 8 && queue.traffic.delivered == 8)
        #expect(queue.traffic.publishedPerSecond == 2)
        #expect(test.broker.topics.map(\.destination) == ["/exchange/e/k"])
        let connection = try #require(test.broker.clients.first)
        #expect(connection.subscriptions == 2 && connection.unacknowledged == 8 && connection.version == "1.2")
        #expect(connection.address == "192.0.2.1" && connection.user == nil)
        let host = try #require(test.broker.status.virtualHosts.first { $0.name == "mcollective" })
        #expect(host.traffic.publishedPerSecond == 2 && host.connections == 1)
        test.loop.advanceTime(by: .seconds(4))
        #expect(test.broker.queues.first?.traffic.publishedPerSecond == 0)
    }

    @Test("a queue is purged, and a connection closed with a reason")
    func purgesAndCloses() throws {
        let (client, _) = try test.client()
        for _ in 0..<3 { try test.say("SEND\ndestination:/queue/q\n\nhello\0", on: client) }
        #expect(try test.change(BrokerChange(.purge, queue: "q")).messages == 3)
        #expect(test.broker.queues.isEmpty)
        let number = try #require(test.broker.clients.first).id
        try test.change(BrokerChange(.closeConnection, connection: number))
        #expect(try test.heard(client).contains("an administrator closed it"))
        #expect(!client.isActive)
        #expect(test.broker.clients.isEmpty)
    }
}
