import FoundationEssentials
import HTTPAPI
import Logging
import MusterTestSupport
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

/// A folder of its own for one test, removed at the end.
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let directory = try TestDirectory()
    defer { withExtendedLifetime(directory) {} }
    return try await body(directory.path)
}

/// Runs the real server on a real socket while `body` runs.
func withServer(
    _ controller: FakeController = FakeController(), maxBodyBytes: Int = 1 << 20, heartbeat: Duration = .seconds(15),
    _ body: (ControllerClient, FakeController) async throws -> Void
) async throws {
    try await withTemporaryFolder { folder in
        var configuration = APIServer.Configuration(socketPath: folder + "/run/control.sock")
        configuration.maxBodyBytes = maxBodyBytes
        configuration.heartbeat = heartbeat
        try await withRunning(configuration, controller) {
            try await body(ControllerClient(socketPath: configuration.socketPath), controller)
        }
    }
}

/// Runs a server until `body` returns, and shuts it down as the executable does.
func withRunning(
    _ configuration: APIServer.Configuration, _ controller: FakeController, _ body: () async throws -> Void
) async throws {
    let (listening, signal) = AsyncStream<Void>.makeStream()
    let server = APIServer(serving: controller, configuration: configuration, logger: .quiet) { signal.yield() }
    let services = ServiceGroup(services: [server], logger: .quiet)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { signal.finish() }
            try await services.run()
        }
        for await _ in listening { break }
        try await body()
        await services.triggerGracefulShutdown()
        try await group.waitForAll()
    }
}

/// A connection that carries bytes, not HTTP.
struct RawConnection {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    init(_ path: String) async throws {
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
            }
    }

    /// Sends text and returns what comes until `isEnough` says so or the server closes.
    func exchange(_ text: String, until isEnough: (String) -> Bool = { _ in false }) async throws -> String {
        try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var received = ""
            for try await chunk in inbound {
                received += String(buffer: chunk)
                if isEnough(received) { break }
            }
            return received
        }
    }
}

/// A request as text, closed after the answer.
func request(_ line: String, headers: [String] = [], body: String? = nil) -> String {
    var lines = ["\(line) HTTP/1.1", "Host: localhost", "Connection: close"] + headers
    if let body { lines.append("Content-Length: \(body.utf8.count)") }
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
}
