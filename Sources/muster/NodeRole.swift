import CollectiveBus
import DaemonSupport
import Logging
import MusterCLI
import MusterCore
import NIOPosix
import NodeAgent
import SaltProtocol
import ServiceLifecycle
import UnixSignals

/// `muster serve node` and `muster call`: what this machine is to its controllers, and to itself.
enum NodeRole {
    /// Serves until SIGTERM or SIGINT, or until no controller will have the node.
    static func serve(_ options: RoleOptions) async throws {
        let loaded = try NodeSettings.load(ConfigurationSource(options))
        let logger = RoleLogger.make("node", level: options.logLevel ?? loaded.settings.logLevel.rawValue)
        for warning in loaded.warnings { logger.warning("configuration", metadata: ["problem": "\(warning)"]) }
        let collective = try loaded.settings.collectiveFile.map { try CollectiveFile($0) }
        var (configuration, origin) = try configuration(loaded, collective)
        let lock = try StateLock(directory: loaded.settings.stateDirectory)
        defer { withExtendedLifetime(lock) {} }
        if origin == .hostName { try NodeIdentity.keep(configuration.id, for: loaded.settings) }
        let facts = await facts(loaded, id: configuration.id, logger: logger)
        let known = await facts.facts()
        for name in loaded.settings.autosignFacts { configuration.signIn.autosignFacts[name] = known[name] }
        do {
            let services = try services(loaded.settings, configuration, collective, facts: facts, logger: logger)
            let group = ServiceGroup(
                configuration: .init(
                    services: services + [.init(service: CodePages(interval: .seconds(30)))],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: RoleLogger.quiet(logger)))
            try await group.run()
        } catch let error as NodeError {
            throw CommandFailure(ExitStatus(rawValue: error.exitStatus) ?? .failure, "\(error)")
        }
    }

