import MCollectiveProtocol
import MusterCore

extension CollectiveAgent {
    /// `shell`: runs commands in a shell, to their end or in the background. What they write is bytes without an encoding.
    package static let shell = CollectiveAgent(
        StandardDDLs.agent(named: "shell") ?? DDL(),
        actions: [
            "run": ShellAgent.run,
            "start": { call in
                let jobs = try ShellJobs(call.context.functions)
                let handle = try await jobs.start(call.text("command") ?? "", user: call.text("user"))
                return RubyHash(outputs: ["handle": .text(handle)])
            },
            "status": { call in
                let job = try ShellAgent.job(call)
                func written(_ stream: String) throws -> RubyValue {
                    let offset = call.number("\(stream)_offset").flatMap { Int64(exactly: $0.rounded(.down)) } ?? 0
                    guard offset >= 0 else { throw ActionFailure("\(stream)_offset is negative", status: .invalidData) }
                    return .bytes(try job.written(stream, from: offset))
                }
                return RubyHash(outputs: [
                    "status": .symbol(job.status.rawValue), "stdout": try written("stdout"),
                    "stderr": try written("stderr"), "exitcode": job.exitCode.map { .int(Int64($0)) } ?? .null,
                ])
            },
            "list": { call in
                let jobs = try ShellJobs(call.context.functions).all
                let described = jobs.map { job -> (RubyValue, RubyValue) in
                    let description = RubyHash(outputs: [
                        "id": .text(job.handle), "command": .text(job.command), "status": .symbol(job.status.rawValue),
                        "signal": job.exitCode.flatMap { $0 > 128 ? .int(Int64($0 - 128)) : nil } ?? .null,
                    ])
                    return (.text(job.handle), .hash(description))
                }
                return RubyHash(outputs: ["jobs": .hash(described)])
            },
            "kill": { call in
                try ShellAgent.job(call).end()
                return [:]
            },
        ])
}

private enum ShellAgent {
    @Sendable static func run(_ call: ActionCall) async throws -> RubyHash {
        var command = ProcessCommand(["/bin/sh", "-c", call.text("command") ?? ""])
        command.user = call.text("user").flatMap { $0.isEmpty ? nil : $0 }
        // A command without an end of its own ends with the time of the action.
        command.timeout = try call.number("timeout").map { seconds in
            guard seconds.isFinite, seconds >= 0 else {
                throw ActionFailure("timeout is no number of seconds", status: .invalidData)
            }
            return .milliseconds(Int64(min(seconds, 86_400) * 1000))
        }
        command.outputLimitBytes = 512 << 10
        do {
            let result = try await call.context.functions.processes.run(command)
            return RubyHash(outputs: [
                "stdout": .bytes(result.output), "stderr": .bytes(result.error), "success": .bool(true),
                "exitcode": .int(Int64(result.exitCode)),
            ])
        } catch FunctionError.timedOut {
            return RubyHash(outputs: [
                "stdout": .bytes([]), "stderr": .bytes([]), "success": .bool(false), "exitcode": .null,
            ])
        }
    }

    static func job(_ call: ActionCall) throws -> ShellJobs.Job {
        let handle = call.text("handle") ?? ""
        guard let job = try ShellJobs(call.context.functions).job(handle) else {
            throw ActionFailure("No job with the handle '\(handle)'")
        }
        return job
    }
}
