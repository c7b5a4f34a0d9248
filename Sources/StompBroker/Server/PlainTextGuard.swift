import NIOCore
import STOMP

/// Stands before TLS, and tells a client that speaks plain STOMP so, in words that it can read; otherwise it would see
/// nonsense and the log a failed handshake. Goes when the first byte is TLS's.
///
/// Owner: the broker's event loop.
final class PlainTextGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What a record of a TLS handshake begins with.
    static let handshake: UInt8 = 22

    private let tell: () -> Void
    private var isOver = false

    /// - Parameter tell: Called when the client is refused.
    init(tell: @escaping () -> Void) { self.tell = tell }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        guard unwrapInboundIn(data).readableBytesView.first != PlainTextGuard.handshake else {
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
            return
        }
        isOver = true
        tell()
        let headers = Headers(["message": "TLS is spoken here", "content-type": "text/plain"])
        let body = ByteBuffer(string: "This port speaks TLS only: connect with TLS, or to another port.\n")
        let error = Frame(.error, headers: headers, body: body).encodedWithLineEnd(for: .v1_0)
        context.writeAndFlush(wrapOutboundOut(error)).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }
}
