import CollectiveBus
import Controller
import DaemonSupport
import HTTPAPI
import Logging
import MusterCLI
import MusterCore
import SaltProtocol
import ServiceLifecycle
import UnixSignals
import Store

/// `muster serve controller`: the store, the controller and its control API as one service group.
enum ControllerRole {
    /// Serves until SIGTERM or SIGINT.
    static func serve(_ options: RoleOptions) async throws {
        let loaded = try ControllerSettings.load(ConfigurationSource(options))
        let settings = loaded.settings
        let logger = RoleLogger.make("controller", level: options.logLevel ?? settings.logLevel.rawValue)
        for warning in loaded.warnings { logger.warning("configuration", metadata: ["problem": "\(warning)"]) }
        let configuration = try configuration(settings)
        if settings.isOpen {
            guard options.forcesOpenMode else {
                throw CommandFailure(
                    .configuration,
                    "open_mode is on in \(loaded.files.joined(separator: ", ")): it accepts every node and overwrites stored "
                        + "keys; remove it, or start with --force-open-mode for as long as you need it")
            }
            logger.warning("open mode: every node is accepted and overwrites the stored key")
        }
        for file in configuration.salt.autosign.unsafeFiles() {
            logger.warning("file ignored because others may write it", metadata: ["file.path": "\(file)"])
        }
        let broker = try BrokerRole.embedded(in: settings)
        let store = try SQLiteStore(
            SQLiteConfiguration(path: settings.storePath, maximumBytes: settings.storeLimitBytes),
            told: { turn in
                switch turn {
                case .stopped(let error): logger.error("the store takes no writes", metadata: ["error": "\(error)"])
                case .resumed: logger.notice("the store takes writes again")
                }
            })
        let controller = try await controller(configuration, store: store, logger: logger)
        let api = APIServer(
            serving: controller, configuration: .init(socketPath: settings.controlSocket), logger: logger)
        let services: [any Service] = [controller, api] + broker
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: RoleLogger.quiet(logger)))
        do {
            // Before any port: another controller's socket is found before nodes are.
            try api.prepare()
            // Before the control socket is bound: what cannot be reached by nodes takes no orders.
            try await controller.open()
            try await BrokerRole.explaining { try await group.run() }
        } catch {
            try await store.close()
            throw error
        }
        try await store.close()
    }

    private static func controller(
        _ configuration: ControllerConfiguration, store: SQLiteStore, logger: Logger
    ) async throws -> Controller {
        do {
            return try await Controller(configuration, store: store, logger: logger)
        } catch {
            try await store.close()
            guard let error = error as? KeyStoreError else { throw error }
            throw CommandFailure(.configuration, "\(error)")
        }
    }

    /// The control socket of the controller that a location means.
    static func controlSocket(_ location: ControllerLocation) throws -> String {
        try ControllerSettings.load(
            ConfigurationSource(file: location.configuration, saltDirectory: location.saltConfiguration)
        ).settings.controlSocket
    }

    private static func configuration(_ settings: ControllerSettings) throws -> ControllerConfiguration {
        var configuration = ControllerConfiguration(
            keyDirectory: settings.keyDirectory, stateDirectory: settings.stateDirectory)
        configuration.keyBits = settings.keyBits
        configuration.nodegroups = settings.nodegroups
        configuration.pillar = settings.pillar.map {
            TargetedPillar.Entry(target: $0.key.pythonText, data: $0.value.map ?? [:])
        }
        configuration.jobTimeout = settings.jobTimeout
        configuration.gatherTimeout = settings.gatherTimeout
        configuration.restartGrace = settings.restartGrace
        configuration.rotatesKeyOnRemoval = settings.rotatesOnRemoval
        configuration.allowsKeyRevocation = settings.allowsKeyRevocation
        configuration.retention = Retention(age: settings.retentionAge, bytes: settings.retentionBytes)
        configuration.shutdownGrace = settings.shutdownGrace
        configuration.collective = try collective(settings)
        configuration.salt.hosts = settings.listen
        configuration.salt.publishPort = settings.publishPort
        configuration.salt.requestPort = settings.requestPort
        configuration.salt.backlog = settings.backlog
        configuration.salt.maxConnections = settings.maxConnections
        configuration.salt.handshakeTimeout = settings.handshakeTimeout
        configuration.salt.descriptorLimit = DescriptorLimit.raised().current
        configuration.salt.maxRequestBytes = settings.maxRequestBytes
        configuration.salt.requestMemoryBytes = settings.requestMemoryBytes
        configuration.salt.unaskedReturns = settings.unaskedReturns
        configuration.salt.eventLimits.perMinute = settings.eventsPerMinute
        configuration.salt.eventLimits.bytes = settings.maxEventBytes
        configuration.salt.publishHighWaterMark = settings.publishQueue
        configuration.salt.keyLifetime = settings.keyLifetime
        configuration.salt.acceptsVersion2 = settings.acceptsVersion2
        configuration.salt.clockTolerance = settings.clockTolerance
        configuration.salt.firesAuthEvents = settings.firesAuthEvents
        configuration.salt.cryptographyThreads = settings.cryptographyThreads
        configuration.salt.publishSignature = SignatureAlgorithm(settings.publishSignature)
        configuration.salt.keySignature = try keySignature(settings)
        configuration.salt.autosign = autosign(settings)
        return configuration
    }

    private static func collective(_ settings: ControllerSettings) throws -> CollectiveFabricConfiguration? {
        guard let file = settings.collectiveFile else { return nil }
        do throws(CollectiveSetupError) {
            let setup = try CollectiveSetup(file: file, role: .client, environment: ProcessEnvironment.variables)
            var collective = CollectiveFabricConfiguration(setup: setup)
            collective.discoveryTimeout = settings.collectiveDiscoveryTimeout
            return collective
        } catch {
            throw CommandFailure(.configuration, "collective_config: \(error)")
        }
    }

    private static func autosign(_ settings: ControllerSettings) -> AutosignPolicy {
        var policy = AutosignPolicy()
        policy.acceptsAll = settings.acceptsAll
        policy.isOpen = settings.isOpen
        policy.acceptFile = settings.autosignFile
        policy.rejectFile = settings.autorejectFile
        policy.factsDirectory = settings.autosignFactsDirectory
        policy.stubLifetime = settings.autosignLifetime
        policy.maxNodes = settings.maxNodes
        policy.maxPending = settings.maxPendingKeys
        return policy
    }

    private static func keySignature(_ settings: ControllerSettings) throws -> ControllerIdentity.KeySignature? {
        if let file = settings.keySignatureFile {
            return .stored(try usable("key_signature_file", file) { try Files.text(file) })
        }
        guard let file = settings.signingKeyFile else { return nil }
        return .made(by: try usable("signing_key_file", file) { try PrivateKey(pem: try Files.text(file)) })
    }

    /// What a setting's file holds; what is wrong with it is an error of the configuration that names the setting.
    private static func usable<Content>(_ key: String, _ file: String, _ read: () throws -> Content) throws -> Content {
        do {
            return try read()
        } catch {
            throw CommandFailure(.configuration, "\(key): '\(file)': \(error)")
        }
    }
}

extension SignatureAlgorithm {
    /// The algorithm that a setting names.
    init(_ name: SignatureName) {
        switch name {
        case .sha1: self = .pkcs1v15SHA1
        case .sha224: self = .pkcs1v15SHA224
        }
    }
}

extension EncryptionAlgorithm {
    /// The algorithm that a setting names.
    init(_ name: EncryptionName) {
        switch name {
        case .sha1: self = .oaepSHA1
        case .sha224: self = .oaepSHA224
        }
    }
}

extension ConfigurationSource {
    /// Where the command line says that the settings are.
    init(_ options: RoleOptions) {
        self.init(
            file: options.configuration, saltDirectory: options.saltConfiguration, overrides: options.overrides)
    }
}
