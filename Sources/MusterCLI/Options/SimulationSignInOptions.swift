import ArgumentParser
import MusterCore

/// How simulated nodes sign in.
struct SimulationSignInOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How many sign-ins are under way at a time.", valueName: "number"))
    var signIns = 64
    @Flag(help: "Sign every node in once, print the rate, and end.") var signInOnly = false
    @Flag(
        help: ArgumentHelp(
            "With --sign-in-only: believe the replies, without the RSA work that nodes do on them.",
            discussion: "For measuring a controller on the machine that simulates."))
    var blind = false

    func validate() throws {
        guard (1...100_000).contains(signIns) else { throw ValidationError("--sign-ins takes 1 to 100000") }
        guard !blind || signInOnly else { throw ValidationError("--blind goes with --sign-in-only") }
    }

    func apply(to settings: inout SimulationSettings) {
        settings.signIn.concurrency = signIns
        settings.signIn.isAll = signInOnly
        settings.signIn.isBlind = blind
    }

    /// The words for a process with a share of the nodes: it gets as large a share of the sign-ins.
    func arguments(_ share: SimulationPlan.Share, of count: Int) -> [String] {
        let number = max(1, (signIns * share.count + count / 2) / count)
        return ["--sign-ins=\(number)"] + (signInOnly ? ["--sign-in-only"] : []) + (blind ? ["--blind"] : [])
    }
}
