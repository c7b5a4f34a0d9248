import BusTransport
import NIOCore
import NIOPosix
import Testing
import ZMTP

/// A peer on a plain TCP connection, which does what no socket of ours would: it stays silent, says anything, or does
/// not read.
final class RawPeer: Sendable {
    enum Event: Sendable, Equatable {
        case established
        /// The first frame of a message, and how many bytes all of them have on the wire.
        case message(String, bytes: Int)
        case closed
    }

    /// Reads what the server says, once the peer reads at all.
    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private var session: Session
        private let log: EventLog<Event>

        init(_ type: SocketType, log: EventLog<Event>) {
            session = Session(Session.Configuration(type))
            self.log = log
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            session.received(unwrapInboundIn(data))
            do {
                while let event = try session.next() { note(event) }
            } catch {
                Issue.record("the server broke the protocol: \(error)")
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            log.append(.closed)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // A reset is one way in which a server ends a connection.
            context.close(promise: nil)
        }

        private func note(_ event: Session.Event) {
            switch event {
            case .established: log.append(.established)
            case .message(let message):
                let frame = message.requestPayload ?? message.first
                let start = frame.getSlice(at: frame.readerIndex, length: min(64, frame.readableBytes)) ?? ByteBuffer()
                log.append(.message(String(buffer: start), bytes: message.wire.readableBytes))
            case .send, .subscribe, .cancel, .ping, .pong: break
            }
        }
    }

    let log = EventLog<Event>()
    private let channel: any Channel

    /// - Parameters:
    ///   - source: The address to come from, the system's choice if nil.
    ///   - reads: False to leave what comes in the kernel's buffer, which is made small.
    init(
        _ type: SocketType = .req, to endpoint: Endpoint, from source: String? = nil, reads: Bool = true
    ) async throws {
        let log = self.log
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader(type, log: log))
                }
            }
        if !reads { bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: 4096) }
        if let source { bootstrap = try bootstrap.bind(to: SocketAddress(ipAddress: source, port: 0)) }
        channel = try await bootstrap.connect(host: endpoint.host, port: endpoint.port).get()
    }

    /// Greeting and READY, both at once.
    static func handshake(_ type: SocketType = .req, identity: String = "") -> ByteBuffer {
        var bytes = Greeting().encoded
        let metadata = Metadata(socketType: type, identity: ByteBuffer(string: identity))
        bytes.writeImmutableBuffer(Command.ready(metadata).encoded)
        return bytes
    }

    /// Returns when the kernel has the bytes; on loopback the server's socket has them then.
    func write(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(bytes)
    }

    func request(_ text: String) async throws {
        try await write(Message(request: ByteBuffer(string: text)).wire)
    }

    func beginReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    /// Closes; that the server may have done so before is no error.
    func close() async {
        try? await channel.close()
    }

    /// What messages began with, in order.
    var received: [String] {
        log.events.compactMap { if case .message(let text, _) = $0 { text } else { nil } }
    }
}
