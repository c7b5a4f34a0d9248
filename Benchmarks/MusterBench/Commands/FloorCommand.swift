import ArgumentParser

/// `muster-bench floor`: the bare sockets, for the benchmark that started it.
struct FloorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor", abstract: "Serve the bare sockets of the floor.", shouldDisplay: false)

    func run() async throws {
        DescriptorLimit.raise()
        try await FloorServer.serve()
    }
}
