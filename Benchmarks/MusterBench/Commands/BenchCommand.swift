import ArgumentParser

/// `muster-bench`, and what it starts itself for.
@main
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "muster-bench", abstract: "The benchmark of Muster.",
        subcommands: [MeasureCommand.self, KeepCommand.self, FloorCommand.self, StompCommand.self],
        defaultSubcommand: MeasureCommand.self)
}
