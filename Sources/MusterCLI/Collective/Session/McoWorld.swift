import MCollectiveProtocol
import MusterCore

/// What an application of `mco` works with: its command line, its configuration, its terminal, its clocks.
struct McoWorld: Sendable {
    /// Under which name the program runs.
    enum Style: Sendable, Hashable {
        /// A link named `mco`: discovery and ping wait their whole time.
        case classic
        /// `muster mco`: they end when everybody who is known has answered.
        case ours
    }

    var application: String
    var invocation: McoInvocation
    var context: CommandContext
    var style: Style
    /// The defaults where there is no file and none is needed.
    var configuration: CollectiveConfiguration
    var site: @Sendable () throws -> any CollectiveSite
    /// Points in time between which is measured.
    var clock: @Sendable () -> ContinuousClock.Instant = { .now }

    var console: any Console { context.console }
    var descriptions: DDLLibrary { DDLLibrary(directories: configuration.libraryDirectories) }
    var fleet: KnownFleet { .ofUser(console) }
    var colors: McoColors { McoColors(isOn: configuration.color && console.variable("NO_COLOR") == nil) }

    var layout: McoLayout {
        let width = console.variable("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 80
        return McoLayout(colors: colors, isTerminal: console.isTerminal(.output), width: width - 1)
    }

    /// How long brokers are tried. The original tries for ever when nothing is configured.
    var connectionTimeout: Duration {
        .seconds(invocation.connectionTimeout.map(Double.init) ?? configuration.connectionTimeout ?? 30)
    }

    /// The collective that is asked.
    ///
    /// - Throws: ``McoFailure`` when the configuration does not have it.
    func collective() throws(McoFailure) -> String {
        let known = configuration.collectives
        guard let name = invocation.collective else { return configuration.mainCollective }
        guard known.contains(name) else {
            throw McoFailure(
                "Unknown collective '\(name)' known collectives are '\(known.joined(separator: ", "))'")
        }
        return name
    }

    /// Ruby's `puts`: the text and a line end, unless it has one.
    func puts(_ text: String) throws(OutputFailure) {
        try console.write(text.hasSuffix("\n") ? text : text + "\n", to: .output)
    }

    /// Asks a question on standard output that only `y` and `yes` agree to.
    func confirms(_ question: String) -> Bool {
        // Without an output there is nobody to ask.
        guard (try? console.write(question, to: .output)) != nil else { return false }
        return ["y", "yes"].contains((console.readLine() ?? "").lowercased())
    }

    /// A line of the client's log. It has no place in a source file, which the original's have.
    func warn(_ text: String) {
        guard ["debug", "info", "warn"].contains(configuration.logLevel) else { return }
        console.note("\(colors.text(.yellow, "warn")) \(LocalTime.logText(context.now())): \(text)")
    }

    /// Text on standard error without a line end of its own.
    func diagnose(_ text: String) {
        // Nobody can be told when standard error is gone.
        try? console.write(text, to: .diagnostics)
    }
}

extension McoWorld {
    /// The description of an action.
    ///
    /// - Throws: what is said of agents and actions that are not known.
    func action(_ name: String, of agent: String) throws -> DDLAction {
        let description = try descriptions.description(.agent, agent)
        guard let action = description.action(name) else {
            throw DDLRefusal.unknownAction(name, agent: description.metadata.name)
        }
        return action
    }
}
