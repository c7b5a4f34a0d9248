import ArgumentParser
import MusterCore

/// `muster jobs`: what was and is run.
struct JobsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "List, show, explain, wait for, cancel and rerun jobs.",
        subcommands: [
            JobsListCommand.self, JobsShowCommand.self, JobsWhyCommand.self, JobsWaitCommand.self,
            JobsCancelCommand.self, JobsRerunCommand.self,
        ],
        defaultSubcommand: JobsListCommand.self)
}
