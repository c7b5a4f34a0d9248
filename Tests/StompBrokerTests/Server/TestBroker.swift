import Logging
import MusterCore
import NIOCore
import NIOEmbedded

@testable import StompBroker

/// A broker without sockets, threads and time: clients are embedded channels.
struct TestBroker {
    let loop = EmbeddedEventLoop()
    let broker: BrokerLoop

    /// - Parameter elsewhere: Runs what takes long; at once unless a test has it wait.
    init(
        _ configure: (inout BrokerConfiguration) -> Void = { _ in },
        elsewhere: @escaping PasswordDesk.Elsewhere = { work in work(false) }
    ) throws {
        var configuration = BrokerConfiguration(server: "Muster/1")
        configuration.isOpenWithoutUsers = true
        configure(&configuration)
        broker = BrokerLoop(
            configuration, on: loop, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { Timestamp(microseconds: 1_700_000_000_000_000) }, makeSecretName: { "secret" },
            passwordWork: elsewhere, fileWork: { work in work(false) })
        try broker.open()
    }

    /// A connection that has said nothing yet.
    func channel() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: BrokerConnection(broker), loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        return channel
    }

    func say(_ text: String, on channel: EmbeddedChannel) throws {
        try channel.writeInbound(ByteBuffer(string: text))
        loop.run()
    }

    /// Everything that the client has been sent since the last time.
    func heard(_ channel: EmbeddedChannel) throws -> String {
        loop.run()
        var all = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { all += String(buffer: bytes) }
        return all
    }

    /// A client after its CONNECT, and what it was told.
    func client(
        _ login: String = "", _ passcode: String = "", host: String = "/", version: String = "1.2"
    ) throws -> (channel: EmbeddedChannel, answer: String) {
        let channel = try channel()
        try say(
            "CONNECT\naccept-version:\(version)\nhost:\(host)\nlogin:\(login)\npasscode:\(passcode)\n\n\0", on: channel)
        return (channel, try heard(channel))
    }

    /// Makes a change as an operator would.
    @discardableResult
    func change(_ change: BrokerChange) throws -> BrokerChangeResult {
        let future = broker.change(change, by: "root")
        loop.run()
        return try future.wait()
    }

    /// What an operator is refused with; nil when the change was made.
    func refusal(_ change: BrokerChange) -> BrokerServiceError? {
        do {
            try self.change(change)
            return nil
        } catch {
            return error as? BrokerServiceError
        }
    }
}
