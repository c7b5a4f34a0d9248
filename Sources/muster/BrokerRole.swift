import DaemonSupport
import Logging
import MusterCLI
import MusterCore
import ServiceLifecycle
import StompBroker
import UnixSignals

/// `muster serve broker`: a STOMP broker for the collective and whoever else speaks it.
enum BrokerRole {
    /// Descriptors that are not for clients.
    private static let descriptorReserve = 64
    /// The longest password file that is read.
    private static let passwordLimit = 4096

    /// Serves until SIGTERM or SIGINT.
    static func serve(_ options: BrokerRoleOptions) async throws {
        let logger = RoleLogger.make("broker", level: options.logLevel ?? "info")
        var configuration = BrokerConfiguration(server: "Muster/\(Muster.version)")
        configuration.user = try user(options)
        configuration.isOpenWithoutUsers = options.addresses.allSatisfy(\.isLoopback)
        configuration.accountPath = options.dataDirectory.map { "\($0)/broker.json" }
        configuration.virtualHosts.formUnion(options.virtualHosts)
        configuration.dataDirectory = options.dataDirectory
        // Each client takes one; what would be beyond is refused by us, and not by a system that has none to give.
        configuration.maxConnections = min(
            configuration.maxConnections, DescriptorLimit.raised().current - descriptorReserve)
        let server = BrokerServer(
            configuration, at: options.addresses.map { .init(host: $0.host, port: $0.port) }, now: { .now },
            logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server)], gracefulShutdownSignals: [.sigterm, .sigint],
                logger: RoleLogger.quiet(logger)))
        do {
            try await group.run()
        } catch let error as BrokerServerError {
            throw CommandFailure(.failure, "\(error)")
        }
    }

    private static func user(_ options: BrokerRoleOptions) throws -> BrokerConfiguration.ConfiguredUser? {
        if let name = options.user, let file = options.passwordFile {
            let text = String(decoding: try Files.read(file, limitBytes: passwordLimit), as: UTF8.self)
            let password = text.prefix { !$0.isNewline }
            guard !password.isEmpty else { throw CommandFailure(.configuration, "'\(file)' has no password in it") }
            return .init(name: name, password: String(password))
        }
        if options.dataDirectory == nil, let open = options.addresses.first(where: { !$0.isLoopback }) {
            throw CommandFailure(
                .configuration,
                "\(open.host):\(open.port) can be reached from other machines: give --user and --password-file, or listen at "
                    + "127.0.0.1 only")
        }
        return nil
    }
}
