import DaemonSupport
import HTTPAPI
import Logging
import MusterCLI
import MusterCore
import NIOCore
import STOMP
import ServiceLifecycle
import StompBroker
import UnixSignals

/// `muster serve broker`: a STOMP broker for the collective and whoever else speaks it, and its control API.
enum BrokerRole {
    /// Descriptors that are not for clients.
    private static let descriptorReserve = 64
    /// The longest password file that is read.
    private static let passwordLimit = 4096

    /// Serves until SIGTERM or SIGINT.
    static func serve(_ options: RoleOptions) async throws {
        let loaded = try BrokerSettings.load(ConfigurationSource(options))
        let settings = loaded.settings
        let logger = RoleLogger.make("broker", level: options.logLevel ?? settings.logLevel.rawValue)
        for warning in loaded.warnings { logger.warning("configuration", metadata: ["problem": "\(warning)"]) }
        let group = ServiceGroup(
            configuration: .init(
                services: try services(settings, logger).map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: RoleLogger.quiet(logger)))
        try await explaining { try await group.run() }
    }

    /// The broker inside a controller, with its control API; empty when there is to be none.
    ///
    /// It is what `broker.yaml` describes; unless that says otherwise, what it keeps is below the controller's state.
    static func embedded(in controller: ControllerSettings) throws -> [any Service] {
        var overrides: ValueMap = [:]
        switch controller.broker {
        case .off: return []
        case .on: break
        case .at(let address): overrides["listen"] = .string(address)
        }
        // What is wrong with the settings is told by the second reading.
        let stated = try? BrokerSettings.load(ConfigurationSource(overrides: overrides)).settings.dataDirectory
        if stated == nil { overrides["data_dir"] = .string(controller.stateDirectory + "/broker") }
        let settings = try BrokerSettings.load(ConfigurationSource(overrides: overrides)).settings
        return try services(settings, RoleLogger.make("broker", level: controller.logLevel.rawValue))
    }

    /// Runs what may fail because of a broker, and says what that means.
    static func explaining(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as BrokerServerError {
            throw CommandFailure(.failure, "\(error)")
        } catch let error as AccountFileError {
            throw CommandFailure(.configuration, "\(error)")
        } catch let error as BrokerCertificateError {
            throw CommandFailure(.configuration, "\(error)")
        }
    }

    private static func services(_ settings: BrokerSettings, _ logger: Logger) throws -> [any Service] {
        let administration = BrokerAdministration()
        let (listening, signal) = AsyncStream<Void>.makeStream()
        let server = BrokerServer(
            try configuration(settings), at: addresses(settings), now: { .now }, logger: logger,
            administration: administration, listening: { _ in signal.yield() })
        let api = try api(administration, settings, logger).map { BrokerAPI(server: $0, listening: listening) }
        return [server] + (api.map { [$0] } ?? [])
    }

    /// The control API; nil where it has no place.
    ///
    /// Several brokers on a machine would have the same socket. The first has it, and the others go without, unless settings
    /// say which it is.
    private static func api(
        _ administration: BrokerAdministration, _ settings: BrokerSettings, _ logger: Logger
    ) throws -> APIServer? {
        let api = APIServer(
            serving: administration, configuration: .init(socketPath: settings.socketPath), logger: logger)
        do {
            // Before any port: another broker's socket is found before clients are.
            try api.prepare()
            return api
        } catch {
            guard settings.controlSocket == nil else {
                throw CommandFailure(.configuration, "control_socket: \(error)")
            }
            logger.warning(
                "no control socket, so that 'muster broker' does not reach this broker: set control_socket",
                metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// The control socket of the broker that a location means.
    static func controlSocket(_ location: BrokerLocation) throws -> String {
        try BrokerSettings.load(ConfigurationSource(file: location.configuration)).settings.socketPath
    }

    private static func addresses(_ settings: BrokerSettings) -> [BrokerServer.Address] {
        settings.addresses.map { .init(host: $0.host, port: $0.port) }
            + settings.tlsAddresses.map { .init(host: $0.host, port: $0.port, isEncrypted: true) }
    }

    private static func configuration(_ settings: BrokerSettings) throws -> BrokerConfiguration {
        var configuration = BrokerConfiguration(server: "Muster/\(Muster.version)")
        configuration.user = try user(settings)
        configuration.isOpenWithoutUsers = (settings.addresses + settings.tlsAddresses).allSatisfy(\.isLoopback)
        configuration.virtualHosts.formUnion(settings.virtualHosts)
        configuration.dataDirectory = settings.dataDirectory
        configuration.accountPath = settings.dataDirectory.map { "\($0)/broker.json" }
        configuration.limits = limits(settings)
        configuration.frameLimits.maxBodyBytes = settings.maxMessageBytes
        configuration.log.maxBytes = settings.maxLogBytes
        let beat = TimeAmount(settings.heartBeat)
        configuration.heartBeat = .init(sends: beat, wants: beat)
        configuration.grace = TimeAmount(settings.shutdownGrace)
        if let certificate = settings.tlsCertificate, let key = settings.tlsKey, !settings.tlsListen.isEmpty {
            configuration.certificates = .init(
                certificate: certificate, key: key, clientAuthority: settings.tlsClientCA)
        }
        // Each client takes one; what would be beyond is refused by us, and not by a system that has none to give.
        let descriptors = DescriptorLimit.raised().current - descriptorReserve
        configuration.maxConnections = min(settings.maxConnections, descriptors)
        configuration.isLimitedByDescriptors = descriptors < settings.maxConnections
        return configuration
    }

    private static func limits(_ settings: BrokerSettings) -> BrokerLimits {
        var limits = BrokerLimits()
        limits.maxQueueMessages = settings.maxQueueMessages
        limits.maxQueueBytes = settings.maxQueueBytes
        limits.maxStoredBytes = settings.maxStoredBytes
        limits.maxQueues = settings.maxQueues
        limits.maxBacklogMessages = settings.maxBacklogMessages
        limits.maxBacklogBytes = settings.maxBacklogBytes
        limits.maxBacklogsBytes = settings.maxBacklogsBytes
        limits.maxTransactionBytes = settings.maxTransactionBytes
        limits.maxTransactionsBytes = settings.maxTransactionsBytes
        limits.maxSubscriptions = settings.maxSubscriptions
        limits.defaultPrefetch = settings.prefetch
        limits.maxRedeliveries = settings.maxRedeliveries
        limits.deadLetterQueue = settings.deadLetterQueue
        return limits
    }

    private static func user(_ settings: BrokerSettings) throws -> BrokerConfiguration.ConfiguredUser? {
        guard let name = settings.user, let file = settings.passwordFile else { return nil }
        let text: String
        do {
            text = String(decoding: try Files.read(file, limitBytes: passwordLimit), as: UTF8.self)
        } catch {
            throw CommandFailure(.configuration, "password_file: \(error)")
        }
        let password = text.prefix { !$0.isNewline }
        guard !password.isEmpty else { throw CommandFailure(.configuration, "'\(file)' has no password in it") }
        return .init(name: name, password: String(password))
    }
}
