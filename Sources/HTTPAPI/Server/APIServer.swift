import Hummingbird
import HummingbirdCore
package import Logging
package import MusterCore
import NIOCore
import ServiceLifecycle
import Synchronization

/// Serves a `ControllerService` as HTTP and JSON on a unix socket: docs/api.md; or a `BrokerService`: docs/broker.md.
///
/// Only the user it runs as and root get in: by the mode of the socket file and by the credentials of each peer. Ends its
/// streams with an error event and then itself on graceful shutdown.
package struct APIServer: Service {
    package struct Configuration: Sendable, Hashable {
        package var socketPath: String
        /// Larger request bodies are refused with status 413.
        package var maxBodyBytes = 16 << 20
        /// How often an idle event stream shows that it is alive.
        package var heartbeat = Duration.seconds(15)
        /// Further connections wait in the kernel's queue until one ends.
        package var maxConnections = 1024

        package init(socketPath: String) { self.socketPath = socketPath }
    }

    /// What is served.
    private enum Served {
        case controller(any ControllerService)
        case broker(any BrokerService)
    }

    private let service: Served
    private let configuration: Configuration
    private let logger: Logger
    private let onListening: @Sendable () async -> Void

    /// - Parameter onListening: called once clients can connect.
    package init(
        serving service: any ControllerService, configuration: Configuration, logger: Logger,
        onListening: @escaping @Sendable () async -> Void = {}
    ) {
        self.service = .controller(service)
        self.configuration = configuration
        self.logger = logger
        self.onListening = onListening
    }

    /// - Parameter onListening: Called once clients can connect.
    package init(
        serving service: any BrokerService, configuration: Configuration, logger: Logger,
        onListening: @escaping @Sendable () async -> Void = {}
    ) {
        self.service = .broker(service)
        self.configuration = configuration
        self.logger = logger
        self.onListening = onListening
    }

    /// Makes the socket's folder and sees that nobody listens there. `run()` does it too; a program does it before it
    /// opens anything else.
    ///
    /// - Throws: `APIServerError`.
    package func prepare() throws { try SocketFile(path: configuration.socketPath).prepare() }

    /// Listens until it is cancelled or shut down.
    ///
    /// - Throws: `APIServerError` when the socket cannot be opened; nothing is left behind then.
    package func run() async throws {
        let file = SocketFile(path: configuration.socketPath)
        try file.prepare()
        let bound = Mutex<SocketFile.Identity?>(nil)
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            router: makeRouter(),
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: configuration.socketPath),
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maxConnections)),
            onServerRunning: { [logger, onListening] channel in
                do {
                    let identity = try file.restrict()
                    bound.withLock { $0 = identity }
                    logger.info("control socket open", metadata: ["api.socket": "\(file.path)"])
                    await onListening()
                } catch {
                    // Stopped before it was ready: the reason for that is told by who stopped it.
                    guard !Task.isCancelled else { return }
                    logger.error("control socket not usable", metadata: ["error": "\(error)"])
                    channel.close(promise: nil)
                }
            },
            logger: quiet)
        defer { bound.withLock { $0 }.map(file.remove) }
        do {
            try await application.run()
        } catch let error as IOError {
            throw APIServerError.cannotListen(path: file.path, reason: error.description)
        }
    }

    /// Every route of the API, behind the checks that all of them share.
    private func makeRouter() -> Router<APIContext> {
        let router = Router(context: APIContext.self)
        router.add(middleware: ErrorMiddleware(maxBodyBytes: configuration.maxBodyBytes))
        router.add(middleware: PeerMiddleware())
        let group = router.group("v1")
        let maxBodyBytes = configuration.maxBodyBytes
        switch service {
        case .controller(let service):
            JobRoutes(service: service, maxBodyBytes: maxBodyBytes, heartbeat: configuration.heartbeat).add(to: group)
            KeyRoutes(service: service, maxBodyBytes: maxBodyBytes).add(to: group)
            NodeRoutes(service: service, maxBodyBytes: maxBodyBytes).add(to: group)
            EventRoutes(service: service, heartbeat: configuration.heartbeat).add(to: group)
            StatusRoutes(service: service).add(to: group)
        case .broker(let service): BrokerRoutes(service: service, maxBodyBytes: maxBodyBytes).add(to: group)
        }
        return router
    }
}
