import NIOCore
import NIOPosix
import ZMTP

/// A TCP connection to one of the controller's ports that says anything, and counts what it is answered.
final class RawConnection: Sendable {
    /// Counts messages; whoever waits for so many is told when they are there, or when the connection has ended.
    private final class Counter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private var session: Session
        private var messages = 0
        private var hasEnded = false
        private var waiting: (count: Int, promise: EventLoopPromise<Int>)?

        init(_ type: SocketType) { session = Session(Session.Configuration(type)) }

        func wait(for count: Int, _ promise: EventLoopPromise<Int>) {
            waiting = (count, promise)
            check()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            session.received(unwrapInboundIn(data))
            do {
                while let event = try session.next() { if case .message = event { messages += 1 } }
            } catch {
                // Told off, as most of what is sent here deserves.
                context.close(promise: nil)
            }
            check()
        }

        func channelInactive(context: ChannelHandlerContext) {
            hasEnded = true
            check()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func check() {
            guard let waiting, messages >= waiting.count || hasEnded else { return }
            self.waiting = nil
            waiting.promise.succeed(messages)
        }
    }

    private let channel: any Channel
    private let counter: NIOLoopBound<Counter>

    init(port: Int, as type: SocketType) async throws {
        (channel, counter) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let counter = Counter(type)
                    try channel.pipeline.syncOperations.addHandler(counter)
                    return (channel, NIOLoopBound(counter, eventLoop: channel.eventLoop))
                }
            }
    }

    /// Greeting and READY.
    static func handshake(_ type: SocketType) -> [UInt8] {
        let ready = Command.ready(Metadata(socketType: type, identity: ByteBuffer()))
        return Array(buffer: Greeting().encoded) + Array(buffer: ready.encoded)
    }

    /// Writes; that the other end has closed meanwhile is no error.
    func write(_ bytes: [UInt8]) async { try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// Waits for so many answers, or for the end.
    ///
    /// - Returns: How many there were.
    func answers(_ count: Int) async throws -> Int {
        try await channel.eventLoop.flatSubmit { [counter, channel] in
            let promise = channel.eventLoop.makePromise(of: Int.self)
            counter.value.wait(for: count, promise)
            return promise.futureResult
        }.get()
    }

    func close() async { try? await channel.close() }
}
