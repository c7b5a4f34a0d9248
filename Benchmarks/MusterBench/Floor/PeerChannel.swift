import NIOCore
import ZMTP

/// One load connection for the bare sockets: a ZMTP session on a channel, and as little else as possible.
///
/// A requester begins with `Begin`, and sends its request again as soon as the reply is there; a subscriber wants
/// everything and counts.
/// Owner: the channel's event loop.
final class PeerChannel: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the peer does.
    enum Role: Sendable {
        case subscriber
        /// The request as it goes on the wire.
        case requester(ByteBuffer)
    }

    /// The user event that lets requesters begin: not before all are connected, since the first would keep the server
    /// from the last.
    struct Begin: Sendable {}

    private let role: Role
    private let counter: NIOLoopBoundBox<PeerCounter>
    private var session: Session

    init(_ role: Role, counter: NIOLoopBoundBox<PeerCounter>) {
        self.role = role
        self.counter = counter
        switch role {
        case .subscriber: session = Session(Session.Configuration(.sub))
        case .requester: session = Session(Session.Configuration(.req))
        }
    }

    func channelActive(context: ChannelHandlerContext) {
        send(session.start(), context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        session.received(unwrapInboundIn(data))
        do {
            while let event = try session.next() { handle(event, context) }
        } catch {
            counter.value.failed("\(error)")
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is Begin, case .requester(let request) = role { send(request, context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        counter.value.failed("a connection was closed")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        counter.value.failed("\(error)")
        context.close(promise: nil)
    }

    private func handle(_ event: Session.Event, _ context: ChannelHandlerContext) {
        switch event {
        case .send(let bytes): send(bytes, context)
        case .established:
            counter.value.established()
            if case .subscriber = role { send(session.subscription(to: ByteBuffer()), context) }
        case .message:
            counter.value.received()
            if case .requester(let request) = role, !counter.value.isStopped { send(request, context) }
        case .ping(_, let answer): send(answer, context)
        case .pong, .subscribe, .cancel: break
        }
    }

    private func send(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }
}
