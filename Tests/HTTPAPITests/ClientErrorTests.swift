import Glibc
@testable import HTTPAPI
import MusterCore
import NIOCore
import NIOPosix
import Testing

@Suite("what the client says when things go wrong")
struct ClientErrorTests {
    @Test(
        "the controller's errors arrive as they were thrown",
        arguments: [
            .nothingMatched(target: "web*"), .unknownNodes(["a", "b ü"]), .unknownJob(Sample.jobID),
            .unknownNode(Sample.odd), .jobHasEnded(Sample.jobID), .invalidTarget(expression: "G@", reason: "empty"),
            .invalidRequest(reason: "no function"), .noKeyMatched(["x*"]),
            .keysUnchanged([NodeID("web1")!], reason: "full"), .storeUnavailable(reason: "full"),
            .shuttingDown,
        ] as [ControllerError])
    func controllerErrors(error: ControllerError) async throws {
        try await withServer { client, controller async throws in
            controller.fail(with: error)
            await #expect(throws: error) { try await client.publish(Sample.request) }
            await #expect(throws: error) { try await client.follow(Sample.jobID) }
        }
    }

    @Test("an error that nobody foresaw still arrives with its text")
    func unforeseen() async throws {
        struct Surprise: Error {}
        try await withServer { client, controller async throws in
            controller.fail(with: Surprise())
            await #expect(
                throws: ClientError.refused(
                    status: 500, code: "internal", message: "the daemon failed: Surprise()")
            ) { try await client.status() }
        }
    }

    @Test func noSocket() async throws {
        try await withTemporaryFolder { folder async throws in
            let path = folder + "/none.sock"
            await #expect(throws: ClientError.noSocket(path: path)) {
                try await ControllerClient(socketPath: path).status()
            }
        }
    }

    @Test func pathTooLong() async throws {
        let path = "/" + String(repeating: "x", count: 200)
        await #expect(throws: ClientError.pathTooLong(path: path)) {
            try await ControllerClient(socketPath: path).status()
        }
    }

    @Test("nobody listens at a socket that was left behind")
    func staleSocket() async throws {
        try await withTemporaryFolder { folder async throws in
            let path = folder + "/stale.sock"
            try leaveStaleSocket(at: path)
            await #expect(throws: ClientError.notListening(path: path)) {
                try await ControllerClient(socketPath: path).status()
            }
        }
    }

    struct Broken: Sendable {
        var answer: String
        var error: @Sendable (String) -> ClientError
    }

    @Test(
        "a controller that dies or talks nonsense is named",
        arguments: [
            ("", "lost"), ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "lost"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ver", "lost"),
            ("SSH-2.0-OpenSSH\r\n", "invalid"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{]", "invalid"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "invalid"),
            ("HTTP/1.1 502 Bad\r\nContent-Length: 2\r\n\r\nno", "invalid"),
        ])
    func brokenAnswers(answer: String, kind: String) async throws {
        try await withFakeServer(answering: answer) { path async throws in
            do {
                _ = try await ControllerClient(socketPath: path).status()
                Issue.record("no error")
            } catch ClientError.connectionLost(path) {
                #expect(kind == "lost")
            } catch ClientError.invalidAnswer(path, let reason) {
                #expect(kind == "invalid", "\(reason)")
            }
        }
    }

    @Test("a controller that dies in mid-stream is an error after the updates that arrived")
    func streamCutOff() async throws {
        let update = Sample.updates[2]
        let event = ServerSentEvent(name: "changed", data: JSON.text(try ValueEncoder().encode(update))).text
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        let chunk = String(event.utf8.count, radix: 16) + "\r\n\(event)\r\n"
        try await withFakeServer(answering: head + chunk) { path async throws in
            var iterator = try await ControllerClient(socketPath: path).follow(Sample.jobID).makeAsyncIterator()
            #expect(try await iterator.next() == [update])
            await #expect(throws: ClientError.connectionLost(path: path)) { try await iterator.next() }
        }
    }

    @Test("a controller that accepts and then says nothing is not waited for without end")
    func silence() async throws {
        try await withFakeServer(answering: nil) { path async throws in
            let client = ControllerClient(socketPath: path, maxSilence: .milliseconds(50))
            await #expect(throws: ClientError.silent(path: path, after: .milliseconds(50))) {
                try await client.status()
            }
        }
    }

    @Test func answerOverTheLimit() async throws {
        try await withServer { client, _ async throws in
            let small = ControllerClient(socketPath: client.socketPath, maxAnswerBytes: 100)
            await #expect(
                throws: ClientError.invalidAnswer(path: client.socketPath, reason: "it is larger than 100 bytes")
            ) {
                try await small.job(Sample.jobID)
            }
        }
    }

    /// Accepts connections, waits for a request, writes `answer` and closes; with nil it never says anything.
    private func withFakeServer(answering answer: String?, _ body: (String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder async throws in
            let path = folder + "/fake.sock"
            let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Reply(answer))
                    }
                }
                .bind(unixDomainSocketPath: path).get()
            try await body(path)
            try await server.close()
        }
    }

    private final class Reply: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let answer: String?
        init(_ answer: String?) { self.answer = answer }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard let answer else { return }
            let channel = context.channel
            channel.writeAndFlush(ByteBuffer(string: answer)).whenComplete { _ in channel.close(promise: nil) }
        }
    }
}

/// A socket file whose listener is gone. NIO would remove the file with it.
func leaveStaleSocket(at path: String) throws {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    try #require(result == 0)
}
