import BusTransport
import DaemonSupport
import MusterCore
import NIOCore
import NIOPosix

/// The process of the bare sockets, seen from the benchmark.
struct FloorProcess {
    /// About what a return takes on the wire.
    static let messageBytes = 400

    let routerPort: Int
    let publisherPort: Int
    private let daemon: Daemon
    private let control: RequestClient

    /// Starts it for `body`, and ends it.
    static func with<Result>(_ site: Site, _ body: (FloorProcess) async throws -> Result) async throws -> Result {
        let log = site.directory.file("floor.log")
        try Files.remove(log)
        let daemon = try Daemon("the bare sockets", Spawn.ownProgram, ["floor"], log: log)
        do {
            let ports = try await poll("the bare sockets listen", within: .seconds(30)) {
                try daemon.check()
                // No log yet is no line.
                let ports = ((try? Files.text(log)) ?? "").split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
                return ports.count == 2 ? ports : nil
            }
            let control = RequestClient(
                connectingTo: Endpoint(host: "127.0.0.1", port: ports[0]),
                on: MultiThreadedEventLoopGroup.singleton.next())
            let result: Result
            do {
                result = try await body(
                    FloorProcess(routerPort: ports[0], publisherPort: ports[1], daemon: daemon, control: control))
            } catch {
                await control.shutdown()
                throw error
            }
            await control.shutdown()
            await daemon.stop()
            return result
        } catch {
            await daemon.stop()
            throw error
        }
    }

    var processorTime: Duration {
        get throws { try daemon.processes.processorTime }
    }

    /// Has messages published.
    ///
    /// - Returns: how many subscribers there are.
    @discardableResult
    func publish(_ messages: Int) async throws -> Int {
        let order = FloorOrder(messages: messages, bytes: FloorProcess.messageBytes)
        let reply = try await control.request(order.payload, timeout: .seconds(60))
        return Int(String(buffer: reply)) ?? 0
    }
}
