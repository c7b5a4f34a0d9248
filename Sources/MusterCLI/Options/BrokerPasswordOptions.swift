import ArgumentParser
import MusterCore

/// Where a new password comes from: never from the command line, which every user of the machine can see.
struct BrokerPasswordOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The file with the password in its first line, '-' for standard input.",
            discussion: "Without it the password is asked for.", valueName: "file"), completion: .file())
    var passwordFile: String?

    private static let limitBytes = 4096

    /// The password; asked for twice when it is typed.
    func password(in context: CommandContext) throws -> String {
        let console = context.console
        guard let passwordFile else {
            guard console.isInteractive else {
                throw CommandFailure(
                    .usage,
                    "there is no terminal to ask for the password: give --password-file FILE, or - for standard input")
            }
            let first = try ask("Password: ", console)
            guard try ask("Again: ", console) == first else {
                throw CommandFailure(.usage, "the two are not the same: nothing was changed")
            }
            return first
        }
        let text: String
        if passwordFile == "-" {
            text = console.readLine() ?? ""
        } else {
            text = String(
                decoding: try Files.read(passwordFile, limitBytes: BrokerPasswordOptions.limitBytes), as: UTF8.self)
        }
        let password = String(text.prefix { !$0.isNewline })
        guard !password.isEmpty else {
            let place = passwordFile == "-" ? "standard input" : "'\(passwordFile)'"
            throw CommandFailure(.usage, "\(place) has no password in its first line")
        }
        return password
    }

    private func ask(_ prompt: String, _ console: any Console) throws -> String {
        try console.write(prompt, to: .diagnostics)
        guard let text = console.readSecret(), !text.isEmpty else {
            throw CommandFailure(.usage, "no password was given: nothing was changed")
        }
        return text
    }
}
