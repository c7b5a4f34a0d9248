import MusterCore

/// The program `salt`: one function on many nodes, printed node by node as the answers come.
///
/// Source: Salt 3008, `salt/utils/parsers.py`, `salt/cli/salt.py`, `salt/cli/batch.py`, `salt/client/__init__.py`.
struct SaltCommand {
    let options: OptionParser.Result
    let output: SaltOutput
    let context: CommandContext

    private static let eauth: OptionParser.Option.Treatment = .refused(
        "who may command is who may open the control socket")

    static let options: [OptionParser.Option] = [
        .init("timeout", ["-t", "--timeout"], value: "SECONDS", .taken, "How long a silent node is waited for."),
        .init("static", ["-s", "--static"], .taken, "Print all answers at once, as one value."),
        .init("async", ["--async"], .taken, "Print the job id and do not wait."),
        .init("verbose", ["-v", "--verbose"], .taken, "Show the job id, and every silent node."),
        .init("hide-timeout", ["--hide-timeout"], .taken, "Do not show nodes that did not answer."),
        .init("show-timeout", ["--show-timeout"], .taken, "Show nodes that did not answer, which is the default."),
        .init("show-jid", ["--show-jid"], .taken, "Show the job id."),
        .init("batch", ["-b", "--batch", "--batch-size"], value: "N|N%", .taken, "Run on this many nodes at once."),
        .init(
            "batch-wait", ["--batch-wait"], value: "SECONDS", .refused("the controller starts the next node at once")),
        .init("batch-safe-limit", ["--batch-safe-limit"], value: "N", .refused("use -b")),
        .init("batch-safe-size", ["--batch-safe-size"], value: "N", .refused("use -b")),
        .init("failhard", ["--failhard"], .refused("a batch goes on after a failure")),
        .init("subset", ["--subset"], value: "N", .taken, "Run on a random part of the nodes."),
        .init("return", ["--return"], value: "RETURNER", .taken, "Returners for the nodes to use."),
        .init("return-config", ["--return_config"], value: "NAME", .refused("nodes use their own configuration")),
        .init("return-kwargs", ["--return_kwargs"], value: "MAP", .refused("nodes use their own configuration")),
        .init("metadata", ["--metadata"], value: "YAML", .taken, "Data kept with the job and echoed by the nodes."),
        .init("no-parse", ["--no-parse"], value: "NAMES", .taken, "Named arguments whose values stay text."),
        .init(
            "args-separator", ["--args-separator"], value: "TEXT", .taken,
            "What separates the arguments of several functions."),
        .init("args-stdin", ["--args-stdin"], .taken, "Read more arguments from standard input, one a line."),
        .init("summary", ["--summary"], .taken, "Print a summary at the end."),
        .init("doc", ["-d", "--doc", "--documentation"], .taken, "Print the documentation of functions."),
        .init("preview-target", ["--preview-target"], .taken, "Print the nodes of the target, and stop."),
        .init("progress", ["-p", "--progress"], .refused("a terminal shows the progress by itself")),
        .init("start-event", ["--start-event"], .refused("'muster jobs why' tells when a node was seen running")),
        .init("config-dump", ["--config-dump"], .refused("use 'muster doctor'")),
        .init("module-executors", ["--module-executors"], value: "LIST", .refused("nodes have no executors")),
        .init("executor-opts", ["--executor-opts"], value: "OPTS", .refused("nodes have no executors")),
        .init("hosts", ["-H", "--hosts"], .refused("there are no rosters")),
        .init("pcre", ["-E", "--pcre"], .taken, "The target is a regular expression over ids."),
        .init("list", ["-L", "--list"], .taken, "The target is a list of ids."),
        .init("grain", ["-G", "--grain"], .taken, "The target is a grain and a glob."),
        .init("grain_pcre", ["-P", "--grain-pcre"], .taken, "The target is a grain and a regular expression."),
        .init("nodegroup", ["-N", "--nodegroup"], .taken, "The target is a group of the configuration."),
        .init("range", ["-R", "--range"], .refused("range servers are not asked")),
        .init("compound", ["-C", "--compound"], .taken, "The target combines others."),
        .init("pillar", ["-I", "--pillar"], .taken, "The target is a pillar value and a glob."),
        .init(
            "pillar_pcre", ["-J", "--pillar-pcre"], .taken, "The target is a pillar value and a regular expression."),
        .init("ipcidr", ["-S", "--ipcidr"], .taken, "The target is an address or a network."),
        .init("delimiter", ["--delimiter"], value: "TEXT", .taken, "What separates the levels of a path."),
        .init("eauth", ["-a", "--auth", "--eauth", "--external-auth"], value: "NAME", eauth),
        .init("make-token", ["-T", "--make-token"], eauth),
        .init("username", ["--username"], value: "NAME", eauth),
        .init("password", ["--password"], value: "TEXT", eauth),
    ]

