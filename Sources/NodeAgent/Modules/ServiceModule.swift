import MusterCore

extension ExecutionModule {
    /// Salt's `service`: starts and stops services, with systemd or with the scripts of SysV.
    package static let service = ExecutionModule(
        "service", summary: "Start and stop services", functions: ServiceModule.functions)
}

/// What the module and the agent `service` do with services.
enum ServiceModule {
    /// How long a service may take to start or stop.
    private static let limit = Duration.seconds(120)

    /// Whether systemd runs this machine.
    private static var hasSystemd: Bool { SystemFiles().exists("/run/systemd/system") }

    /// The command for a word such as `start`. A name that begins like an option is refused.
    static func command(_ word: String, _ name: String, withSystemd: Bool) throws(FunctionError) -> ProcessCommand {
        guard !name.hasPrefix("-"), !name.contains("/"), !name.isEmpty else {
            throw .failed(reason: "'\(name)' is no name of a service")
        }
        var command: ProcessCommand
        switch (withSystemd, word) {
        case (true, "status"): command = ProcessCommand(["systemctl", "is-active", "--quiet", "--", name])
        case (true, "enabled"): command = ProcessCommand(["systemctl", "is-enabled", "--quiet", "--", name])
        case (true, _): command = ProcessCommand(["systemctl", word, "--", name])
        case (false, "enable"): command = ProcessCommand(["update-rc.d", name, "enable"])
        case (false, "disable"): command = ProcessCommand(["update-rc.d", name, "disable"])
        case (false, _): command = ProcessCommand(["service", name, word])
        }
        command.timeout = limit
        command.mergesError = true
        command.environment = ["LC_ALL": "C"]
        return command
    }

    /// Whether a service runs; one that does not exist does not.
    static func isRunning(_ name: String, _ context: FunctionContext) async throws -> Bool {
        try await context.processes.run(command("status", name, withSystemd: hasSystemd)).exitCode == 0
    }

    /// Runs a command on a service.
    ///
    /// - Throws: `FunctionError.failed` with what was said when it fails.
    static func run(_ word: String, _ name: String, _ context: FunctionContext) async throws {
        let result = try await context.processes.run(command(word, name, withSystemd: hasSystemd))
        guard result.exitCode == 0 else {
            let output = String(decoding: result.output, as: UTF8.self).trimmed
            throw FunctionError.failed(reason: output.isEmpty ? "\(word) of \(name) failed" : output)
        }
    }

    static let functions: [ModuleFunction] =
        [
            ("start", "Start a service."), ("stop", "Stop a service."), ("restart", "Stop and start a service."),
            ("reload", "Have a service read its configuration again."),
            ("enable", "Have a service start with the machine."),
            ("disable", "Have a service not start with the machine."),
        ].map { word, summary in
            ModuleFunction(
                word, "\(summary)\n\nCLI Example:\n\n    salt '*' service.\(word) cron", parameters: [.required("name")]
            ) { arguments, context in
                try await run(word, arguments.text("name"), context)
                return FunctionResult(true)
            }
        } + [
            ModuleFunction("status", "Whether a service runs.", parameters: [.required("name")], extras: .keywords) {
                arguments, context in
                FunctionResult(.bool(try await isRunning(arguments.text("name"), context)))
            },
            ModuleFunction("enabled", "Whether a service starts with the machine.", parameters: [.required("name")]) {
                arguments, context in
                guard hasSystemd else {
                    let name = arguments.text("name")
                    let links = (2...5).flatMap { SystemFiles().names(in: "/etc/rc\($0).d") }
                    return FunctionResult(.bool(links.contains { $0.hasPrefix("S") && $0.dropFirst(3) == name }))
                }
                let command = try command("enabled", arguments.text("name"), withSystemd: true)
                return FunctionResult(.bool(try await context.processes.run(command).exitCode == 0))
            },
        ]
}
