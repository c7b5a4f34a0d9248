import Foundation
import MusterCore
import MusterTestSupport
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import StompBroker

/// Users with permissions, at a broker without sockets and without a disk for messages.
@Suite struct SignInTests {
    private let test: TestBroker

    init() throws {
        test = try TestBroker { configuration in
            configuration.user = .init(name: "root", password: "r00t")
        }
        var book = AccountBook()
        try book.addUser("node", PasswordHash(of: Array("n".utf8), iterations: 5), tags: [])
        try book.addUser("idle", PasswordHash(of: Array("i".utf8), iterations: 5), tags: [])
        try book.setPermission(
            BrokerPermission(
                user: "node", virtualHost: "/mcollective", configure: "", write: "^amq\\.default$",
                read: "^mcollective_"))
        test.broker.accounts.book = book
    }

    @Test("users come in where they have permissions, the configured one everywhere")
    func admits() throws {
        #expect(try test.client("root", "r00t").answer.hasPrefix("CONNECTED\n"))
        #expect(try test.client("node", "n", host: "/mcollective").answer.hasPrefix("CONNECTED\n"))
        #expect(try !test.client("node", "wrong", host: "/mcollective").answer.hasPrefix("CONNECTED\n"))
        #expect(try !test.client("nobody", "n", host: "/mcollective").answer.hasPrefix("CONNECTED\n"))
        let elsewhere = try test.client("node", "n", host: "/").answer
        #expect(elsewhere.contains("user 'node' has no permissions in virtual host '/'"))
        #expect(elsewhere.contains("muster broker permissions set 'node' --vhost '/'"))
        #expect(test.broker.status.refusedClients == 3)
    }

    @Test("what a user may not do is answered with what is missing, and ends the connection")
    func denies() throws {
        let (node, _) = try test.client("node", "n", host: "/mcollective")
        try test.say("SUBSCRIBE\nid:1\nreceipt:1\ndestination:/exchange/mcollective_broadcast/a\n\n\0", on: node)
        try test.say("SEND\nreceipt:2\ndestination:/reply-queue/x\n\n\0", on: node)
        let heard = try test.heard(node)
        #expect(heard.contains("receipt-id:1") && heard.contains("receipt-id:2"))
        try test.say("SEND\nreceipt:3\ndestination:/exchange/mcollective_directed/n2\n\n\0", on: node)
        let error = try test.heard(node)
        #expect(error.contains("ERROR\nmessage:Access refused"))
        #expect(error.contains("receipt-id:3"))
        #expect(error.contains("user 'node' may not SEND to '/exchange/mcollective_directed/n2'"))
        #expect(!node.isActive)
    }

    @Test("what a client says before its password is judged waits for that")
    func waits() throws {
        let works = Mutex<[@Sendable (Bool) -> Void]>([])
        let slow = try TestBroker(elsewhere: { work in works.withLock { $0.append(work) } })
        var book = AccountBook()
        try book.addUser("ann", PasswordHash(of: Array("a".utf8), iterations: 5), tags: [])
        try book.setPermission(
            BrokerPermission(user: "ann", virtualHost: "/", configure: ".*", write: ".*", read: ".*"))
        slow.broker.accounts.book = book
        let (ann, answer) = try slow.client("ann", "a")
        let (gone, _) = try slow.client("ann", "a")
        #expect(answer.isEmpty)
        try slow.say("SEND\ndestination:/queue/q\nreceipt:1\n\nhello\0", on: ann)
        try gone.close().wait()
        slow.loop.run()
        #expect(works.withLock { $0.count } == 1)
        for work in works.withLock({ $0 }) { work(false) }
        let heard = try slow.heard(ann)
        #expect(heard.hasPrefix("CONNECTED\n"))
        #expect(heard.contains("receipt-id:1"))
        #expect(slow.broker.clients.map(\.user) == ["ann"])
    }

    @Test("without a user everybody is let in where that is meant, and nobody elsewhere")
    func withoutUsers() throws {
        let open = try TestBroker()
        #expect(try open.client("any", "thing").answer.hasPrefix("CONNECTED\n"))
        let shut = try TestBroker { $0.isOpenWithoutUsers = false }
        #expect(try !shut.client("any", "thing").answer.hasPrefix("CONNECTED\n"))
        #expect(try !shut.client("", "").answer.hasPrefix("CONNECTED\n"))
    }
}