    /// The node of the controllers and that of the collectives, with one set of modules and one job runner.
    private static func services(
        _ settings: NodeSettings, _ configuration: NodeConfiguration, _ collective: CollectiveFile?, facts: FactsStore,
        logger: Logger
    ) throws -> [ServiceGroupConfiguration.ServiceConfiguration] {
        let parts = try collective.map { try $0.parts(modules: modules(settings), facts: facts, logger: logger) }
        let runner = NodeAgent.runner(
            configuration, modules: permitted(parts?.modules ?? modules(settings), settings), facts: facts,
            logger: logger)
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        var services: [any Service] = []
        if !configuration.masters.isEmpty {
            services.append(
                try NodeAgent(configuration, runner: runner, facts: facts, on: eventLoop, logger: logger))
        }
        if let parts {
            services.append(parts.node(runner: runner, drainLimit: configuration.drainLimit, on: eventLoop))
        }
        return services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) }
    }

    /// Calls one function here, without any controller: as a job of its own, so that functions behave as they do for an
    /// operator (`cmd.run` takes a shell).
    static func call(_ call: FunctionCall, _ options: RoleOptions) async throws -> FunctionResult {
        let loaded = try NodeSettings.load(ConfigurationSource(options))
        let logger = RoleLogger.make("call", level: options.logLevel ?? "warning")
        let collective = try loaded.settings.collectiveFile.map { try CollectiveFile($0) }
        let (configuration, _) = try configuration(loaded, collective)
        let facts = await facts(loaded, id: configuration.id, logger: logger)
        let modules = modules(loaded.settings)
        let parts = try collective?.parts(modules: modules, facts: facts, logger: logger)
        let runner = NodeAgent.runner(
            configuration, modules: permitted(parts?.modules ?? modules, loaded.settings), facts: facts, logger: logger)
        var clock = JobIDClock()
        let id = clock.next(at: .now)
        let job = NodeJob(
            id: id, calls: [call],
            publication: [
                "jid": .string(id.text), "fun": .string(call.function), "arg": .array(call.arguments),
                "tgt": "salt-call",
                "tgt_type": "glob", "ret": "",
            ])
        guard let answer = await runner.run(job, in: .init(pillar: [:], masters: NoMasters())).first else {
            throw CommandFailure(.failure, "\(call.function) gave no answer")
        }
        return FunctionResult(answer.value, returnCode: answer.returnCode, outputter: answer.outputter)
    }

    private static func configuration(
        _ loaded: LoadedSettings<NodeSettings>, _ collective: CollectiveFile?
    ) throws -> (NodeConfiguration, NodeIdentity.Origin) {
        let settings = loaded.settings
        var (id, origin) = try NodeIdentity.resolve(settings)
        // Without controllers the collective is where the node has its name.
        if settings.controllers.isEmpty, origin == .hostName,
            let name = collective.flatMap({ NodeID($0.setup.identity) })
        {
            (id, origin) = (name, .configured)
        }
        var configuration = NodeConfiguration(
            id: id, masters: settings.endpoints.map { .init(host: $0.host, requestPort: $0.port) },
            pkiDirectory: settings.keyDirectory, cacheDirectory: settings.stateDirectory)
        configuration.modulesDirectory = settings.modulesDirectory
        configuration.signIn = signIn(settings)
        configuration.returns.timeout = settings.returnTimeout...settings.returnLongestTimeout
        configuration.returns.tries = settings.returnTries
        configuration.returns.replayInterval = settings.returnReplayInterval
        configuration.returns.spoolBytes = settings.returnSpoolBytes
        configuration.jobs.running = settings.maxRunningJobs
        configuration.jobs.waiting = settings.maxWaitingJobs
        configuration.jobs.time = settings.jobTimeLimit
        configuration.seenJobs = settings.seenJobs
        configuration.requestTimeout = settings.requestTimeout
        configuration.drainLimit = settings.drainLimit
        configuration.reconnectDelay = settings.reconnectDelay
        configuration.longestReconnectDelay = settings.reconnectLongestDelay
        configuration.pingInterval = settings.pingInterval
        configuration.firesLegacyStart = settings.firesLegacyStart
        configuration.startEventFacts = settings.startEventFacts
        configuration.filtersTopics = settings.filtersTopics
        configuration.environment = settings.environment
        configuration.pillarEnvironment = settings.pillarEnvironment
        configuration.nodegroups = settings.nodegroups
        configuration.settings = shownSettings(loaded, id: id)
        return (configuration, origin)
    }

    private static func signIn(_ settings: NodeSettings) -> NodeConfiguration.SignIn {
        var signIn = NodeConfiguration.SignIn()
        signIn.retryInterval = settings.signInRetry
        signIn.longestRetry = settings.signInLongestRetry
        signIn.retriesWhenRejected = settings.retriesWhenRejected
        signIn.timeout = settings.signInTimeout
        signIn.masterFingerprint = settings.controllerFingerprint
        signIn.fingerprintDigest = DigestAlgorithm(rawValue: settings.fingerprintDigest.rawValue) ?? .sha256
        signIn.keySignerPath = settings.keySignerFile
        signIn.alwaysVerifiesKeySignature = settings.alwaysVerifiesKeySignature
        signIn.encryption = EncryptionAlgorithm(settings.encryption)
        signIn.signature = SignatureAlgorithm(settings.signature)
        signIn.keyBits = settings.keyBits
        return signIn
    }

    /// What `config.get` and its like see: Salt's own keys where its files were read, and the node's id.
    private static func shownSettings(_ loaded: LoadedSettings<NodeSettings>, id: NodeID) -> ValueMap {
        var shown = loaded.salt
        shown["id"] = .string(id.text)
        shown["grains"] = .map(loaded.settings.facts)
        shown["cachedir"] = .string(loaded.settings.stateDirectory)
        shown["pki_dir"] = .string(loaded.settings.keyDirectory)
        shown["master"] = .array(loaded.settings.controllers.map { .string($0) })
        return shown
    }

    private static func facts(
        _ loaded: LoadedSettings<NodeSettings>, id: NodeID, logger: Logger
    ) async -> FactsStore {
        let source = FactsSource.system(processes: ProcessRunner(logger: logger))
        let shown = shownSettings(loaded, id: id)
        return await FactsStore.open(
            file: YAMLFactsFile(path: loaded.settings.factsFile), configured: loaded.settings.facts, logger: logger
        ) { await CoreFacts.gather(source, configuration: shown) }
    }

    /// The modules that jobs may call, of those that agents brought along too.
    private static func permitted(_ modules: [ExecutionModule], _ settings: NodeSettings) -> [ExecutionModule] {
        let always = Set(self.modules(settings).map(\.name))
        return modules.filter { module in
            // Who may not run commands may not run them by another name.
            guard module.name != "shell" || always.contains("cmd") else { return false }
            return always.contains(module.name)
                || !settings.disabledModules.contains(module.name)
                    && (settings.allowedModules.isEmpty || settings.allowedModules.contains(module.name))
        }
    }

    private static func modules(_ settings: NodeSettings) -> [ExecutionModule] {
        ExecutionModule.builtIn(allowed: settings.allowedModules, disabled: settings.disabledModules)
    }
}
