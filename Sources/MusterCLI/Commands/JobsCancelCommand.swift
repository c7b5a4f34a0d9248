import ArgumentParser
import MusterCore

/// `muster jobs cancel`: ends a job.
struct JobsCancelCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End a job: stop waiting, and tell the nodes that run it to stop.")

    @Argument(help: "Job id: the 20 digits that 'muster run' printed.") var job: JobID
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let report = try await controller.connect(context).cancel(job, by: context.user)
        if output.json {
            try context.console.print(JSON.text(encoded(report), layout: .spaced))
        } else {
            let summary = Summary(report: report, palette: context.console.palette(for: .output))
            for line in summary.lines { try context.console.print(line) }
        }
        return .success
    }
}
