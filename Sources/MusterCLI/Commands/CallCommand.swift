import ArgumentParser
import MusterCore

/// `muster call`: one function here, as this machine's node would run it.
struct CallCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Run a function on this machine, without a controller.")

    @Argument(help: "module.function.") var function: String
    @Argument(help: "Positional and NAME=VALUE arguments.") var arguments: [String] = []
    @OptionGroup(title: "Node") var configuration: RoleConfigurationOptions
    @Flag(help: "Print JSON.") var json = false
    @Option(
        help: ArgumentHelp("The layout of the answer.", valueName: "layout"),
        completion: .list(Outputter.allCases.map(\.rawValue)))
    var out: String?

    func validate() throws {
        if let out, Outputter(name: out) == nil { throw ValidationError("there is no layout '\(out)'") }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        let answer = try await LocalCall(context: context)
            .run(SaltArguments(arguments).call(function), configuration.role)
        if json {
            try context.console.print(JSON.text(answer.value, layout: .spaced))
        } else {
            let outputter = (out ?? answer.outputter).flatMap(Outputter.init(name:)) ?? .nested
            let text = outputter.text(
                ["local": answer.value],
                options: .init(palette: context.console.palette(for: .output), returnCode: answer.returnCode))
            if !text.isEmpty { try context.console.print(text) }
        }
        return answer.returnCode == 0 ? .success : .nodeFailed
    }
}
