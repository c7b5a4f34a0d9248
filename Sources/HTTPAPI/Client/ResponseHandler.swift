import NIOCore
import NIOHTTP1

/// Hands the parts of one response out on demand: it reads from the socket only while somebody waits for a part, so that a
/// slow reader slows the controller down instead of filling memory.
///
/// All state belongs to the channel's event loop.
final class ResponseHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    /// What went wrong before the response was complete.
    enum Failure: Error {
        case connectionLost
        case silent
        case notHTTP(any Error)
    }

    private struct Waiter {
        var promise: EventLoopPromise<HTTPClientResponsePart?>
        var timeout: Scheduled<Void>
    }

    private let maxSilence: TimeAmount
    /// Parts that nobody asked for yet: what one read brought, or what was in the socket when it closed.
    private var parts = CircularBuffer<HTTPClientResponsePart>()
    /// Set only while `parts` is empty.
    private var waiter: Waiter?
    private var isComplete = false
    /// Handed out after the parts that arrived before it.
    private var failure: Failure?
    private var context: ChannelHandlerContext?

    init(maxSilence: TimeAmount) { self.maxSilence = maxSilence }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// The next part, nil after the last one. Only one call may wait at a time.
    func next(on eventLoop: any EventLoop) -> EventLoopFuture<HTTPClientResponsePart?> {
        precondition(waiter == nil, "one reader at a time")
        if let part = parts.popFirst() { return eventLoop.makeSucceededFuture(part) }
        if isComplete { return eventLoop.makeSucceededFuture(nil) }
        guard failure == nil, let context else {
            return eventLoop.makeFailedFuture(failure ?? .connectionLost)
        }
        let promise = eventLoop.makePromise(of: HTTPClientResponsePart?.self)
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        let timeout = eventLoop.scheduleTask(in: maxSilence) { handler.value.fail(.silent) }
        waiter = Waiter(promise: promise, timeout: timeout)
        context.read()
        return promise.futureResult
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .end = part { isComplete = true }
        guard let waiter = takeWaiter() else {
            parts.append(part)
            return
        }
        waiter.promise.succeed(part)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // The bytes read so far made no whole part.
        if waiter != nil { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.invalidEOFState: fail(.connectionLost)
        case is HTTPParserError: fail(.notHTTP(error))
        default: fail(.connectionLost)
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.connectionLost)
        context.fireChannelInactive()
    }

    private func fail(_ error: Failure) {
        guard !isComplete, failure == nil else { return }
        failure = error
        takeWaiter()?.promise.fail(error)
    }

    private func takeWaiter() -> Waiter? {
        defer { waiter = nil }
        waiter?.timeout.cancel()
        return waiter
    }
}
