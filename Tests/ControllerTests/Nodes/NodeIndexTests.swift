import MusterCore
import Testing

@testable import Controller

@Suite struct NodeIndexTests {
    let start = TestClock.start
    let a = Make.node("a")
    let b = Make.node("b")
    private func at(_ seconds: Int) -> Timestamp { start + .seconds(seconds) }

    @Test("a node is connected while its host holds a subscription")
    func connected() {
        let index = NodeIndex()
        #expect(index.contact(of: a) == .never && index.lastContact(of: a) == nil)
        _ = index.heard(a, from: "10.0.0.1", at: at(0))
        #expect(index.contact(of: a) == .gone(since: at(0)) && !index.isConnected(a))
        index.subscribed(from: "10.0.0.1")
        index.subscribed(from: "10.0.0.1")
        #expect(index.contact(of: a) == .heard(at(0)) && index.isConnected(a) && index.connectedCount == 1)
        #expect(index.unsubscribed(from: "10.0.0.1", at: at(5)).isEmpty)
        #expect(index.isConnected(a))
        let gone = index.unsubscribed(from: "10.0.0.1", at: at(6))
        #expect(gone.map(\.0) == [a])
        #expect(gone.map(\.1) == [NodeContact(time: at(6), isConnected: false, address: "10.0.0.1")])
        #expect(index.contact(of: a) == .gone(since: at(6)) && index.connectedCount == 0)
        #expect(index.lastContact(of: a) == NodeContact(time: at(6), isConnected: false, address: "10.0.0.1"))
    }

    @Test("nodes of one host go together, others do not")
    func hosts() {
        let index = NodeIndex()
        for node in Make.nodes("c", "a", "b") { _ = index.heard(node, from: "10.0.0.1", at: at(0)) }
        _ = index.heard(Make.node("d"), from: "10.0.0.2", at: at(0))
        for host in ["10.0.0.1", "10.0.0.2"] { index.subscribed(from: host) }
        #expect(index.connectedCount == 4)
        #expect(index.unsubscribed(from: "10.0.0.1", at: at(1)).map(\.0) == Make.nodes("a", "b", "c"))
        #expect(index.connectedCount == 1)
    }

    @Test("a node that moved counts at its new host only")
    func moved() {
        let index = NodeIndex()
        for host in ["10.0.0.1", "10.0.0.2"] { index.subscribed(from: host) }
        #expect(index.heard(a, from: "10.0.0.1", at: at(0)) != nil)
        #expect(index.heard(a, from: "10.0.0.2", at: at(1))?.address == "10.0.0.2")
        #expect(index.unsubscribed(from: "10.0.0.1", at: at(2)).isEmpty)
        #expect(index.isConnected(a))
        #expect(index.unsubscribed(from: "10.0.0.2", at: at(3)).map(\.0) == [a])
    }

    @Test("a contact is stored once a minute, and at once after an absence")
    func notes() {
        let index = NodeIndex()
        index.subscribed(from: "10.0.0.1")
        #expect(index.heard(a, from: "10.0.0.1", at: at(0)) != nil)
        #expect(index.heard(a, from: "10.0.0.1", at: at(59)) == nil)
        #expect(
            index.heard(a, from: "10.0.0.1", at: at(60))
                == NodeContact(time: at(60), isConnected: true, address: "10.0.0.1"))
        _ = index.unsubscribed(from: "10.0.0.1", at: at(61))
        index.subscribed(from: "10.0.0.1")
        #expect(index.heard(a, from: "10.0.0.1", at: at(62)) != nil)
    }

    @Test("what the store remembers counts until the node is heard from, and never as connected")
    func remembered() {
        let index = NodeIndex(remembered: [
            a: NodeContact(time: at(-100), isConnected: true, address: "10.0.0.1")
        ])
        #expect(index.contact(of: a) == .heard(at(-100)) && !index.isConnected(a))
        #expect(index.lastContact(of: a) == NodeContact(time: at(-100), isConnected: false, address: "10.0.0.1"))
        index.subscribed(from: "10.0.0.1")
        _ = index.heard(a, from: "10.0.0.1", at: at(0))
        #expect(index.contact(of: a) == .heard(at(0)) && index.isConnected(a))
    }

    @Test("a node is awaited while its host holds fewer subscriptions than it had nodes")
    func awaited() {
        func contact(_ host: String, isConnected: Bool = true) -> NodeContact {
            NodeContact(time: at(-100), isConnected: isConnected, address: host)
        }
        let (c, d) = (Make.node("c"), Make.node("d"))
        let index = NodeIndex(remembered: [
            a: contact("10.0.0.1"), b: contact("10.0.0.1"), c: contact("10.0.0.2", isConnected: false),
            d: contact("10.0.0.3"),
        ])
        #expect([a, b, c, d, Make.node("e")].map(index.isAwaited) == [true, true, false, true, false])
        index.subscribed(from: "10.0.0.1")
        #expect([a, b].map(index.isAwaited) == [true, true])
        index.forget(b)
        #expect([a, b].map(index.isAwaited) == [false, false])
        // It came back from another host.
        _ = index.heard(d, from: "10.0.0.9", at: at(0))
        #expect(!index.isAwaited(d))
    }

    @Test("a forgotten node was never there, and its host does not bring it back")
    func forget() {
        let index = NodeIndex()
        index.subscribed(from: "10.0.0.1")
        _ = index.heard(a, from: "10.0.0.1", at: at(0))
        _ = index.heard(b, from: "10.0.0.1", at: at(0))
        index.forget(a)
        #expect(index.contact(of: a) == .never && index.lastContact(of: a) == nil && index.connectedCount == 1)
        #expect(index.unsubscribed(from: "10.0.0.1", at: at(1)).map(\.0) == [b])
    }

    @Test("more goodbyes than greetings change nothing")
    func unbalanced() {
        let index = NodeIndex()
        _ = index.heard(a, from: "10.0.0.1", at: at(0))
        #expect(index.unsubscribed(from: "10.0.0.1", at: at(1)).isEmpty)
        #expect(index.unsubscribed(from: "10.0.0.9", at: at(1)).isEmpty)
        index.subscribed(from: "10.0.0.1")
        #expect(index.isConnected(a))
    }

    @Test("a clock that was set back does not make a contact older")
    func clockSetBack() {
        let index = NodeIndex()
        index.subscribed(from: "10.0.0.1")
        _ = index.heard(a, from: "10.0.0.1", at: at(100))
        _ = index.heard(a, from: "10.0.0.1", at: at(50))
        #expect(index.contact(of: a) == .heard(at(100)))
    }
}
