import AsyncAlgorithms
import HTTPTypes
import Hummingbird
import MusterCore
import NIOCore
import ServiceLifecycle

/// What an event stream writes next.
private enum StreamItem<Element: Sendable>: Sendable {
    case element(Element)
    case heartbeat
    case end
}

extension Response {
    /// A response that writes a stream as server-sent events, one write at a time, so that a slow client slows the stream.
    ///
    /// Ends when the stream ends, with an `error` event when it fails or when the server shuts down, and without one when
    /// the client goes away. An idle stream carries a comment every `heartbeat`.
    static func events<Element: Sendable>(
        _ stream: AsyncThrowingStream<Element, any Error>, of request: Request, heartbeat: Duration,
        encode: @escaping @Sendable (Element) throws -> [ServerSentEvent]
    ) -> Response {
        let body = ResponseBody { writer in
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                try await writer.write(stream, heartbeat: heartbeat, encode: encode)
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .connection: "close"],
            body: body)
    }
}

extension ResponseBodyWriter {
    @concurrent fileprivate mutating func write<Element: Sendable>(
        _ stream: AsyncThrowingStream<Element, any Error>, heartbeat: Duration,
        encode: @escaping @Sendable (Element) throws -> [ServerSentEvent]
    ) async throws {
        // The first bytes go out at once: the client knows then that the stream is open.
        try await write(ByteBuffer(string: ServerSentEvent.heartbeat))
        let elements = chain(stream.map { StreamItem.element($0) }, [StreamItem<Element>.end].async)
        let beats = AsyncTimerSequence(interval: heartbeat, clock: .continuous).map { _ in StreamItem<Element>.heartbeat
        }
        do {
            for try await item in merge(elements, beats).cancelOnGracefulShutdown() {
                switch item {
                case .element(let element):
                    var buffer = ByteBuffer()
                    for event in try encode(element) { event.write(to: &buffer) }
                    try await write(buffer)
                case .heartbeat:
                    try await write(ByteBuffer(string: ServerSentEvent.heartbeat))
                case .end:
                    return
                }
            }
            try Task.checkCancellation()
            try await write(ByteBuffer(string: ServerSentEvent(ErrorDocument(ControllerError.shuttingDown)).text))
        } catch let error as ControllerError {
            try await write(ByteBuffer(string: ServerSentEvent(ErrorDocument(error)).text))
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as ChannelError {
            throw error  // the client is gone: nobody to tell
        } catch let error as IOError {
            throw error
        } catch {
            try await write(ByteBuffer(string: ServerSentEvent(ErrorDocument(unforeseen: error)).text))
        }
    }
}

extension ServerSentEvent {
    /// An error in mid-stream; the last event of its stream.
    fileprivate init(_ document: ErrorDocument) throws {
        self.init(name: "error", data: JSON.text(try ValueEncoder().encode(document)))
    }
}
