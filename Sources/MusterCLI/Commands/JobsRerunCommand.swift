import ArgumentParser
import MusterCore

/// `muster jobs rerun`: the same job again, for all its nodes or for those that did not succeed.
struct JobsRerunCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerun", abstract: "Publish a job again: the same functions for the same target.")

    @Argument(help: "Job id: the 20 digits that 'muster run' printed.") var job: JobID
    @Flag(help: "Only for the nodes that failed or refused.") var failed = false
    @Flag(help: "Only for the nodes that did not answer.") var silent = false
    @OptionGroup(title: "Job") var options: JobOptions
    @OptionGroup(title: "Output") var answers: AnswerOptions
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let service = try await controller.connect(context)
        let report = try await service.job(job)
        var request = try options.request(report.job.calls, target: report.job.target, user: context.user)
        request.returners = report.job.returners
        request.metadata = report.job.metadata
        if options.timeout == nil { request.timeout = report.job.timeout }
        if options.batch == nil { request.batch = report.job.batch }
        if failed || silent {
            let chosen = report.nodes.filter { isChosen($0.outcome) }.map(\.node)
            guard !chosen.isEmpty else {
                throw CommandFailure(.nothingMatched, "job \(job) has no such nodes: nothing was published")
            }
            request.target = Target(nodes: chosen)
        }
        return try await JobLaunch(context: context, isAsynchronous: options.async, answers: answers)
            .run(request, on: service)
    }

    private func isChosen(_ outcome: Outcome) -> Bool {
        switch outcome.kind {
        case .ok: false
        case .failed, .refused: failed
        case .running, .waiting, .timedOut, .unreachable, .cancelled, .lost: silent
        }
    }
}
