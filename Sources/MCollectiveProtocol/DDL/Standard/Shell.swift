extension DDL {
    /// Runs commands in a shell, to their end or in the background.
    static let shellAgent = agent(
        "shell", "Run commands with the local shell", timeout: 180,
        [
            .action(
                "run", "Run a command", display: .ok,
                inputs: [
                    .command, .user,
                    .input("timeout", .float, "Seconds after which the command is ended", "Timeout", true),
                ],
                outputs: [
                    .output("stdout", "What the command wrote", "stdout"),
                    .output("stderr", "What the command wrote to standard error", "stderr"),
                    .output("success", "Whether the command ended by itself", "success"),
                    .output("exitcode", "How the command ended", "exitcode"),
                ]),
            .action(
                "start", "Start a command", display: .ok, inputs: [.command, .user],
                outputs: [.output("handle", "The name of the job", "handle")]),
            .action(
                "status", "Get what a job wrote, and its status",
                inputs: [
                    .handle, .input("stdout_offset", .integer, "Bytes of stdout to leave out", "stdout offset", true),
                    .input("stderr_offset", .integer, "Bytes of stderr to leave out", "stderr offset", true),
                ],
                outputs: [
                    .output("status", "The status of the job", "status"),
                    .output("stdout", "What the job wrote", "stdout"),
                    .output("stderr", "What the job wrote to standard error", "stderr"),
                    .output("exitcode", "How the job ended", "exitcode"),
                ]),
            .action(
                "list", "Get the jobs", display: .always,
                outputs: [.output("jobs", "The jobs by their names", "jobs")]),
            .action("kill", "End a job", inputs: [.handle]),
        ])
}

extension DDLInput {
    fileprivate static let command = text(
        "command", "The command to run", prompt: "Command", matching: ".*", max: 10_240)
    fileprivate static let user = text(
        "user", "The user to run as", prompt: "User", matching: #"\A[\w\.\-]*\$?\z"#, max: 1024, isOptional: true)
    fileprivate static let handle = text(
        "handle", "The name of the job", prompt: "Handle", matching: #"\A[0-9a-z\-]*\z"#, max: 36)
}
