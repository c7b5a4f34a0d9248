import MCollectiveProtocol

/// `mco package PACKAGE ACTION`: what is installed, and installing it.
///
/// Source: `application/package.rb` of the package plugin.
struct PackageApplication: McoApplication {
    static let name = "package"
    static let summary = "Install, uninstall, update, purge and perform other actions to packages"
    static let usage = [
        "mco package [OPTIONS] [FILTERS] <ACTION> <PACKAGE>",
        """
        mco package <PACKAGE> <install|uninstall|purge|update|status>

        The ACTION can be one of the following:

            install    - install PACKAGE
            uninstall  - uninstall PACKAGE
            purge      - uninstall PACKAGE and purge related config files
            update     - update PACKAGE
            status     - determine whether PACKAGE is installed and report its version
        """,
    ]
    static let options: [RubyOption] = [
        .init("yes", "-y", ["--yes"], "Assume yes on any prompts"),
        .init("version", nil, ["--pkgver"], .text("VERSION"), "Optional VERSION to pass to install"),
    ]

    private static let actions = ["install", "uninstall", "purge", "update", "status"]
    private let action: String
    private let package: String
    private let version: String?
    private let isConfirmed: Bool

    init(_ invocation: McoInvocation) throws {
        guard invocation.words.count >= 2 else { throw McoFailure("Please specify package name and action") }
        let words = invocation.words
        let actions = PackageApplication.actions
        guard let place = [0, 1].first(where: { actions.contains(words[$0]) }) else {
            throw McoFailure("Action has to be one of \(actions.joined(separator: ", "))")
        }
        action = words[place]
        package = words[1 - place]
        version = invocation["version"]
        isConfirmed = invocation.has("yes") || action == "status" || !invocation.filter.isEmpty
    }

    func run(in world: McoWorld) async throws -> Int32 {
        guard isConfirmed || world.confirms("Do you really want to operate on packages unfiltered? (y/n): ") else {
            return 1
        }
        return try await McoClient.with(world, agent: "package") { client in
            var inputs: RubyHash = [.symbol("package"): .text(package)]
            if let version { inputs[.symbol("version")] = .text(version) }
            let outcome = try await client.call(action, inputs)
            let lines = SenderLines(layout: world.layout, results: outcome.results)
            if !outcome.results.isEmpty {
                try world.puts(lines.text { line($0, isVerbose: world.invocation.isVerbose) } + "\n")
            }
            try world.printStatistics(outcome.statistics, caption: "\(action) Package results", summarizes: true)
            return outcome.statistics.exitCode
        }
    }

    /// What is told of an answer that went well, nil for nothing.
    private func line(_ reply: RPCReply, isVerbose: Bool) -> String? {
        func output(_ name: String) -> String { RubyText.text(of: reply.data[named: name] ?? .null) }
        if isVerbose { return output("ensure") }
        guard action == "status" else { return nil }
        return output("ensure") == "absent" ? "absent" : "\(output("name"))-\(output("ensure")).\(output("arch"))"
    }
}
