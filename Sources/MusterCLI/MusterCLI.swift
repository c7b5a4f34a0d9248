import ArgumentParser
import MusterCore

/// The whole command line, from words to an exit status.
package enum MusterCLI {
    /// Runs what the words ask for. Errors are printed here, as one line each.
    ///
    /// - Parameter arguments: the program's name first, as it was invoked: a link named `salt`, `salt-key`, `salt-call` or
    ///   `mco` makes it that program.
    /// - Returns: the exit status.
    package static func run(_ arguments: [String], in context: CommandContext) async -> Int32 {
        let name = arguments.first.map { String($0.split(separator: "/").last ?? "") } ?? ""
        let words = Array(arguments.dropFirst())
        if let program = SaltProgram(rawValue: name) { return await program.run(words, in: context) }
        if let words = McoProgram.words(ofProgram: name, words) {
            return await McoProgram(context: context, style: .classic).run(words)
        }
        if words.first == "as", words.count > 1 {
            let rest = Array(words.dropFirst(2))
            if let program = SaltProgram(rawValue: words[1]) { return await program.run(rest, in: context) }
            if let rest = McoProgram.words(ofProgram: words[1], rest) {
                return await McoProgram(context: context, style: .classic).run(rest)
            }
        }
        if words.first == "mco" {
            return await McoProgram(context: context, style: .ours).run(Array(words.dropFirst()))
        }
        return await run(words, context).rawValue
    }

    private static func run(_ words: [String], _ context: CommandContext) async -> ExitStatus {
        if let failure = MusterCommand.unknownCommand(in: words) { return explain(failure, as: "muster", context) }
        var command: any ParsableCommand
        do {
            command = try MusterCommand.parseAsRoot(words)
            guard let known = command as? any ContextCommand else {
                // `help` and commands that only have subcommands: their own run prints help by throwing it.
                try command.run()
                return .success
            }
            command = known
        } catch {
            return explain(parsing: error, context)
        }
        guard let command = command as? any ContextCommand else { return .usage }
        do {
            return try await command.run(in: context)
        } catch {
            return explain(error, as: "muster", context)
        }
    }

    /// Prints help to standard output, and what is wrong with a command line to standard error.
    private static func explain(parsing error: any Error, _ context: CommandContext) -> ExitStatus {
        let text = MusterCommand.fullMessage(for: error)
        guard MusterCommand.exitCode(for: error) == .success else {
            context.console.note(text)
            return .usage
        }
        do throws(OutputFailure) {
            try context.console.print(text)
            return .success
        } catch {
            return explain(error, as: "muster", context)
        }
    }

    /// Prints an error as one line and says what it means.
    static func explain(_ error: any Error, as program: String, _ context: CommandContext) -> ExitStatus {
        let status = status(of: error)
        if status != .outputClosed { context.console.note("\(program): \(error)") }
        return status
    }

    private static func status(of error: any Error) -> ExitStatus {
        switch error {
        case let failure as CommandFailure: failure.status
        case let error as ControllerError: ExitStatus(error)
        case let error as any ExitStatusProviding: error.exitStatus
        case OutputFailure.closed: .outputClosed
        case is CancellationError: .interrupted
        default: .failure
        }
    }
}

/// An error that knows how the program ends because of it.
protocol ExitStatusProviding: Error {
    var exitStatus: ExitStatus { get }
}
