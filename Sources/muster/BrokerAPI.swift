import HTTPAPI
import ServiceLifecycle

/// A broker's control API: served once clients can connect, so that a broker that does not come so far takes no orders.
struct BrokerAPI: Service {
    let server: APIServer
    /// One element when clients can connect.
    let listening: AsyncStream<Void>

    func run() async throws {
        let isListening = await cancelWhenGracefulShutdown {
            for await _ in listening { return true }
            return false
        }
        guard isListening else { return }
        try await server.run()
    }
}
