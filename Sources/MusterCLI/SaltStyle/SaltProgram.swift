import MusterCore

/// One of Salt's programs whose place this one can take: its options, its layout, its exit status.
package enum SaltProgram: String, Sendable, Hashable, CaseIterable {
    case salt
    case key = "salt-key"
    case call = "salt-call"

    /// Runs it with the words behind its name.
    func run(_ words: [String], in context: CommandContext) async -> Int32 {
        do {
            return try await parseAndRun(words, context)
        } catch let error as OptionError {
            context.console.note("\(usage)\n\n\(rawValue): error: \(error)")
            return 64
        } catch let exit as SaltExit {
            if let text = exit.text { context.console.note(text) }
            return exit.code
        } catch {
            let status = MusterCLI.explain(error, as: rawValue, context)
            return switch status {
            case .outputClosed: 0
            case .interrupted: 130
            case .usage: 64
            case .success: 0
            default: 2
            }
        }
    }

    private func parseAndRun(_ words: [String], _ context: CommandContext) async throws -> Int32 {
        let options = try OptionParser(options: options).parse(words)
        if options.has("help") {
            try context.console.print("\(usage)\n\nOptions:\n\(OptionParser(options: self.options).help())")
            return 0
        }
        if options.has("version") {
            try context.console.print("\(rawValue) (muster \(Muster.version))")
            return 0
        }
        let output = try SaltOutput(options, console: context.console)
        switch self {
        case .salt: return try await SaltCommand(options: options, output: output, context: context).run(usage)
        case .key: return try await SaltKeyCommand(options: options, output: output, context: context).run()
        case .call: return try await SaltCallCommand(options: options, output: output, context: context).run(usage)
        }
    }

    private var usage: String {
        switch self {
        case .salt: "Usage: salt [options] '<target>' <function> [arguments]"
        case .key: "Usage: salt-key [options]"
        case .call: "Usage: salt-call [options] <function> [arguments]"
        }
    }

    private var options: [OptionParser.Option] {
        switch self {
        case .salt: SaltCommand.options + SaltOutput.options + Self.common
        case .key:
            SaltKeyCommand.options + SaltOutput.options + Self.common.filter { !$0.names.contains("-l") } + [
                Self.keyLogLevel
            ]
        case .call: SaltCallCommand.options + SaltOutput.options + Self.common
        }
    }

    /// Where Salt's configuration is, of all three programs.
    static func location(_ options: OptionParser.Result) -> ControllerLocation {
        ControllerLocation(socket: options["socket"], saltConfiguration: options["config-dir"])
    }

    private static let log: OptionParser.Option.Treatment = .ignored("nothing is logged by this program")

    private static let keyLogLevel = OptionParser.Option("log-level", ["--log-level"], value: "LEVEL", log)

    private static let common: [OptionParser.Option] = [
        .init("help", ["-h", "--help"], .taken, "Show this help."),
        .init("version", ["--version", "-V", "--versions-report"], .taken, "Show the version."),
        .init("config-dir", ["-c", "--config-dir"], value: "DIR", .taken, "The directory of Salt's configuration."),
        .init("socket", ["--socket"], value: "PATH", .taken, "Muster's control socket."),
        .init("saltfile", ["--saltfile"], value: "FILE", .refused("there are no Saltfiles; use -c DIR")),
        .init("hard-crash", ["--hard-crash"], .ignored("there are no Python tracebacks")),
        .init("log-level", ["-l", "--log-level"], value: "LEVEL", log),
        .init("log-file", ["--log-file"], value: "FILE", log),
        .init("log-file-level", ["--log-file-level"], value: "LEVEL", log),
    ]
}

/// The end of a program with Salt's own status, and what is printed to standard error before it.
struct SaltExit: Error, Sendable, Hashable {
    let code: Int32
    let text: String?
    init(_ code: Int32, _ text: String? = nil) {
        self.code = code
        self.text = text
    }
}
