import ArgumentParser
import DaemonSupport
import MusterCore

/// `muster simulate`: a fleet that is not there.
struct SimulateCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Simulate nodes, thousands of them, for a controller or a Salt master.",
        discussion: """
            Each node has its own id, facts and session, signs in, subscribes, announces itself and answers: test.ping, \
            test.echo, test.version, test.sleep, grains.items, grains.get, grains.item, saltutil.find_job and running, and \
            cmd.run with a text that says so. Nothing is run. All nodes share one key pair unless told otherwise. Ctrl-C ends \
            them.

            muster simulate 1000 --controller 192.0.2.1 --accept-into /var/lib/muster/controller/pki
            """)

    @Argument(help: ArgumentHelp("How many nodes.", valueName: "n")) var count: Int
    @OptionGroup(title: "Where") var place: SimulationPlaceOptions
    @OptionGroup(title: "Behaviour") var behaviour: SimulationBehaviourOptions
    @OptionGroup(title: "Signing in") var signIn: SimulationSignInOptions
    @OptionGroup(title: "Keys") var keys: SimulationKeyOptions
    @Flag(help: "Print lines of JSON: milestones, and counts once a second.") var json = false
    @Option(help: ArgumentHelp("Make the same random choices as with this number before.", valueName: "number"))
    var seed: UInt64?
    @OptionGroup var life: LifeOptions

    func validate() throws {
        guard (1...100_000).contains(count) else { throw ValidationError("the number of nodes is 1 to 100000") }
        guard count + place.first <= 100_000_000 else { throw ValidationError("--first is too large") }
        guard behaviour.hold <= count * SimulationSettings.heldAnswersOfNode else {
            throw ValidationError("--hold: a node holds at most \(SimulationSettings.heldAnswersOfNode) answers")
        }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        life.apply()
        let settings = settings()
        let plan = try SimulationPlan(settings, limits: .ofSystem())
        let screen = SimulationScreen(context.console, isJSON: json)
        let last = try await SimulationRun(context: context, settings: settings, plan: plan).run(screen) {
            share, place in
            self.arguments(share, place, seed: settings.seed)
        }
        guard signIn.signInOnly else { return .success }
        return last?.counts.signedIn == count ? .success : .failure
    }

    private func settings() -> SimulationSettings {
        var settings = SimulationSettings(count: count)
        settings.seed = seed ?? .random(in: 0...(.max))
        place.apply(to: &settings)
        behaviour.apply(to: &settings)
        signIn.apply(to: &settings)
        keys.apply(to: &settings)
        return settings
    }

    /// The words of a process that simulates a share.
    private func arguments(_ share: SimulationPlan.Share, _ place: Int, seed: UInt64) -> [String] {
        var words = [
            "simulate", String(share.count), "--json", "--end-with-input", "--seed", "\(seed &+ UInt64(place))",
        ]
        let start = share.first - self.place.first
        words += self.place.arguments(share) + behaviour.arguments(start..<start + share.count, of: count)
        words += signIn.arguments(share, of: count) + keys.arguments
        return words
    }
}
