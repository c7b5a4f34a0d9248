package import Logging
package import MusterCore
import NIOCore
import NIOPosix
import ServiceLifecycle
import STOMP

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Serves STOMP on TCP until it is shut down.
///
/// One event loop has all virtual hosts and connections.
package struct BrokerServer: Service {
    /// Where to listen, as `127.0.0.1` and 61613.
    package struct Address: Sendable, Hashable, CustomStringConvertible {
        package var host: String
        package var port: Int
        /// Whether TLS is spoken there, for which the configuration must have certificates.
        package var isEncrypted: Bool

        package init(host: String, port: Int, isEncrypted: Bool = false) {
            self.host = host
            self.port = port
            self.isEncrypted = isEncrypted
        }

        package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

        /// As logs and status name it.
        var listener: String { "\(isEncrypted ? "stomp+tls" : "stomp") \(self)" }
    }

    private let configuration: BrokerConfiguration
    private let addresses: [Address]
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let listening: @Sendable ([Address]) -> Void
    private let administration: BrokerAdministration?

    /// - Parameters:
    ///   - administration: What operators reach the broker by.
    ///   - listening: Called once with the addresses, with the ports that the system chose.
    package init(
        _ configuration: BrokerConfiguration, at addresses: [Address], now: @escaping @Sendable () -> Timestamp,
        logger: Logger, administration: BrokerAdministration? = nil,
        listening: @escaping @Sendable ([Address]) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.addresses = addresses
        self.now = now
        self.logger = logger
        self.administration = administration
        self.listening = listening
    }

    /// Serves until a graceful shutdown or cancellation.
    ///
    /// - Throws: `BrokerServerError`, `AccountFileError`, `BrokerCertificateError`; `FileError` when a log cannot be opened.
    package func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        // One thread for passwords, so that who guesses leaves the other processors alone, and one for files.
        let pools = (passwords: NIOThreadPool(numberOfThreads: 1), files: NIOThreadPool(numberOfThreads: 1))
        pools.passwords.start()
        pools.files.start()
        let result: Result<Void, any Error>
        do {
            result = .success(try await serve(on: group, passwords: pools.passwords, files: pools.files))
        } catch {
            result = .failure(error)
        }
        // The pools first: their work ends on the loop. What goes wrong here is not what to tell.
        try? await pools.passwords.shutdownGracefully()
        try? await pools.files.shutdownGracefully()
        try? await group.shutdownGracefully()
        try result.get()
    }

    private func serve(
        on group: MultiThreadedEventLoopGroup, passwords: NIOThreadPool, files: NIOThreadPool
    ) async throws {
        let eventLoop = group.next()
        let (configuration, logger, now) = (configuration, logger, now)
        let (failures, failure) = AsyncStream<BrokerServerError>.makeStream()
        let (broker, certificates) = try await eventLoop.submit {
            let broker = BrokerLoop(
                configuration, on: eventLoop, logger: logger, now: now, makeSecretName: BrokerServer.secretName,
                passwordWork: { work in passwords.submit { work($0 == .cancelled) } },
                fileWork: { work in files.submit { work($0 == .cancelled) } }, failed: { failure.yield($0) })
            try broker.open()
            let certificates = try configuration.certificates.map {
                try CertificateDesk($0, at: eventLoop.now, logger: logger)
            }
            return (
                NIOLoopBound(broker, eventLoop: eventLoop), NIOLoopBound(certificates, eventLoop: eventLoop)
            )
        }.get()
        var channels: [any Channel] = []
        for address in addresses {
            do {
                channels.append(try await listen(at: address, broker, certificates, on: group))
            } catch {
                for channel in channels { channel.close(promise: nil) }
                throw BrokerServerError.cannotListen("\(address)", reason: BrokerServer.reason(error))
            }
        }
        let bound = zip(addresses, channels).map { address, channel in
            Address(
                host: channel.localAddress?.ipAddress ?? address.host, port: channel.localAddress?.port ?? address.port,
                isEncrypted: address.isEncrypted)
        }
        let listeners = bound.map(\.listener)
        logger.info("listening", metadata: ["listeners": "\(listeners.joined(separator: ", "))"])
        try await eventLoop.submit { broker.value.begin(listeners) }.get()
        administration?.serve(.init(broker: broker, eventLoop: eventLoop))
        listening(bound)
        let error = await untilShutdown(or: failures)
        administration?.serve(nil)
        for channel in channels { try? await channel.close() }  // one that is closed already is what we want
        // Nothing is kept any more: there is nobody to wait for.
        if let error { throw error }
        try await eventLoop.flatSubmit { broker.value.drain() }.get()
    }

    /// Waits for a graceful shutdown, cancellation, or the first failure.
    private func untilShutdown(or failures: AsyncStream<BrokerServerError>) async -> BrokerServerError? {
        await withTaskGroup(of: BrokerServerError?.self) { group in
            group.addTask {
                try? await gracefulShutdown()  // cancellation ends it as well
                return nil
            }
            group.addTask {
                for await failure in failures { return failure }
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: "another program listens there"
        case EACCES: "ports below 1024 are for root, or for who has CAP_NET_BIND_SERVICE"
        case EADDRNOTAVAIL: "this machine has no such address"
        default: "\(error)"
        }
    }

    /// 128 bits of the system's generator.
    private static func secretName() -> String {
        (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    }

    private func listen(
        at address: Address, _ broker: NIOLoopBound<BrokerLoop>, _ certificates: NIOLoopBound<CertificateDesk?>,
        on group: MultiThreadedEventLoopGroup
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = BrokerConnection(broker.value, isEncrypted: address.isEncrypted)
                    let pipeline = channel.pipeline.syncOperations
                    if address.isEncrypted, let certificates = certificates.value {
                        let plain = PlainTextGuard { [weak connection] in connection?.noteWrongPort(.plainToTLS) }
                        try pipeline.addHandler(plain)
                        try pipeline.addHandler(certificates.makeHandler(at: channel.eventLoop.now))
                    }
                    try pipeline.addHandler(connection)
                }
            }
            .bind(host: address.host, port: address.port).get()
    }
}

/// Why a broker does not serve.
package enum BrokerServerError: Error, Hashable, Sendable, CustomStringConvertible {
    case cannotListen(String, reason: String)
    /// Another broker keeps its messages there.
    case directoryInUse(String)
    /// What clients were told to be kept may not be.
    case cannotKeep(String, reason: String)

    package var description: String {
        switch self {
        case .cannotListen(let address, let reason): "cannot listen at \(address): \(reason)"
        case .directoryInUse(let path): "another broker keeps its messages in '\(path)'"
        case .cannotKeep(let host, let reason):
            "the messages of virtual host '\(host)' cannot be kept, so the broker ends: \(reason)"
        }
    }
}
