import ArgumentParser
import MusterCore

/// `muster jobs show`: a job, its answers, and the nodes still missing.
struct JobsShowCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a job, its answers and the nodes still missing.",
        discussion: "The exit status is that of the job: 2 when a node failed, 3 when one did not answer.")

    @Argument(help: "Job id: the 20 digits that 'muster run' printed.") var job: JobID
    @Argument(help: "Only the answers of these nodes.") var nodes: [NodeID] = []
    @OptionGroup(title: "Output") var answers: AnswerOptions
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let service = try await controller.connect(context)
        let report = try await service.job(job)
        let found = try await service.answers(of: job, nodes: nodes.isEmpty ? nil : nodes)
        let outcomes = Dictionary(report.nodes.map { ($0.node, $0.outcome) }, uniquingKeysWith: { $1 })
        var presenter = answers.presenter(context)
        let updates =
            [JobUpdate.begun(report)]
            + found.map { answer in
                let late: Outcome = answer.hasSucceeded ? .ok : .failed(code: answer.returnCode)
                return JobUpdate.answered(answer, outcomes[answer.node] ?? late)
            } + [.ended(report)]
        for update in updates {
            let text = presenter.show(update, at: context.now())
            try context.console.write(text.output, to: .output)
            try context.console.write(text.diagnostics, to: .diagnostics)
        }
        return ExitStatus(report)
    }
}
