import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// On a listening socket: pauses when the system has no connection to give, since descriptors or memory ran out.
///
/// The connection that was not taken stays in the backlog, so without a pause the socket would wake its loop for ever. NIO's
/// `AcceptBackoffHandler` cannot help: it holds back the next `read`, and after an error there is none, since the one
/// before is still pending (swift-nio 2.101, `BaseSocketChannel.readable0`).
///
/// Owner: the loop of the listening socket.
final class AcceptFailureHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel

    /// How long to wait for a descriptor to become free.
    private static let pause = TimeAmount.milliseconds(250)

    private let failed: (IOError) -> Void

    init(_ failed: @escaping (IOError) -> Void) {
        self.failed = failed
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // All others are of single connections (`ConnectionRefused`), counted where they were thrown.
        guard let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) else { return }
        failed(error)
        let channel = context.channel
        read(channel, false)
        context.eventLoop.assumeIsolated().scheduleTask(in: AcceptFailureHandler.pause) { self.read(channel, true) }
    }

    private func read(_ channel: any Channel, _ isOn: Bool) {
        // A listening socket has this option; setting it fails only when the socket is closed, and then it is all the same.
        try? channel.syncOptions?.setOption(.autoRead, value: isOn)
    }
}
