import MCollectiveProtocol
import MusterCore

extension CollectiveAgent {
    /// `service`: starts and stops services.
    package static let service = CollectiveAgent(
        StandardDDLs.agent(named: "service") ?? DDL(),
        actions: [
            "status": { call in try await ServiceAgent.status(call) },
            "start": { call in try await ServiceAgent.change(call, "start", unless: "running") },
            "stop": { call in try await ServiceAgent.change(call, "stop", unless: "stopped") },
            "restart": { call in try await ServiceAgent.change(call, "restart", unless: nil) },
        ])
}

extension DataPlugin {
    /// Whether a service runs.
    static let service = DataPlugin("service") { query, context in
        let isRunning = try await ServiceModule.isRunning(query ?? "", context.functions)
        return RubyHash(outputs: ["status": isRunning ? "running" : "stopped"])
    }
}

private enum ServiceAgent {
    static func status(_ call: ActionCall) async throws -> RubyHash {
        let isRunning = try await ServiceModule.isRunning(call.text("service") ?? "", call.context.functions)
        return RubyHash(outputs: ["status": isRunning ? "running" : "stopped"])
    }

    /// - Parameter status: the one in which there is nothing to do, which is a failure for the peers.
    static func change(_ call: ActionCall, _ word: String, unless status: String?) async throws -> RubyHash {
        let name = call.text("service") ?? ""
        let before = try await self.status(call)
        if let status, before[named: "status"]?.text == status {
            throw ActionFailure("Could not \(word) '\(name)': Service is already \(status)", outputs: before)
        }
        try await ServiceModule.run(word, name, call.context.functions)
        return try await self.status(call)
    }
}
