import NIOCore
import STOMP

/// One load connection: a STOMP session until it is in and has subscribed, and as little as possible from then on.
///
/// Owner: the channel's event loop.
final class StompPeer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the peer does once it is ready.
    enum Role {
        case publisher(StompLane)
        case subscriber(StompLane)
        /// Nothing, with a subscription of its own.
        case idle(destination: String)
    }

    private enum State {
        case connecting
        case subscribing
        case ready
    }

    private let role: Role
    private let readsBodies: Bool
    private let crowd: StompCrowd
    private var session: ClientSession
    private var state = State.connecting
    private var counter = FrameCounter()

    /// - Parameter readsBodies: whether deliveries are looked into.
    init(_ role: Role, readsBodies: Bool, in crowd: StompCrowd) {
        self.role = role
        self.readsBodies = readsBodies
        self.crowd = crowd
        session = ClientSession(
            .init(
                versions: [.v1_2], host: StompPlan.virtualHost, login: StompPlan.login, passcode: StompPlan.passcode))
    }

    func channelActive(context: ChannelHandlerContext) {
        write(session.start(at: .now()), context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        do {
            if case .ready = state, !readsBodies {
                let frames = try counter.count(bytes)
                count(frames)
            } else {
                session.received(bytes, at: .now())
                while let event = try session.next() { try handle(event, context) }
            }
        } catch {
            crowd.failed("\(error)")
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        crowd.failed("the broker closed a connection")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        crowd.failed("\(error)")
        context.close(promise: nil)
    }

    private func count(_ frames: Int) {
        switch role {
        case .publisher(let lane): lane.confirmed(frames)
        case .subscriber(let lane): lane.delivered(frames)
        case .idle: break
        }
    }

    private func handle(_ event: ClientSession.Event, _ context: ChannelHandlerContext) throws {
        switch event {
        case .connected(let properties, _):
            crowd.server = properties.server ?? crowd.server
            try connected(context)
        case .receipt: becameReady()
        case .message(let delivery):
            if case .subscriber(let lane) = role { lane.delivered(delivery.body, at: .now()) }
        case .disconnected: break
        }
    }

    private func connected(_ context: ChannelHandlerContext) throws {
        let destination: String
        switch role {
        case .publisher: return becameReady()
        case .subscriber(let lane): destination = lane.destination
        case .idle(let own): destination = own
        }
        state = .subscribing
        let outgoing = try session.subscribe(to: .init(id: "s", destination: destination), confirmation: .receipt)
        if let outgoing { write(outgoing.bytes, context) }
    }

    private func becameReady() {
        guard case .ready = state else {
            state = .ready
            crowd.ready += 1
            return
        }
    }

    private func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }
}

/// What all load connections of a loop have seen. Owner: the loop.
final class StompCrowd {
    /// Connections that are in, and have subscribed if they are to.
    var ready = 0
    var server = "unknown"
    private(set) var failure: String?
    /// What ends from now on has not failed.
    var isLeaving = false

    func failed(_ reason: String) {
        if !isLeaving, failure == nil { failure = reason }
    }
}
