/// How long a command line takes that does nothing but say its version.
struct StartUp {
    static let figures = [
        Figure(
            section: .commandLine, kind: "start-up", title: "`muster version`, `salt --version`", unit: .milliseconds,
            better: .less)
    ]

    static func measure(_ version: Program, rounds: Int) async throws -> [Samples] {
        // Once for the page cache.
        _ = try await version.succeed(within: .seconds(60))
        return [
            try await Round.values(rounds) { try await version.succeed(within: .seconds(60)).time.inMilliseconds }
        ]
    }
}
