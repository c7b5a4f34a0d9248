import MusterCore

/// The program `salt-call`: one function on this machine.
///
/// Source: Salt 3008, `salt/cli/caller.py`, `salt/utils/parsers.py`, `SaltCallOptionParser`.
struct SaltCallCommand {
    let options: OptionParser.Result
    let output: SaltOutput
    let context: CommandContext

    private static let local: OptionParser.Option.Treatment = .ignored("functions run without a master anyway")
    private static let noFiles: OptionParser.Option.Treatment = .refused("states and files are not served")

    static let options: [OptionParser.Option] = [
        .init("grains", ["-g", "--grains"], .taken, "Print this machine's grains."),
        .init("doc", ["-d", "--doc", "--documentation"], .taken, "Print the documentation of functions."),
        .init("local", ["--local"], local),
        .init("retcode-passthrough", ["--retcode-passthrough"], .taken, "End with the function's return code."),
        .init("id", ["--id"], value: "ID", .taken, "The node id to use."),
        .init("no-parse", ["--no-parse"], value: "NAMES", .taken, "Named arguments whose values stay text."),
        .init("args-stdin", ["--args-stdin"], .taken, "Read more arguments from standard input, one a line."),
        .init("no-return-event", ["--no-return-event"], .ignored("the master is not told")),
        .init("skip-grains", ["--skip-grains"], .ignored("grains are gathered when a function needs them")),
        .init("refresh-grains-cache", ["--refresh-grains-cache"], .ignored("grains are gathered anew each time")),
        .init("timeout", ["-t", "--timeout"], value: "SECONDS", .ignored("no master is waited for")),
        .init("module-dirs", ["-m", "--module-dirs"], value: "DIR", .taken, "A directory of executable modules."),
        .init("cachedir", ["--cachedir"], value: "DIR", .taken, "The cache directory."),
        .init("master", ["--master"], value: "HOST", .refused("functions run without a master")),
        .init("return", ["--return"], value: "RETURNER", .refused("the answer is only printed")),
        .init("file-root", ["--file-root"], value: "DIR", noFiles),
        .init("pillar-root", ["--pillar-root"], value: "DIR", noFiles),
        .init("states-dir", ["--states-dir"], value: "DIR", noFiles),
        .init("metadata", ["--metadata"], .taken, "Print the return code and the layout too."),
        .init("set-metadata", ["--set-metadata"], value: "YAML", .ignored("the master is not told")),
        .init("priv", ["--priv"], value: "USER", .refused("become that user first")),
        .init("proxyid", ["--proxyid"], value: "ID", .refused("there are no proxy minions")),
        .init("resources", ["-r", "--resources"], .refused("there are no managed resources")),
        .init("module-executors", ["--module-executors"], value: "LIST", .refused("there are no executors")),
        .init("executor-opts", ["--executor-opts"], value: "OPTS", .refused("there are no executors")),
        .init("enable-profiling", ["--enable-profiling"], .refused("there is no Python to profile")),
    ]

    func run(_ usage: String) async throws -> Int32 {
        var words = options.arguments
        if options.has("args-stdin") { while let line = context.console.readLine() { words.append(line) } }
        if options.has("grains") { return try await call(FunctionCall("grains.items")) }
        if options.has("doc") { return try await documentation(words.first) }
        guard let function = words.first else { throw SaltExit(64, usage) }
        let unparsed = Set((options["no-parse"] ?? "").split(separator: ",").map(String.init))
        return try await call(SaltArguments(words.dropFirst(), unparsed: unparsed).call(function))
    }

    private func call(_ call: FunctionCall) async throws -> Int32 {
        let answer: FunctionResult
        do {
            answer = try await LocalCall(context: context).run(call, role)
        } catch let failure as CommandFailure {
            // What cannot be called is told on standard error and ends with 1, as salt-call does.
            throw SaltExit(1, failure.description)
        }
        let layout = answer.outputter.flatMap(Outputter.init(name:))
        let shown: Value =
            options.has("metadata")
            ? ["return": answer.value, "retcode": .int(Int64(answer.returnCode)), "fun": .string(call.function)]
            : answer.value
        try output.show(["local": shown], in: layout, returnCode: answer.returnCode)
        if options.has("retcode-passthrough") { return Int32(clamping: answer.returnCode) }
        return answer.returnCode == 0 ? 0 : 1
    }

    private func documentation(_ prefix: String?) async throws -> Int32 {
        let call = FunctionCall("sys.doc", arguments: prefix.map { [.string($0)] } ?? [])
        let documents = try await LocalCall(context: context).run(call, role).value.map ?? [:]
        for entry in PythonText.sorted(documents) ?? documents.entries {
            try output.sink.print("\(entry.key.pythonText):\n\(entry.value.pythonText)\n")
        }
        return 0
    }

    private var role: RoleOptions {
        var overrides: ValueMap = [:]
        if let id = options["id"] { overrides["id"] = .string(id) }
        if let directory = options["cachedir"] { overrides["cachedir"] = .string(directory) }
        if let directories = options.repeated["module-dirs"] {
            overrides["module_dirs"] = .array(directories.map(Value.string))
        }
        return RoleOptions(saltConfiguration: options["config-dir"], overrides: overrides, logLevel: nil)
    }
}
