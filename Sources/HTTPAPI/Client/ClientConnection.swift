import MusterCore
import NIOCore
import NIOHTTP1
import NIOPosix

/// One HTTP exchange over a connection of its own to the control socket.
///
/// Closes the connection when the last reference goes.
final class ClientConnection: Sendable {
    private let path: String
    private let maxSilence: Duration
    private let channel: any Channel
    private let handler: NIOLoopBound<ResponseHandler>

    private init(path: String, maxSilence: Duration, channel: any Channel, handler: NIOLoopBound<ResponseHandler>) {
        self.path = path
        self.maxSilence = maxSilence
        self.channel = channel
        self.handler = handler
    }

    deinit { channel.close(promise: nil) }

    /// Connects to the socket.
    ///
    /// - Throws: `ClientError` with the path and what to do.
    static func open(
        path: String, maxSilence: Duration, group: any EventLoopGroup
    ) async throws -> ClientConnection {
        let bootstrap = ClientBootstrap(group: group).channelOption(.autoRead, value: false)
        do {
            let (channel, handler) = try await bootstrap.connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    let handler = ResponseHandler(maxSilence: TimeAmount(maxSilence))
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
                }
            }
            return ClientConnection(path: path, maxSilence: maxSilence, channel: channel, handler: handler)
        } catch {
            throw ClientError(connecting: path, error)
        }
    }

    /// Sends a whole request.
    func send(_ method: HTTPMethod, _ uri: String, headers: [(String, String)], body: String?) async throws {
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: uri)
        head.headers.add(name: "Host", value: "localhost")
        head.headers.add(name: "Connection", value: "close")
        for (name, value) in headers { head.headers.add(name: name, value: value) }
        if let body {
            head.headers.add(name: "Content-Type", value: "application/json")
            head.headers.add(name: "Content-Length", value: "\(body.utf8.count)")
        }
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if let body {
            channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(string: body))), promise: nil)
        }
        // A controller that refuses early answers without reading everything: what it says is worth more than our error.
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    /// The head of the response.
    func head() async throws -> HTTPResponseHead {
        while let part = try await next() {
            if case .head(let head) = part, !(100..<200).contains(head.status.code) { return head }
        }
        throw ClientError.connectionLost(path: path)
    }

    /// The next bytes of the body, nil after the last ones.
    func chunk() async throws -> ByteBuffer? {
        while let part = try await next() {
            switch part {
            case .body(let bytes): return bytes
            case .end: return nil
            case .head: break
            }
        }
        return nil
    }

    /// The rest of the body.
    func body(maxBytes: Int) async throws -> ByteBuffer {
        var body = ByteBuffer()
        while let chunk = try await chunk() {
            guard body.readableBytes + chunk.readableBytes <= maxBytes else {
                throw ClientError.invalidAnswer(path: path, reason: "it is larger than \(maxBytes) bytes")
            }
            body.writeImmutableBuffer(chunk)
        }
        return body
    }

    /// Ends the exchange.
    func close() { channel.close(promise: nil) }

    private func next() async throws -> HTTPClientResponsePart? {
        let future = channel.eventLoop.flatSubmit { [handler, eventLoop = channel.eventLoop] in
            handler.value.next(on: eventLoop)
        }
        do {
            return try await withTaskCancellationHandler {
                try await future.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch let failure as ResponseHandler.Failure {
            try Task.checkCancellation()
            throw ClientError(failure, path: path, maxSilence: maxSilence)
        }
    }
}

extension ClientError {
    fileprivate init(connecting path: String, _ error: any Error) {
        switch error {
        case let error as IOError where error.errnoCode == ENOENT || error.errnoCode == ENOTDIR:
            self = .noSocket(path: path)
        case let error as IOError where error.errnoCode == ECONNREFUSED: self = .notListening(path: path)
        case let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM:
            self = .permissionDenied(path: path)
        case SocketAddressError.unixDomainSocketPathTooLong: self = .pathTooLong(path: path)
        default: self = .cannotConnect(path: path, reason: "\(error)")
        }
    }

    fileprivate init(_ failure: ResponseHandler.Failure, path: String, maxSilence: Duration) {
        switch failure {
        case .connectionLost: self = .connectionLost(path: path)
        case .silent: self = .silent(path: path, after: maxSilence)
        case .notHTTP(let error): self = .invalidAnswer(path: path, reason: "\(error)")
        }
    }
}
