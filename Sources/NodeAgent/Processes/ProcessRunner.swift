import Glibc
package import Logging
import Subprocess
import SystemPackage

/// Runs programs, each in a session of its own, so that the whole of it can be ended.
///
/// At the time limit, and when the task is cancelled, the process group gets `SIGTERM`, after `grace` `SIGKILL`. A
/// program has ended when its own process has: what it left behind in the background runs on and is not waited for.
/// Arguments, environment and output never go to the log; they may hold secrets.
package struct ProcessRunner: ProcessRunning {
    /// What a process group gets between `SIGTERM` and `SIGKILL`.
    package var grace: Duration
    private let logger: Logger
    private let started: @Sendable (Int32) -> Void
    private let ended: @Sendable (Int32) -> Void

    /// - Parameters:
    ///   - started: told the process id (which is the group id too) of each program while it runs.
    ///   - ended: told that it has ended.
    package init(
        logger: Logger, grace: Duration = .seconds(2), started: @escaping @Sendable (Int32) -> Void = { _ in },
        ended: @escaping @Sendable (Int32) -> Void = { _ in }
    ) {
        self.logger = logger
        self.grace = grace
        self.started = started
        self.ended = ended
    }

    /// The same runner, which tells somebody else about its programs.
    package func tracked(
        started: @escaping @Sendable (Int32) -> Void, ended: @escaping @Sendable (Int32) -> Void
    ) -> ProcessRunner {
        ProcessRunner(logger: logger, grace: grace, started: started, ended: ended)
    }

    package func run(_ command: ProcessCommand) async throws -> ProcessResult {
        guard let limit = command.timeout else { return try await runToEnd(command) }
        return try await withThrowingTaskGroup(of: ProcessResult?.self) { group in
            group.addTask { try await runToEnd(command) }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            let first: ProcessResult?
            do {
                first = try await group.next().flatMap { $0 }
            } catch is CancellationError {
                throw FunctionError.cancelled
            }
            guard let first else {
                group.cancelAll()
                // The program's own task ends when its group is gone; its result no longer counts.
                _ = await group.nextResult()
                throw FunctionError.timedOut(after: limit)
            }
            return first
        }
    }

    private func runToEnd(_ command: ProcessCommand) async throws -> ProcessResult {
        guard let program = command.arguments.first, !program.isEmpty else {
            throw FunctionError.failed(reason: "there is no command to run")
        }
        let output = OutputCollector(limitBytes: command.outputLimitBytes)
        let error = OutputCollector(limitBytes: command.outputLimitBytes)
        let configuration = try configuration(of: command)
        let status: TerminationStatus
        let pid: Int32
        do {
            (pid, status) = try await execute(configuration, command, output: output, error: error)
        } catch let failure as SubprocessError {
            if Task.isCancelled { throw FunctionError.cancelled }
            logger.debug("program not started", metadata: ["process.program": "\(program)"])
            throw FunctionError.failed(reason: reason(failure, command))
        } catch is CancellationError {
            throw FunctionError.cancelled
        }
        if Task.isCancelled { throw FunctionError.cancelled }
        let code =
            switch status {
            case .exited(let code): Int(code)
            case .signaled(let signal): -Int(signal)
            }
        return ProcessResult(
            processID: Int(pid), exitCode: code, output: output.bytes, error: error.bytes,
            isOutputCut: output.isCut || error.isCut)
    }

    /// Starts and collects. Standard error has its own pipe unless it is merged into standard output's.
    private func execute(
        _ configuration: Configuration, _ command: ProcessCommand, output: OutputCollector, error: OutputCollector
    ) async throws -> (Int32, TerminationStatus) {
        let input = FileDescriptorInput.fileDescriptor(
            FileDescriptor(rawValue: try InputFile.descriptor(holding: command.input)), closeAfterSpawningProcess: true)
        if command.mergesError {
            let result = try await Subprocess.run(
                configuration, input: input, output: .sequence, error: .combinedWithOutput
            ) { execution in
                try await follow(execution.processIdentifier.value) {
                    try await output.collect(execution.standardOutput)
                }
            }
            return (result.processIdentifier.value, result.terminationStatus)
        }
        let result = try await Subprocess.run(
            configuration, input: input, output: .sequence, error: .sequence
        ) { execution in
            try await follow(execution.processIdentifier.value) {
                async let other: Void = error.collect(execution.standardError)
                try await output.collect(execution.standardOutput)
                try await other
            }
        }
        return (result.processIdentifier.value, result.terminationStatus)
    }

    private func follow(_ pid: Int32, _ collect: () async throws -> Void) async throws {
        started(pid)
        defer {
            ended(pid)
            // Members that outlived the leader's teardown. The number cannot have been given away while they live.
            if Task.isCancelled { kill(-pid, SIGKILL) }
        }
        try await collect()
    }

    private func configuration(of command: ProcessCommand) throws -> Configuration {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: grace)]
        var additions = command.environment
        if let user = command.user {
            guard let account = UserAccount(named: user) else {
                throw FunctionError.failed(reason: "User '\(user)' is not available")
            }
            if account.userID != geteuid() {
                options.userID = account.userID
                options.groupID = account.groupID
                options.supplementaryGroups = account.groups
            }
            for (key, value) in [
                "USER": account.name, "LOGNAME": account.name, "HOME": account.home, "SHELL": account.shell,
            ]
            where additions[key] == nil { additions[key] = value }
        }
        var arguments = command.arguments
        if let umask = command.umask {
            arguments = ["/bin/sh", "-c", "umask \"$0\" && exec \"$@\"", String(umask, radix: 8)] + arguments
        }
        var overrides = additions.reduce(into: [Environment.Key: String?]()) { result, entry in
            result[Environment.Key(stringLiteral: entry.key)] = .some(entry.value)
        }
        let environment: Environment
        if command.inheritsEnvironment {
            // systemd's socket of the node itself: a child that wrote to it would speak for the node.
            if additions["NOTIFY_SOCKET"] == nil { overrides["NOTIFY_SOCKET"] = .some(nil) }
            // Secrets of the node itself.
            for secret in ["MCOLLECTIVE_PSK", "STOMP_PASSWORD"] where additions[secret] == nil {
                overrides[Environment.Key(stringLiteral: secret)] = .some(nil)
            }
            environment = .inherit.updating(overrides)
        } else {
            environment = .custom(overrides.compactMapValues { $0 })
        }
        let program = arguments[0]
        return Configuration(
            executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Subprocess.Arguments(Array(arguments.dropFirst())),
            environment: environment,
            workingDirectory: command.workingDirectory.map { FilePath($0) },
            platformOptions: options)
    }

    private func reason(_ failure: SubprocessError, _ command: ProcessCommand) -> String {
        let program = command.arguments[0]
        switch failure.code {
        case .executableNotFound: return "Unable to run command '\(program)', reason: no such program"
        case .failedToChangeWorkingDirectory:
            return
                "Unable to run command '\(program)', reason: no access to its directory '\(command.workingDirectory ?? "")'"
        default:
            let cause = failure.underlyingError.map { "\($0)" } ?? failure.description
            return "Unable to run command '\(program)', reason: \(cause)"
        }
    }
}

/// Takes one output stream, up to a limit; what follows is read and dropped, so that the program does not block.
private final class OutputCollector: @unchecked Sendable {
    // Unchecked: one task collects, and its owner reads the bytes only after that task has ended.
    private let limitBytes: Int
    private(set) var bytes: [UInt8] = []
    private(set) var isCut = false

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    func collect(_ stream: SubprocessOutputSequence) async throws {
        for try await buffer in stream {
            buffer.withUnsafeBytes { raw in
                let room = limitBytes - bytes.count
                bytes.append(contentsOf: raw.prefix(room))
                if raw.count > room { isCut = true }
            }
        }
    }
}
