import MusterCore
import NIOCore
import NIOEmbedded
import STOMP
import Testing

@testable import StompBroker

/// The server's side of connections, without sockets.
@Suite struct BrokerConnectionTests {
    private let test: TestBroker

    init() throws {
        test = try TestBroker { configuration in
            configuration.user = .init(name: "ann", password: "secret")
            configuration.maxConnections = 3
        }
    }

    @Test(
        "the directory of a virtual host is its name, made harmless",
        arguments: [
            ("/", "%2F"), ("mcollective", "mcollective"), ("/a b", "%2Fa%20b"), ("..", "%2E%2E"), ("é", "%C3%A9"),
        ])
    func namesDirectories(name: String, directory: String) {
        #expect(ServedHost.directoryName(name) == directory)
    }

    private func channel() throws -> EmbeddedChannel { try test.channel() }
    private func say(_ text: String, on channel: EmbeddedChannel) throws { try test.say(text, on: channel) }
    private func heard(_ channel: EmbeddedChannel) throws -> String { try test.heard(channel) }
    private var loop: EmbeddedEventLoop { test.loop }

    private func connected() throws -> EmbeddedChannel {
        let channel = try channel()
        try say("CONNECT\nlogin:ann\npasscode:secret\n\n\0", on: channel)
        #expect(try heard(channel).hasPrefix("CONNECTED\n"))
        return channel
    }

    @Test("a message goes from one client to another, and the receipt to its sender")
    func delivers() throws {
        let (sender, receiver) = (try connected(), try connected())
        try say("SUBSCRIBE\ndestination:/topic/a\n\n\0", on: receiver)
        try say("SEND\ndestination:/topic/a\nreceipt:r1\n\nhello\0", on: sender)
        #expect(try heard(sender).contains("RECEIPT\nreceipt-id:r1\n"))
        let message = try heard(receiver)
        #expect(message.hasPrefix("MESSAGE\n"))
        #expect(message.contains("\n\nhello\0"))
    }

    @Test("a wrong password and a virtual host that is not there are one answer")
    func refusesStrangers() throws {
        var answers: Set<String> = []
        for words in ["passcode:wrong\nhost:/", "passcode:secret\nhost:/nowhere", "passcode:wrong\nhost:/nowhere"] {
            let channel = try channel()
            try say("CONNECT\naccept-version:1.2\nlogin:ann\n\(words)\n\n\0", on: channel)
            answers.insert(try heard(channel))
            #expect(!channel.isActive)
        }
        #expect(answers.count == 1)
        #expect(answers.first?.contains("Access refused for user 'ann'") == true)
    }

    @Test("a client that says nothing is closed, and one beyond the limit at once")
    func bounds() throws {
        let silent = try (0..<3).map { _ in try channel() }
        #expect(try !channel().isActive)
        loop.advanceTime(by: .seconds(11))
        #expect(silent.allSatisfy { !$0.isActive })
        #expect(test.broker.connections.isEmpty)
    }

    @Test("a frame that makes no sense is answered and ends the connection, not the broker")
    func answersNonsense() throws {
        let (fool, other) = (try connected(), try connected())
        try say("SEND\nreceipt:7\n\nno destination\0SEND\ndestination:/topic/a\n\nlater\0", on: fool)
        let answer = try heard(fool)
        #expect(answer.hasPrefix("ERROR\n"))
        #expect(answer.contains("receipt-id:7"))
        #expect(!fool.isActive)
        try say("GET / HTTP/1.1\r\n\r\n", on: try channel())
        try say("SUBSCRIBE\ndestination:/queue/q\nreceipt:1\n\n\0", on: other)
        #expect(try heard(other).contains("RECEIPT"))
    }

    @Test("what was promised before DISCONNECT is sent before the connection closes")
    func saysGoodbye() throws {
        let channel = try connected()
        try say("SEND\ndestination:/queue/q\nreceipt:1\n\na\0DISCONNECT\nreceipt:2\n\n\0", on: channel)
        let answer = try heard(channel)
        #expect(answer.contains("receipt-id:1") && answer.contains("receipt-id:2"))
        #expect(!channel.isActive)
    }

    @Test("heart-beats are sent as agreed, and a client that falls silent is given up")
    func beats() throws {
        let channel = try channel()
        try say("CONNECT\naccept-version:1.1\nlogin:ann\npasscode:secret\nheart-beat:1000,1000\n\n\0", on: channel)
        _ = try heard(channel)
        for _ in 0..<3 {
            loop.advanceTime(by: .seconds(10))
            #expect(try heard(channel).contains("\n"))
            try say("\n", on: channel)
        }
        loop.advanceTime(by: .seconds(30))
        #expect(!channel.isActive)
    }
}
