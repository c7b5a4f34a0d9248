import NIOCore
import NIOSSL

/// The channel of a `StompClientCore`: bytes in, and what becomes of the connection. Decides nothing.
final class StompChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let core: StompClientCore
    private let server: StompServer
    private var context: ChannelHandlerContext?
    private var failure: StompFailure?

    init(_ core: StompClientCore, to server: StompServer) {
        self.core = core
        self.server = server
    }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }

    func flush() { context?.flush() }

    /// Closes, for a reason that `ended` will be told.
    func close(_ reason: StompFailure) {
        failure = failure ?? reason
        context?.close(promise: nil)
    }

    // MARK: ChannelInboundHandler

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    /// Also of a channel that never became active.
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        core.opened(self, to: server)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        core.received(unwrapInboundIn(data), from: self)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        core.readCompleted()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        core.writabilityChanged()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        core.ended(self, to: server, because: failure ?? .closedByPeer)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOSSLError.uncleanShutdown: close(.closedByPeer)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: close(.tls(StompChannelHandler.words(for: error)))
        default: close(.unreachable(Connector.cause(of: error)))
        }
    }

    /// What the operator can do about a TLS failure.
    private static func words(for error: any Error) -> String {
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "the broker's certificate is not signed by the configured authority, or is over (\(text))"
        }
        if error as? NIOSSLExtraError == .failedToValidateHostname {
            return "the broker's certificate is not for the name that was connected to (\(text))"
        }
        if text.contains("EOF during handshake") {
            return "the broker ended the handshake: perhaps it does not speak TLS on this port (\(text))"
        }
        if text.contains("WRONG_VERSION_NUMBER") { return "the broker does not speak TLS on this port (\(text))" }
        return "TLS failed: \(text)"
    }
}
