import ArgumentParser
import MusterCore

/// `muster keys`: who may join.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "List, accept, reject and delete the keys of nodes.",
        subcommands: [
            KeysListCommand.self, KeysAcceptCommand.self, KeysRejectCommand.self, KeysDeleteCommand.self,
            KeysFingerCommand.self,
        ],
        defaultSubcommand: KeysListCommand.self)
}

/// Shows what a change would do, asks, does it, and says what was done.
struct KeyChanging {
    let context: CommandContext
    let isConfirmed: Bool
    let asJSON: Bool

    /// - Parameter states: the states it applies to.
    func change(
        _ action: KeyChange.Action, _ patterns: [String], states: [KeyState], on service: any ControllerService
    ) async throws -> ExitStatus {
        let globs = patterns.map(Glob.init)
        let matching = try await service.keys().filter { entry in globs.contains { $0.matches(entry.node.text) } }
        let found = matching.filter { $0.state.map(states.contains) == true }.sorted { $0.node < $1.node }
        guard !found.isEmpty else {
            let words = states.map(\.rawValue).joined(separator: " or ")
            throw CommandFailure(
                .nothingMatched,
                "no \(words) key matches \(patterns.joined(separator: ", ")): \(remedy(action, for: matching))")
        }
        if !isConfirmed && context.console.isInteractive {
            for entry in found {
                context.console.note("\(entry.node)  \(entry.state?.rawValue ?? "")  \(entry.fingerprint)")
            }
            let count = found.count == 1 ? "this key" : "these \(found.count) keys"
            guard context.console.confirm("Really \(action.rawValue) \(count)?", default: false) else {
                return .declined
            }
        }
        let done = try await service.change(
            KeyChange(
                action: action, match: found.map { Glob.escaping($0.node.text) }, states: states, user: context.user))
        for entry in done.sorted(by: { $0.node < $1.node }) {
            if asJSON {
                try context.console.print(JSON.text(encoded(entry), layout: .spaced))
            } else {
                try context.console.print("\(entry.node): \(entry.state?.rawValue ?? "deleted")")
            }
        }
        return .success
    }
}

extension KeyChanging {
    /// What to do when only keys in states that were not meant match.
    private func remedy(_ action: KeyChange.Action, for others: [KeyEntry]) -> String {
        let includable: [KeyState] =
            switch action {
            case .accept: [.rejected, .denied]
            case .reject: [.accepted, .denied]
            case .delete: []
            }
        let present = includable.filter { state in others.contains { $0.state == state } }
        guard !present.isEmpty else { return "'muster keys list' shows them all" }
        let states = present.map(\.rawValue).joined(separator: " or ")
        let flags = present.map { "--include-\($0.rawValue)" }.joined(separator: " or ")
        return "of those that are \(states) it would, add \(flags)"
    }
}

/// What the commands that change keys take.
struct KeyChangeOptions: ParsableArguments {
    @Argument(help: "Node ids or globs.") var nodes: [String]
    @Flag(name: [.customShort("y"), .long], help: "Do not ask.") var yes = false
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func change(
        _ action: KeyChange.Action, states: [KeyState], in context: CommandContext
    ) async throws -> ExitStatus {
        try await KeyChanging(context: context, isConfirmed: yes, asJSON: output.json)
            .change(action, nodes, states: states, on: controller.connect(context))
    }
}
