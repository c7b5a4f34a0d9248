import MCollectiveProtocol

/// `mco filemgr -f FILE [touch|remove|status]`: files of nodes.
///
/// Source: `application/filemgr.rb` of the filemgr plugin.
struct FilemgrApplication: McoApplication {
    static let name = "filemgr"
    static let summary = "Generic File Manager Client"
    static let usage = ["Usage: mco filemgr [--file FILE] [touch|remove|status]"]
    static let options: [RubyOption] = [
        .init("file", "-f", ["--file"], .text("FILE"), "File to manage"),
        .init("details", "-d", ["--details"], "Show full file details"),
    ]

    private let file: String
    private let command: String
    private let showsDetails: Bool

    init(_ invocation: McoInvocation) throws {
        guard let file = invocation["file"] else {
            throw McoExit(1, "The file option is mandatory\n\nPlease run with --help for detailed help")
        }
        self.file = file
        command = invocation.words.first ?? "touch"
        showsDetails = invocation.has("details")
    }

    func run(in world: McoWorld) async throws -> Int32 {
        guard ["touch", "remove", "status"].contains(command) else {
            try world.puts("Valid commands are 'touch', 'status', and 'remove'")
            return 1
        }
        return try await McoClient.with(world, agent: "filemgr") { client in
            let outcome = try await client.call(command, [.symbol("file"): .text(file)])
            if command == "status", !showsDetails {
                for result in outcome.results { try world.puts(line(result, world.layout)) }
            } else {
                try world.printResults(outcome.results, of: try client.action(command))
            }
            try world.printStatistics(outcome.statistics)
            return outcome.statistics.exitCode
        }
    }

    private func line(_ result: McoResult, _ layout: McoLayout) -> String {
        let output = result.reply.data[named: "output"] ?? .null
        let text = output == .null ? result.reply.message : RubyText.text(of: output)
        return "\(RubyText.padded(layout.name(result.sender), 40)): \(layout.shown(text))"
    }
}
