import ArgumentParser
import MusterCore

/// `muster run`: one function on many nodes.
struct RunCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a function on the nodes of a target.",
        discussion: """
            Arguments are read as YAML: 42, true, [a, b], {a: 1}; NAME=VALUE is a named argument. Words that begin with \
            a dash go behind '--'.

            muster run '*' test.ping
            muster run -G os:Debian cmd.run 'uname -r' timeout=10
            """)

    @Argument(help: "Which nodes: a glob over ids, or what the target options say.") var target: String
    @Argument(help: "module.function; several by commas. Not needed with --preview.") var function: String?
    @Argument(help: "Positional and NAME=VALUE arguments.") var arguments: [String] = []

    @OptionGroup(title: "Target") var targeting: TargetOptions
    @OptionGroup(title: "Job") var job: JobOptions
    @OptionGroup(title: "Output") var answers: AnswerOptions
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    @Flag(help: "Say which nodes the target means, and stop.") var preview = false

    func validate() throws {
        if function == nil, !preview { throw ValidationError("Missing expected argument '<function>'") }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        let service = try await controller.connect(context)
        let target = try targeting.target(target)
        if preview {
            return try await TargetPreviewing(context: context, asJSON: answers.json).show(target, on: service)
        }
        let request = try job.request(
            FunctionWords.calls(function ?? "", arguments), target: target, user: context.user)
        return try await JobLaunch(context: context, isAsynchronous: job.async, answers: answers)
            .run(request, on: service)
    }
}

/// How a job is run.
struct JobOptions: ParsableArguments {
    @Flag(help: "Print the job id and do not wait.") var async = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "How long a silent node is waited for before it is asked what it does.", valueName: "seconds"))
    var timeout: Seconds?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Run on this many nodes, or this share of them, at once.", valueName: "n|n%"))
    var batch: BatchSize?

    @Flag(help: "Publish even when a node given by name is unknown.") var allowMissing = false

    func request(_ calls: [FunctionCall], target: Target, user: String) throws -> JobRequest {
        JobRequest(
            calls: calls, target: target, user: user, timeout: timeout?.duration, batch: batch,
            allowsMissing: allowMissing)
    }
}

/// The functions of a command line with their arguments.
enum FunctionWords {
    /// Several functions by commas take their arguments separated by a lone comma, as Salt's compound calls do.
    ///
    /// - Throws: `CommandFailure` when the separators do not fit the functions.
    static func calls(
        _ functions: String, _ words: [String], separator: String = ",", unparsed: Set<String> = []
    ) throws(CommandFailure) -> [FunctionCall] {
        let names = functions.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard names.allSatisfy({ !$0.isEmpty }) else {
            throw CommandFailure(.usage, "'\(functions)' is no function: give module.function, several by commas")
        }
        guard names.count > 1 else { return [SaltArguments(words, unparsed: unparsed).call(functions)] }
        let groups = grouped(words, count: names.count, separator: separator)
        guard groups.count <= names.count else {
            throw CommandFailure(
                .usage, "there are arguments for \(groups.count) functions and \(names.count) functions")
        }
        guard groups.count == names.count else {
            throw CommandFailure(
                .usage,
                "arguments for \(names.count) functions are separated by \(names.count - 1) words '\(separator)'")
        }
        return zip(names, groups).map { SaltArguments($1, unparsed: unparsed).call($0) }
    }

    /// Standalone separators when there are as many as needed, otherwise separators inside words too.
    private static func grouped(_ words: [String], count: Int, separator: String) -> [[String]] {
        if words.count(where: { $0 == separator }) == count - 1 {
            return words.split(separator: separator, omittingEmptySubsequences: false).map(Array.init)
        }
        var groups: [[String]] = [[]]
        for word in words {
            let parts = word.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
            for (index, part) in parts.enumerated() {
                if index > 0 { groups.append([]) }
                if parts.count == 1 || !part.isEmpty { groups[groups.count - 1].append(part) }
            }
        }
        return groups
    }
}

/// Publishes a job and shows it to its end.
struct JobLaunch {
    let context: CommandContext
    let isAsynchronous: Bool
    let answers: AnswerOptions

    func run(_ request: JobRequest, on service: any ControllerService) async throws -> ExitStatus {
        let receipt = try await service.publish(request)
        for warning in receipt.warnings { context.console.note("warning: \(warning)") }
        if isAsynchronous {
            try context.console.print(
                answers.json ? JSON.text(encoded(receipt), layout: .spaced) : receipt.job.text)
            return .success
        }
        return try await watch(receipt.job, missing: receipt.missing, limit: nil, on: service)
    }

    /// Follows a job that is published already.
    func watch(
        _ job: JobID, missing: [String], limit: Duration?, on service: any ControllerService
    ) async throws -> ExitStatus {
        let presenter = answers.presenter(context, missing: missing)
        let ending: JobWatch.Ending
        do {
            ending = try await JobWatch(context: context, limit: limit).follow(job, on: service, presenter: presenter)
        } catch let error as any ExitStatusProviding where error.exitStatus == .unreachable {
            context.console.note(
                "muster: \(error)\nThe nodes go on with what they have: once the controller is back, "
                    + "'muster jobs show \(job.text)' shows their answers.")
            return .unreachable
        }
        return switch ending {
        case .ended(let report): ExitStatus(report)
        case .interrupted: .interrupted
        case .outOfTime: .nodeSilent
        }
    }
}

/// Shows which nodes a target means.
struct TargetPreviewing {
    let context: CommandContext
    let asJSON: Bool

    func show(_ target: Target, on service: any ControllerService) async throws -> ExitStatus {
        let preview = try await service.preview(target)
        let console = context.console
        if asJSON {
            try console.print(JSON.text(encoded(preview), layout: .spaced))
        } else {
            for entry in preview.nodes {
                try console.print(entry.node.text + (entry.isConnected ? "" : "  (not connected)"))
            }
            for name in preview.missing { console.note("\(name): no accepted key") }
            for warning in preview.warnings { console.note("warning: \(warning)") }
            if !preview.unjudged.isEmpty {
                console.note("\(NodeSet.text(preview.unjudged)): never reported facts, not judged")
            }
            let connected = preview.nodes.count(where: \.isConnected)
            console.note("\(NodeSet.count(preview.nodes.count)), \(connected) connected")
        }
        return preview.nodes.isEmpty ? .nothingMatched : .success
    }
}
