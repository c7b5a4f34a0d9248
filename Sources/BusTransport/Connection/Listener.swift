import NIOCore
import NIOPosix
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The listening sockets of one server.
///
/// Owner of the list: a mutex, since binding and shutting down come from anywhere.
final class Listener: Sendable {
    private let group: any EventLoopGroup
    private let options: ServerOptions
    private let accept: @Sendable (any Channel) throws -> Void
    private let acceptFailed: @Sendable (IOError) -> Void
    private let failures = Atomic<Int>(0)
    private let channels = Mutex<[any Channel]>([])

    /// - Parameters:
    ///   - accept: Called on the new connection's loop; adds its handler.
    ///   - acceptFailed: Called on the loop of the listening socket when the system has no connection to give.
    init(
        group: any EventLoopGroup, options: ServerOptions, accept: @escaping @Sendable (any Channel) throws -> Void,
        acceptFailed: @escaping @Sendable (IOError) -> Void
    ) {
        self.group = group
        self.options = options
        self.accept = accept
        self.acceptFailed = acceptFailed
    }

    /// How often the system had no connection to give, since descriptors or memory ran out.
    var acceptFailures: Int { failures.load(ordering: .relaxed) }

    /// Binds all endpoints, or none: when one fails the others are given back.
    ///
    /// - Returns: The addresses in the order of `endpoints`, with the ports the system chose.
    func bind(to endpoints: [Endpoint]) async throws -> [SocketAddress] {
        var bound: [any Channel] = []
        // `::` takes IPv4 too, unless it is bound beside an IPv4 address of its own.
        let onlyIPv6 = endpoints.contains { !$0.isIPv6Literal }
        do {
            for endpoint in endpoints {
                let channel = try await bind(to: endpoint, onlyIPv6: onlyIPv6)
                bound.append(channel)
            }
        } catch {
            for channel in bound { channel.close(promise: nil) }
            throw error
        }
        let opened = bound
        channels.withLock { $0 += opened }
        return bound.compactMap(\.localAddress)
    }

    /// Closes the listening sockets, and waits for it; connections stay.
    func stop() async {
        let open = channels.withLock { channels in
            defer { channels = [] }
            return channels
        }
        // A listening socket that is closed already is what we want.
        for channel in open { try? await channel.close() }
    }

    private func bind(to endpoint: Endpoint, onlyIPv6: Bool) async throws -> any Channel {
        let accept = self.accept
        let failed: @Sendable (IOError) -> Void = { error in
            self.failures.add(1, ordering: .relaxed)
            self.acceptFailed(error)
        }
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: CInt(clamping: options.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptFailureHandler(failed))
                    guard endpoint.isIPv6Literal else { return }
                    let option = ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only)
                    try channel.syncOptions?.setOption(option, value: onlyIPv6 ? 1 : 0)
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try accept(channel) }
            }
        do {
            return try await bootstrap.bind(host: endpoint.host, port: endpoint.port).get()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw BusError.addressInUse(endpoint)
        } catch let error as IOError where error.errnoCode == EACCES {
            throw BusError.permissionDenied(endpoint)
        } catch {
            throw BusError.cannotBind(endpoint, cause: "\(error)")
        }
    }
}
