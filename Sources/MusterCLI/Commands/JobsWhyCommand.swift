import ArgumentParser
import MusterCore

/// `muster jobs why`: what happened between a job and a node.
struct JobsWhyCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Explain why a node is in its outcome: everything noted about it, oldest first.")

    @Argument(help: "Job id, as 'muster run' printed it.") var job: JobID
    @Argument(help: "Node id.") var node: NodeID
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let timeline = try await controller.connect(context).why(job, node)
        if output.json {
            try context.console.print(JSON.text(encoded(timeline), layout: .spaced))
            return .success
        }
        for note in timeline.notes {
            try context.console.print("\(note.time.short)  \(note.text.replacingEscapes())")
        }
        let outcome = timeline.outcome.map { $0.description.replacingEscapes() } ?? "not expected by this job"
        try context.console.print("\(timeline.node): \(outcome)")
        return .success
    }
}
