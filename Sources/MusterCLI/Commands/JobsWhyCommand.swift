import ArgumentParser
import MusterCore

/// `muster jobs why`: what happened between a job and its nodes.
struct JobsWhyCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Explain how nodes came to their outcome: everything noted about each, oldest first.")

    @Argument(help: "Job id: the 20 digits that 'muster run' printed.") var job: JobID
    @Argument(help: "Node ids; without any, every node that did not answer or failed.") var nodes: [NodeID] = []
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let service = try await controller.connect(context)
        let asked: [NodeID]
        if nodes.isEmpty {
            let report = try await service.job(job)
            asked = report.nodes.filter { $0.outcome.kind != .ok }.map(\.node).sorted()
            if asked.isEmpty { context.console.note("every node of job \(job.text) answered and succeeded") }
        } else {
            asked = nodes
        }
        for node in asked {
            let timeline = try await service.why(job, node)
            if output.json {
                try context.console.print(JSON.text(encoded(timeline), layout: .spaced))
            } else {
                try show(timeline, on: context.console)
            }
        }
        return .success
    }

    private func show(_ timeline: NodeTimeline, on console: any Console) throws(OutputFailure) {
        for note in timeline.notes {
            try console.print("\(note.time.short)  \(note.text.replacingEscapes())")
        }
        let outcome = timeline.outcome.map { $0.description.replacingEscapes() } ?? "not expected by this job"
        try console.print("\(timeline.node): \(outcome)")
    }
}
