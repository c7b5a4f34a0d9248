import ArgumentParser
import MusterCore

/// `--json` on commands that print one value.
struct JSONOption: ParsableArguments {
    @Flag(help: "Print JSON with stable keys, one object a line.")
    var json = false
}

/// When colours are used.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never

    func palette(for stream: ConsoleStream, of console: any Console) -> Palette {
        switch self {
        case .auto: console.palette(for: stream)
        case .always: .colored
        case .never: .plain
        }
    }
}

/// How the answers of a job are shown.
struct AnswerOptions: ParsableArguments {
    @Flag(help: "Print JSON, one object a line: the job, each answer, the summary.")
    var json = false

    @Flag(help: "Print each answer as it comes instead of folding identical ones.")
    var noFold = false

    @Flag(help: "Print only the summary: the counts, and who failed or did not answer.")
    var summary = false

    @Option(
        help: ArgumentHelp("The layout of answers: \(AnswerOptions.layouts).", valueName: "layout"),
        completion: .list(Outputter.allCases.map(\.rawValue)))
    var out: String?

    @Option(help: ArgumentHelp("Spaces a level; below zero one line.", valueName: "n"))
    var outIndent: Int?

    @Option(help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
    var color = ColorChoice.auto

    private static let layouts = "nested, json, yaml, raw, txt, pprint, newline_values_only, quiet"

    func validate() throws {
        if let out, Outputter(name: out) == nil {
            throw ValidationError("there is no layout '\(out)': take one of \(Self.layouts)")
        }
        if json && (summary || out != nil) { throw ValidationError("--json goes without --summary and --out") }
    }

    /// The presenter for a job.
    func presenter(_ context: CommandContext, missing: [String] = []) -> any JobPresenter {
        if json { return JSONLinesPresenter(missing: missing) }
        let outputter = out.flatMap(Outputter.init(name:)) ?? .nested
        let folding: AnswersPresenter.Folding =
            if summary {
                .summaryOnly
            } else if noFold || outputter != .nested {
                // The other layouts are for programs: one answer each, under the node's own name.
                .none
            } else {
                context.console.isTerminal(.output) ? .inSteps : .atEnd
            }
        return AnswersPresenter(
            folding: folding, outputter: outputter, indent: outIndent,
            palette: color.palette(for: .output, of: context.console),
            diagnosticsPalette: color.palette(for: .diagnostics, of: context.console), missing: missing)
    }
}

/// A number of seconds above zero, on the command line with or without `s`.
struct Seconds: ExpressibleByArgument, Sendable, Hashable {
    let duration: Duration

    init?(argument: String) {
        let digits = argument.hasSuffix("s") ? String(argument.dropLast()) : argument
        guard let seconds = Double(digits), seconds > 0, seconds < 1e9 else { return nil }
        duration = .milliseconds(Int64(seconds * 1000))
    }
}

extension BatchSize: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension JobID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension NodeID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension KeyState: ExpressibleByArgument {
    package init?(argument: String) { self.init(rawValue: argument) }
}
