import MCollectiveProtocol

/// `mco completion`: the words that a shell offers. Bash's script of MCollective asks this.
///
/// Source: MCollective 2.12, `application/completion.rb`.
struct CompletionApplication: McoApplication {
    static let name = "completion"
    static let summary = "Helper for shell completion systems"
    static let options: [RubyOption] = [
        .init("list-agents", nil, ["--list-agents"], "List all known agents"),
        .init("list-actions", nil, ["--list-actions"], "List all actions for an agent"),
        .init("list-inputs", nil, ["--list-inputs"], "List all inputs for an action"),
        .init("list-applications", nil, ["--list-applications"], "List all known applications"),
        .init("agent", nil, ["--agent"], .text("AGENT"), "The agent to operate on"),
        .init("action", nil, ["--action"], .text("ACTION"), "The action to operate on"),
    ]
    static let sections: Set<McoOptions.Section> = []
    static let isLocal = true

    private enum List: String, CaseIterable {
        case agents = "list-agents"
        case actions = "list-actions"
        case inputs = "list-inputs"
        case applications = "list-applications"
    }

    private let list: List
    private let agent: String?
    private let action: String?

    init(_ invocation: McoInvocation) throws {
        let lists = List.allCases.filter { invocation.has($0.rawValue) }
        guard let list = lists.first else {
            throw McoExit(1, "Please choose either --list-[agents|actions|inputs|applications]")
        }
        guard lists.count == 1 else {
            throw McoExit(1, "Please choose only one of --list-[agents|actions|inputs|applications]")
        }
        self.list = list
        agent = invocation["agent"]
        action = invocation["action"]
        switch list {
        case .actions where agent == nil: throw McoExit(1, "Please specify an agent to list actions for")
        case .inputs where agent == nil || action == nil:
            throw McoExit(1, "Please specify an action and agent to list inputs for")
        case .agents, .actions, .inputs, .applications: break
        }
    }

    func run(in world: McoWorld) async throws -> Int32 {
        for (name, description) in lines(world.descriptions, isVerbose: world.invocation.isVerbose) {
            try world.puts(world.invocation.isVerbose ? "\(name):\(description)" : name)
        }
        return 0
    }

    /// What is offered; nothing for what is not known, as a shell expects it.
    private func lines(_ library: DDLLibrary, isVerbose: Bool) -> [(name: String, description: String)] {
        switch list {
        case .applications: return McoApplications.all.map { ($0.name, $0.summary) }
        case .agents:
            return library.names(.agent).compactMap { name in
                guard isVerbose else { return (name, "") }
                return description(library, name).map { (name, $0.metadata.description) }
            }
        case .actions:
            let actions = agent.flatMap { description(library, $0) }?.actions ?? []
            return actions.map { ($0.name, $0.description) }.sorted { $0.0 < $1.0 }
        case .inputs:
            let inputs = agent.flatMap { description(library, $0) }?.action(action ?? "")?.inputs ?? []
            return inputs.map { ($0.name, $0.description) }.sorted { $0.0 < $1.0 }
        }
    }

    /// Nil also for a file that cannot be read: a shell has nowhere to show why.
    private func description(_ library: DDLLibrary, _ agent: String) -> DDL? {
        try? library.description(.agent, agent)
    }
}
