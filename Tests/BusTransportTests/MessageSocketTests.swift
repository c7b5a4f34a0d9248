import BusTransport
import NIOCore
import NIOPosix
import Testing
import ZMTP

/// PUSH and PULL among ourselves: what waits, where, and what becomes of it. Every wait is for an event.
@Suite(.timeLimit(.minutes(1))) struct MessageSocketTests {
    let group = MultiThreadedEventLoopGroup.singleton

    @Test func aFullReceiverIsSentNoMoreThanItsQueueTakes() async throws {
        var options = MessageSocketOptions()
        options.receiveQueueMessages = 2
        let pull = MessageSocket(.pull, options: options, on: group.next())
        let push = MessageSocket(.push, on: group.next())
        push.connect(to: try await pull.bindLoopback())
        let padding = ByteBuffer(repeating: 0x61, count: 256 << 10)
        let count = 100
        let sending = Task {
            for number in 0..<count { try await push.send(Message([ByteBuffer(string: "\(number)"), padding])) }
        }
        for number in 0..<count {
            let message = try await pull.receive()
            #expect(message.first == ByteBuffer(string: "\(number)"))
            // One read ends one message of this size at most, so the queue is exceeded by one at most.
            let waiting = await pull.metrics().receivedMessages - (number + 1)
            #expect((0...3).contains(waiting))
        }
        try await sending.value
        #expect(await push.metrics().sentMessages == count)
        #expect(await push.metrics().droppedMessages == 0)
        await push.shutdown(within: .seconds(5))
        await pull.shutdown(within: .seconds(5))
    }

    @Test func sendersWaitForAPeerAndOneTooManyIsRefused() async throws {
        var options = MessageSocketOptions()
        options.maxWaitingSenders = 2
        let push = MessageSocket(.push, options: options, on: group.next())
        let pull = MessageSocket(.pull, on: group.next())
        let endpoint = try await push.bindLoopback()
        try await withThrowingTaskGroup(of: BusError?.self) { senders in
            for number in 0..<3 {
                senders.addTask {
                    do {
                        try await push.send(Message(ByteBuffer(string: "\(number)")))
                        return nil
                    } catch let error as BusError {
                        return error
                    }
                }
            }
            #expect(try await senders.next() == .sendQueueFull)
            pull.connect(to: endpoint)
            let first = try await pull.receive()
            #expect(try await pull.receive() != first)
            #expect(try await senders.next() == .some(nil))
            #expect(try await senders.next() == .some(nil))
        }
        await push.shutdown(within: .seconds(5))
        await pull.shutdown(within: .seconds(5))
    }

    @Test func aCancelledReceiverTakesNoMessageWithIt() async throws {
        let pull = MessageSocket(.pull, on: group.next())
        let push = MessageSocket(.push, on: group.next())
        push.connect(to: try await pull.bindLoopback())
        let cancelled = Task { try await pull.receive() }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { _ = try await cancelled.value }
        try await push.send(Message(ByteBuffer(string: "a")))
        #expect(try await pull.receive() == Message(ByteBuffer(string: "a")))
        await push.shutdown(within: .seconds(5))
        await pull.shutdown(within: .seconds(5))
    }

    @Test func shutdownEndsThoseThatWait() async throws {
        let pull = MessageSocket(.pull, on: group.next())
        let push = MessageSocket(.push, on: group.next())
        async let rest = pull.messages.reduce(into: 0) { count, _ in count += 1 }
        let sender = Task { try await push.send(Message(ByteBuffer(string: "nobody is there"))) }
        await pull.shutdown(within: .seconds(5))
        await push.shutdown(within: .seconds(5))
        #expect(try await rest == 0)
        await #expect(throws: BusError.shutDown) { try await sender.value }
        await #expect(throws: BusError.shutDown) { try await push.send(Message(ByteBuffer(string: "late"))) }
    }

    @Test func aListenerOverItsLimitClosesTheNewcomerAndCountsIt() async throws {
        var options = MessageSocketOptions()
        options.server.maxConnections = 1
        let pull = MessageSocket(.pull, options: options, on: group.next())
        let endpoint = try await pull.bindLoopback()
        let push = MessageSocket(.push, on: group.next())
        push.connect(to: endpoint)
        try await push.send(Message(ByteBuffer(string: "a")))
        _ = try await pull.receive()
        let excess = try await RawPeer(.push, to: endpoint)
        await excess.log.first { $0 == .closed }
        #expect(await pull.metrics().excessConnections == 1)
        try await push.send(Message(ByteBuffer(string: "b")))
        #expect(try await pull.receive() == Message(ByteBuffer(string: "b")))
        await push.shutdown(within: .seconds(5))
        await pull.shutdown(within: .seconds(5))
    }
}

extension MessageSocket {
    fileprivate func bindLoopback() async throws -> Endpoint {
        let addresses = try await bind(to: [Endpoint(host: "127.0.0.1", port: 0)])
        let port = try #require(addresses.first?.port)
        return Endpoint(host: "127.0.0.1", port: port)
    }
}
