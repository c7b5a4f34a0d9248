package import MusterCore

/// What commands use of the world: every command runs against this, in the program and in tests.
package struct CommandContext: Sendable {
    package var console: any Console
    /// Connects to the controller that the options, the environment or the defaults name.
    package var connect: @Sendable (ControllerLocation) async throws -> any ControllerService
    /// Connects to the broker that the options, the environment or the defaults name.
    package var connectBroker: @Sendable (BrokerLocation) async throws -> any BrokerService
    /// Starts the daemons, and runs what belongs to a node, in this process.
    package var roles: Roles
    /// The login name of the caller, for audit.
    package var user: String
    /// The clock.
    package var now: @Sendable () -> Timestamp
    /// Waits; throws when it is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// One element for each Ctrl-C, SIGTERM or SIGHUP from now on; before the first call they end the process.
    package var interrupts: @Sendable () async -> AsyncStream<Void>

    package init(
        console: any Console,
        connect: @escaping @Sendable (ControllerLocation) async throws -> any ControllerService,
        connectBroker: @escaping @Sendable (BrokerLocation) async throws -> any BrokerService,
        roles: Roles, user: String, now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        interrupts: @escaping @Sendable () async -> AsyncStream<Void>
    ) {
        self.console = console
        self.connect = connect
        self.connectBroker = connectBroker
        self.roles = roles
        self.user = user
        self.now = now
        self.sleep = sleep
        self.interrupts = interrupts
    }
}

/// Where a command looks for its controller, as it was told. What is nil was not given.
package struct ControllerLocation: Sendable, Hashable {
    /// The path of the control socket: wins over everything else.
    package var socket: String?
    /// Muster's own configuration file of the controller.
    package var configuration: String?
    /// A directory with Salt's `master` file.
    package var saltConfiguration: String?

    package init(socket: String? = nil, configuration: String? = nil, saltConfiguration: String? = nil) {
        self.socket = socket
        self.configuration = configuration
        self.saltConfiguration = saltConfiguration
    }
}

/// Where a command looks for its broker, as it was told. What is nil was not given.
package struct BrokerLocation: Sendable, Hashable {
    /// The path of the control socket: wins over everything else.
    package var socket: String?
    /// The broker's configuration file.
    package var configuration: String?

    package init(socket: String? = nil, configuration: String? = nil) {
        self.socket = socket
        self.configuration = configuration
    }
}

/// What a daemon or a local call is configured by, as it stands on the command line. What is nil was not given.
package struct RoleOptions: Sendable, Hashable {
    /// Muster's own configuration file.
    package var configuration: String?
    /// A directory with Salt's `master` or `minion` file.
    package var saltConfiguration: String?
    /// Settings given as `--set KEY=VALUE`, over those of the files.
    package var overrides: ValueMap
    /// `trace` to `critical`; nil leaves what the configuration says.
    package var logLevel: String?
    /// Lets a controller start although its configuration has open mode, which accepts everybody.
    package var forcesOpenMode = false

    package init(
        configuration: String? = nil, saltConfiguration: String? = nil, overrides: ValueMap = [:],
        logLevel: String? = nil
    ) {
        self.configuration = configuration
        self.saltConfiguration = saltConfiguration
        self.overrides = overrides
        self.logLevel = logLevel
    }
}

/// What the command line starts in its own process. The executable fills it in, so that no command knows a daemon.
package struct Roles: Sendable {
    /// Serves a controller until a signal ends it.
    package var controller: @Sendable (RoleOptions) async throws -> Void
    /// Serves a node until a signal ends it.
    package var node: @Sendable (RoleOptions) async throws -> Void
    /// Serves a STOMP broker until a signal ends it.
    package var broker: @Sendable (RoleOptions) async throws -> Void
    /// Runs one function here, as this machine's node would.
    package var call: @Sendable (FunctionCall, RoleOptions) async throws -> FunctionResult
    /// Explains a configuration key by key.
    package var diagnose: @Sendable (RoleOptions) async throws -> [ConfigurationFinding]
    /// Simulates nodes until it is cancelled or done; what happens is told from another thread.
    package var simulate: Simulate

    package typealias Simulate =
        @Sendable (SimulationSettings, @escaping @Sendable (SimulationEvent) -> Void) async throws -> Void

    package init(
        controller: @escaping @Sendable (RoleOptions) async throws -> Void,
        node: @escaping @Sendable (RoleOptions) async throws -> Void,
        broker: @escaping @Sendable (RoleOptions) async throws -> Void,
        call: @escaping @Sendable (FunctionCall, RoleOptions) async throws -> FunctionResult,
        diagnose: @escaping @Sendable (RoleOptions) async throws -> [ConfigurationFinding],
        simulate: @escaping Simulate
    ) {
        self.controller = controller
        self.node = node
        self.broker = broker
        self.call = call
        self.diagnose = diagnose
        self.simulate = simulate
    }
}

/// What is known about one thing in a configuration.
package struct ConfigurationFinding: Sendable, Hashable, Codable {
    package enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
        case understood, ignored, unknown, wrong
    }

    /// The file it stands in.
    package var file: String
    package var key: String
    package var verdict: Verdict
    /// What it became, why it is ignored, or what is wrong with it.
    package var explanation: String

    package init(file: String, key: String, verdict: Verdict, explanation: String) {
        self.file = file
        self.key = key
        self.verdict = verdict
        self.explanation = explanation
    }
}

/// Something that a command refuses, in one line, with the status the program ends with.
package struct CommandFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package let status: ExitStatus
    package let description: String

    package init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }
}
