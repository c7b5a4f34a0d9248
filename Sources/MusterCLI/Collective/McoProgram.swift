import MCollectiveProtocol
import MusterCore

/// The program `mco`: its applications, its layouts, its exit status.
///
/// Source: MCollective 2.12, `bin/mco`, `application.rb`.
struct McoProgram: Sendable {
    /// The version of MCollective whose place this takes, where that one prints its own.
    static let peerVersion = "2.12.5"

    let context: CommandContext
    let style: McoWorld.Style

    /// Whether a program of this name is `mco`: itself, or `mc-ping` and the like, which old sites have.
    static func words(ofProgram name: String, _ words: [String]) -> [String]? {
        if name == "mco" { return words }
        return name.hasPrefix("mc-") ? [String(name.dropFirst(3))] + words : nil
    }

    /// Runs it with the words behind its name.
    func run(_ words: [String]) async -> Int32 {
        do {
            return try await parseAndRun(words)
        } catch let exit as McoExit {
            if let text = exit.text { context.console.note(text) }
            return exit.code
        } catch OutputFailure.closed {
            return 0
        } catch {
            context.console.note("mco: \(error)")
            return 1
        }
    }

    private func parseAndRun(_ words: [String]) async throws -> Int32 {
        guard let name = words.first, !name.hasPrefix("--") else {
            if words.first == "--version" {
                try context.console.print("mco \(McoProgram.peerVersion) (muster \(Muster.version))")
                return 0
            }
            try printUsage("usage: mco command <options>\n")
            return 0
        }
        var rest = Array(words.dropFirst())
        if let extra = context.console.variable("MCOLLECTIVE_EXTRA_OPTS") { rest = try ShellWords.split(extra) + rest }
        let file = McoInvocation.configurationFile(in: rest)
        guard let application = McoApplications.named(name) else {
            let directories = configuration(file).libraryDirectories.map { "   \($0)\n" }.joined()
            try printUsage("Unknown command '\(name)', searched for applications in:\n\n\(directories)")
            return 1
        }
        return try await run(application, rest, file)
    }

    private func run(
        _ application: any McoApplication.Type, _ words: [String], _ file: String?
    ) async throws -> Int32 {
        var world = McoWorld(
            application: application.name, invocation: McoInvocation(), context: context, style: style,
            configuration: CollectiveConfiguration(.init("", "")), site: { try context.collective.site(file) })
        do {
            // Before anything else, since it says whether what is wrong is told in colours.
            world.configuration = application.isLocal ? configuration(file) : try world.site().configuration
            world.invocation = try McoInvocation(
                words, options: McoOptions.all(for: application),
                presetDiscoveryOptions: world.configuration.discoveryOptions)
            if world.invocation.wantsHelp {
                try world.puts(McoHelp.text(of: application))
                return 1
            }
            for problem in world.configuration.problems where problem.kind == .deprecated { world.warn("\(problem)") }
            return try await application.init(world.invocation).run(in: world)
        } catch let exit as McoExit {
            throw exit
        } catch let failure as OutputFailure {
            throw failure
        } catch {
            explain(error, world)
            return 1
        }
    }

    /// What a configuration says where none is needed: the defaults when there is none.
    private func configuration(_ file: String?) -> CollectiveConfiguration {
        // A file that is missing or wrong is told by the applications that need it.
        (try? context.collective.site(file).configuration) ?? CollectiveConfiguration(.init("", ""))
    }

    private func explain(_ error: any Error, _ world: McoWorld) {
        let hint = world.invocation.isVerbose ? "" : ", use -v for full error backtrace details"
        let name = world.colors.text(.bold, world.application)
        let text = world.colors.text(.red, TerminalText.lines("\(error)"))
        context.console.note("\nThe \(name) application failed to run\(hint): \(text)")
    }

    private func printUsage(_ reason: String) throws {
        let rows = NameColumns.groups(McoApplications.all.map { $0.name }, of: 3)
        let names = rows.map { row in "   " + row.map { RubyText.padded($0, 20) }.joined(separator: " ") + "\n" }
        let lines = [
            "The Marionette Collective version \(McoProgram.peerVersion)", "", reason, "Known commands:", "",
            names.joined(), "Type 'mco help' for a detailed list of commands and 'mco help command'",
            "to get detailed help for a command", "", "",
        ]
        try context.console.write(lines.joined(separator: "\n"), to: .output)
    }
}