    func run(_ usage: String) async throws -> Int32 {
        var words = options.arguments
        if options.has("args-stdin") { while let line = context.console.readLine() { words.append(line) } }
        if options.has("doc") {
            if words.isEmpty { words.append("*") }
            if words.count < 2 || words[1] != "sys.doc" { words.insert("sys.doc", at: 1) }
            guard words.count <= 3 else {
                throw OptionError("You can only get documentation for one method at one time.")
            }
        }
        guard let expression = words.first else {
            throw SaltExit(42, "\(usage)\n\nCannot execute command without defining a target.\n")
        }
        let target = try target(expression)
        let service = try await context.connect(SaltProgram.location(options))
        if options.has("preview-target") { return try await preview(target, on: service) }
        guard words.count > 1 else { throw SaltExit(42, "\(usage)\n\nIncomplete options passed.\n") }
        let request = try await request(words, target: target, on: service)
        return try await SaltJob(options: options, output: output, context: context).run(request, on: service)
    }

    private func target(_ expression: String) throws -> Target {
        let kinds = Target.Kind.allCases.filter { options.has($0.rawValue) }
        guard kinds.count < 2 else {
            throw OptionError(
                "The options \(kinds.map { "--\($0.rawValue)" }.joined(separator: ", ")) are mutually exclusive. Please only choose one of them"
            )
        }
        let kind = kinds.first ?? .glob
        return Target(
            kind, kind == .list ? TargetOptions.list(expression) : expression, delimiter: options["delimiter"] ?? ":")
    }

    private func preview(_ target: Target, on service: any ControllerService) async throws -> Int32 {
        let nodes = try await service.preview(target).nodes.map { Value.string($0.node.text) }
        try output.show(.array(nodes))
        guard !nodes.isEmpty else { throw SaltExit(2, "ERROR: No return received") }
        return 0
    }

    private func request(
        _ words: [String], target: Target, on service: any ControllerService
    ) async throws -> JobRequest {
        let unparsed = Set((options["no-parse"] ?? "").split(separator: ",").map(String.init))
        var request = JobRequest(
            calls: try FunctionWords.calls(
                words[1], Array(words.dropFirst(2)), separator: options["args-separator"] ?? ",", unparsed: unparsed),
            target: target, user: context.user, allowsMissing: true, returners: options["return"] ?? "")
        if let text = options["timeout"] {
            guard let seconds = Int(text) else { throw OptionError("option -t: invalid integer value: '\(text)'") }
            if seconds > 0 { request.timeout = .seconds(seconds) }
        }
        if let text = options["batch"] {
            guard let batch = BatchSize(text) else {
                throw SaltExit(1, "Invalid batch data sent: \(text)\nData must be in the form of %10, 10% or 3")
            }
            request.batch = batch
        }
        request.metadata = options["metadata"].map(SaltArguments.value)
        if let text = options["subset"] {
            guard let count = Int(text), count > 0 else {
                throw OptionError("option --subset: invalid integer value: '\(text)'")
            }
            let nodes = try await service.preview(target).nodes.map(\.node)
            request.target = Target(nodes: nodes.shuffled().prefix(count))
        }
        return request
    }
}
