import ArgumentParser
import MusterCore

/// `muster jobs wait`: follows a job to its end.
struct JobsWaitCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Wait for a job to end, and show its answers.")

    @Argument(help: "Job id: the 20 digits that 'muster run' printed.") var job: JobID
    @Option(help: ArgumentHelp("Wait no longer than this; the job goes on.", valueName: "seconds")) var limit: Seconds?
    @OptionGroup(title: "Output") var answers: AnswerOptions
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let service = try await controller.connect(context)
        return try await JobLaunch(context: context, isAsynchronous: false, answers: answers)
            .watch(job, missing: [], limit: limit?.duration, on: service)
    }
}
