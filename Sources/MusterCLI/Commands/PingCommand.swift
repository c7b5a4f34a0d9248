import ArgumentParser
import MusterCore

/// `muster ping`: who answers.
struct PingCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping", abstract: "Ask nodes for a sign of life: test.ping.")

    @Argument(help: "Which nodes; all of them by default.") var target = "*"

    @OptionGroup(title: "Target") var targeting: TargetOptions
    @OptionGroup(title: "Job") var job: JobOptions
    @OptionGroup(title: "Output") var answers: AnswerOptions
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let service = try await controller.connect(context)
        let request = try job.request(
            [FunctionCall("test.ping")], target: try targeting.target(target), user: context.user)
        return try await JobLaunch(context: context, isAsynchronous: job.async, answers: answers)
            .run(request, on: service)
    }
}
