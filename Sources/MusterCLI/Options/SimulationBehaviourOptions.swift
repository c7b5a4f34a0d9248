import ArgumentParser
import MusterCore

/// What simulated nodes do with jobs.
struct SimulationBehaviourOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long a node takes for an answer, give or take half of it: 50ms, 2s.", valueName: "duration"))
    var think: Pause?
    @Option(help: ArgumentHelp("Percent of the nodes that sign in and never answer.", valueName: "percent"))
    var silent = Percent.zero
    @Option(help: ArgumentHelp("Percent of the nodes that answer with return code 1.", valueName: "percent"))
    var failing = Percent.zero
    @Option(
        help: ArgumentHelp(
            "Keep answers until so many wait, and let them go all at once a second later; then again.",
            valueName: "answers"))
    var hold = 0
    @Flag(help: "Neither ask for pillar nor announce: nodes count as connected when they have subscribed.")
    var noStart = false

    func validate() throws {
        guard silent.percent + failing.percent <= 100 else {
            throw ValidationError("--silent and --failing are more than all nodes together")
        }
        guard hold >= 0 else { throw ValidationError("--hold takes a number of 0 or more") }
    }

    func apply(to settings: inout SimulationSettings) {
        settings.behaviour.think = think?.duration ?? .zero
        settings.behaviour.heldAnswers = hold
        settings.behaviour.silentPercent = silent.percent
        settings.behaviour.failingPercent = failing.percent
        settings.behaviour.startsUp = !noStart
    }

    /// - Parameters:
    ///   - nodes: The places of the nodes of a process, among all.
    ///   - count: How many nodes there are in all.
    func arguments(_ nodes: Range<Int>, of count: Int) -> [String] {
        let pause = think.map { ["--think=\($0.duration.microseconds)us"] } ?? []
        let held = hold * nodes.upperBound / count - hold * nodes.lowerBound / count
        return pause + ["--hold=\(held)"] + ["--silent=\(silent.percent)", "--failing=\(failing.percent)"]
            + (noStart ? ["--no-start"] : [])
    }
}

/// A share in percent, with or without the sign.
struct Percent: ExpressibleByArgument, Sendable, Hashable {
    static let zero = Percent(percent: 0)

    let percent: Double

    private init(percent: Double) { self.percent = percent }

    init?(argument: String) {
        guard let percent = Double(argument.hasSuffix("%") ? String(argument.dropLast()) : argument),
            (0...100).contains(percent)
        else { return nil }
        self.init(percent: percent)
    }

    var defaultValueDescription: String { "\(percent)" }
}

/// A time up to a day: `50ms`, `2s`, `1m`; a bare number is seconds.
struct Pause: ExpressibleByArgument, Sendable, Hashable {
    let duration: Duration

    private static let units = [("us", 1.0), ("ms", 1e3), ("s", 1e6), ("m", 60e6), ("", 1e6)]

    init?(argument: String) {
        for (unit, microseconds) in Self.units where argument.hasSuffix(unit) {
            guard let number = Double(argument.dropLast(unit.count)), (0...86_400e6).contains(number * microseconds)
            else { continue }
            duration = .microseconds(Int64(number * microseconds))
            return
        }
        return nil
    }
}
