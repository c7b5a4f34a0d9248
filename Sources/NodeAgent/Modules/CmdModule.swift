import Glibc
import MusterCore

extension ExecutionModule {
    /// Salt's `cmd`: runs commands and scripts.
    ///
    /// Differences that operators may meet: `runas` sets the user's HOME, USER, LOGNAME and SHELL but reads no login
    /// profile; a command that is ended at its `timeout` makes the job fail (Salt reports return code 0); `template`,
    /// `use_vt`, `log_callback` and Windows's arguments are refused or ignored.
    package static let cmd = ExecutionModule(
        "cmd", summary: "Run commands and scripts", functions: CmdModule.functions)
}

private enum CmdModule {
    static let functions: [ModuleFunction] = [
        ModuleFunction(
            "run",
            """
            Run a command and return its output.

            Standard error is part of the output unless redirect_stderr=False. The return code becomes the job's.

            CLI Example:

                salt '*' cmd.run "ls -l | awk '/foo/{print \\\\$2}'" cwd=/tmp runas=nobody timeout=10
            """,
            parameters: common + [
                .optional("redirect_stderr", true), .optional("bg", false), .optional("encoded_cmd", false),
                .optional("raise_err", false), .optional("hide_output", false), .optional("rstrip", true),
                .optional("prepend_path"),
            ], extras: .keywords
        ) { arguments, context in
            let mergesError = arguments["redirect_stderr"].isTruthy
            let ran = try await CommandRequest(arguments, context, mergesError: mergesError).run(context)
            if arguments["raise_err"].isTruthy, ran.exitCode != 0 {
                throw FunctionError.failed(reason: ran.visibleOutput)
            }
            return ran.result(.string(ran.visibleOutput))
        },
        ModuleFunction(
            "shell", "Run a command through the shell and return its output, wherever it is called from.",
            parameters: common.filter { $0.name != "python_shell" } + [
                .optional("bg", false), .optional("hide_output", false), .optional("rstrip", true),
                .optional("prepend_path"),
            ], extras: .keywords
        ) { arguments, context in
            let ran = try await CommandRequest(arguments, context, mergesError: true, defaultsToShell: true).run(
                context)
            return ran.result(.string(ran.visibleOutput))
        },
        ModuleFunction(
            "run_stdout", "Run a command and return what it wrote to standard output.",
            parameters: common + [
                .optional("hide_output", false), .optional("rstrip", true), .optional("prepend_path"),
            ],
            extras: .keywords
        ) { arguments, context in
            let ran = try await CommandRequest(arguments, context).run(context)
            return ran.result(.string(ran.visibleOutput))
        },
        ModuleFunction(
            "run_stderr", "Run a command and return what it wrote to standard error.",
            parameters: common + [
                .optional("hide_output", false), .optional("rstrip", true), .optional("prepend_path"),
            ],
            extras: .keywords
        ) { arguments, context in
            let ran = try await CommandRequest(arguments, context).run(context)
            return ran.result(.string(ran.hidesOutput ? "" : ran.error))
        },
        ModuleFunction(
            "run_all",
            "Run a command and return {pid, retcode, stdout, stderr}.\n\nCLI Example:\n\n    salt '*' cmd.run_all 'ls -l'",
            parameters: common + [
                .optional("redirect_stderr", false), .optional("encoded_cmd", false), .optional("hide_output", false),
                .optional("rstrip", true), .optional("prepend_path"),
            ], extras: .keywords
        ) { arguments, context in
            let mergesError = arguments["redirect_stderr"].isTruthy
            let ran = try await CommandRequest(arguments, context, mergesError: mergesError).run(context)
            return ran.result(ran.everything)
        },
        ModuleFunction("retcode", "Run a command and return its return code.", parameters: common, extras: .keywords) {
            arguments, context in
            let ran = try await CommandRequest(arguments, context, mergesError: true).run(context)
            return ran.result(.int(Int64(ran.exitCode)))
        },
        ModuleFunction(
            "run_bg", "Start a command in the background and return {pid} at once.",
            parameters: common + [.optional("prepend_path")], extras: .keywords
        ) { arguments, context in
            var request = try CommandRequest(arguments, context)
            request.isBackground = true
            let ran = try await request.run(context)
            return FunctionResult(.map(["pid": .int(Int64(ran.processID))]))
        },
        ModuleFunction(
            "script",
            """
            Run a script from the master's file server (salt://), or a file of the node, and return {pid, retcode, stdout, stderr}.

            CLI Example:

                salt '*' cmd.script salt://scripts/runme.sh 'arg1 arg2 "arg 3"'
            """,
            parameters: scriptParameters, extras: .keywords
        ) { arguments, context in try await script(arguments, context).asScript() },
        ModuleFunction(
            "script_retcode", "Like cmd.script, but return only the return code.",
            parameters: scriptParameters, extras: .keywords
        ) { arguments, context in
            let ran = try await script(arguments, context)
            return ran.result(.int(Int64(ran.exitCode)))
        },
        ModuleFunction(
            "which", "Return the path of a program, nothing when there is none.", parameters: [.required("cmd")]
        ) {
            arguments, _ in FunctionResult(which(arguments["cmd"].pythonText).map(Value.string) ?? .null)
        },
        ModuleFunction(
            "which_bin", "Return the path of the first program of a list that exists.", parameters: [.required("cmds")]
        ) {
            arguments, _ in
            let names = arguments["cmds"].array?.map(\.pythonText) ?? [arguments["cmds"].pythonText]
            return FunctionResult(names.lazy.compactMap(which).first.map(Value.string) ?? .null)
        },
        ModuleFunction("has_exec", "Return whether a program exists.", parameters: [.required("cmd")]) { arguments, _ in
            FunctionResult(.bool(which(arguments["cmd"].pythonText) != nil))
        },
        ModuleFunction(
            "exec_code",
            "Run code through an interpreter and return its output.\n\nCLI Example:\n\n    salt '*' cmd.exec_code ruby 'puts \"cheese\"'",
            parameters: codeParameters, extras: .keywords
        ) { arguments, context in
            let ran = try await code(arguments, context)
            return ran.result(.string(ran.visibleOutput))
        },
        ModuleFunction(
            "exec_code_all", "Run code through an interpreter and return {pid, retcode, stdout, stderr}.",
            parameters: codeParameters, extras: .keywords
        ) { arguments, context in
            let ran = try await code(arguments, context)
            return ran.result(ran.everything)
        },
        ModuleFunction(
            "tty",
            "Write a text to a terminal of the node.\n\nCLI Example:\n\n    salt '*' cmd.tty pts3 'This is a test'",
            parameters: [.required("device"), .optional("echo", "")]
        ) { arguments, _ in FunctionResult(.map(writeToTerminal(arguments))) },
        ModuleFunction("shells", "Return the shells of /etc/shells.") { _, _ in
            // No such file: no shells.
            guard let text = try? Files.text("/etc/shells") else { return FunctionResult([]) }
            let lines = text.split(separator: "\n").map { Array($0.utf8).trimmedText }
            return FunctionResult(.array(lines.filter { !$0.isEmpty && !$0.hasPrefix("#") }.map(Value.string)))
        },
    ]

    /// What every function that runs a command takes, in Salt's order.
    private static let common: [ModuleFunction.Parameter] =
        [.required("cmd"), .optional("cwd"), .optional("stdin"), .optional("runas"), .optional("group")]
        + [.optional("shell"), .optional("python_shell")] + shared
        + [.optional("ignore_retcode", false), .optional("saltenv"), .optional("use_vt", false), .optional("password")]
        + [.optional("success_retcodes"), .optional("success_stdout"), .optional("success_stderr")]
    private static let shared: [ModuleFunction.Parameter] = [
        .optional("env"), .optional("clean_env", false), .optional("template"), .optional("umask"),
        .optional("output_encoding"), .optional("output_loglevel", "debug"), .optional("log_callback"),
        .optional("timeout"),
        .optional("reset_system_locale", true),
    ]
    private static let scriptParameters: [ModuleFunction.Parameter] =
        [.required("source"), .optional("args")] + common.dropFirst()
        + [.optional("hide_output", false), .optional("bg", false)]
    private static let codeParameters: [ModuleFunction.Parameter] =
        [.required("lang"), .required("code"), .optional("cwd"), .optional("args")] + common.dropFirst(2)

    private static func script(_ arguments: Arguments, _ context: FunctionContext) async throws -> CommandOutcome {
        let source = arguments["source"].pythonText
        guard let content = try await content(of: source, arguments, context) else { return .notFound }
        let extensionPart = source.split(separator: "/").last.flatMap { name in
            name.lastIndex(of: ".").map { String(name[$0...].prefix { $0 != "?" }) }
        }
        let words: [String] =
            switch arguments["args"] {
            case .null: []
            case .array(let list): list.map(\.pythonText)
            case let text: try CommandRequest.words(text.pythonText)
            }
        let user = arguments["runas"].string
        let path = try TemporaryScript.make(
            content, suffix: extensionPart ?? "", user: user, directory: arguments["cwd"].string)
        defer { try? Files.remove(path) }  // a leftover in the temporary directory is no reason to fail
        var request = try CommandRequest(arguments, context, words: [path] + words)
        request.isBackground = false
        return try await request.run(context)
    }

    /// The script: `salt://` from the master, else a file of this node. Nil when there is none.
    private static func content(
        of source: String, _ arguments: Arguments, _ context: FunctionContext
    ) async throws -> [UInt8]? {
        if source.hasPrefix("salt://") {
            let parts = source.dropFirst("salt://".count).split(separator: "?", maxSplits: 1)
            var environment = arguments["saltenv"].string ?? context.configuration["saltenv"]?.string ?? "base"
            if parts.count == 2, parts[1].hasPrefix("saltenv=") {
                environment = String(parts[1].dropFirst("saltenv=".count))
            }
            return try await context.masters.file(parts.first.map(String.init) ?? "", environment: environment)
        }
        let path = source.hasPrefix("file://") ? String(source.dropFirst("file://".count)) : source
        guard path.hasPrefix("/") else {
            throw FunctionError.failed(
                reason: "the script '\(source)' is neither salt://, file:// nor an absolute path")
        }
        guard Files.status(path) != nil else { return nil }
        return try Files.read(path)
    }

    private static func code(_ arguments: Arguments, _ context: FunctionContext) async throws -> CommandOutcome {
        let path = try TemporaryScript.make(
            Array(arguments["code"].pythonText.utf8), suffix: "", user: arguments["runas"].string, directory: nil)
        defer { try? Files.remove(path) }  // a leftover in the temporary directory is no reason to fail
        let extra: [String] =
            switch arguments["args"] {
            case .null: []
            case .array(let list): list.map(\.pythonText)
            case let text: [text.pythonText]
            }
        return try await CommandRequest(arguments, context, words: [arguments["lang"].pythonText, path] + extra).run(
            context)
    }

    private static func which(_ name: String) -> String? {
        func isProgram(_ path: String) -> Bool {
            guard let status = Files.status(path), status.isRegular else { return false }
            return access(path, X_OK) == 0
        }
        if name.contains("/") { return isProgram(name) ? name : nil }
        guard !name.isEmpty else { return nil }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        return path.split(separator: ":").lazy.map { "\($0)/\(name)" }.first(where: isProgram)
    }

    private static func writeToTerminal(_ arguments: Arguments) -> ValueMap {
        let device = arguments["device"].pythonText
        let path: String
        if device.hasPrefix("tty") {
            path = "/dev/\(device)"
        } else if device.hasPrefix("pts") {
            path = "/dev/pts/\(device.dropFirst(3))"
        } else {
            return ["Error": "The specified device is not a valid TTY"]
        }
        let isName = device.dropFirst(3).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        let descriptor = isName ? open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK) : -1
        guard descriptor >= 0 else { return ["Error": .string("Echoing to \(path) returned error")] }
        defer { close(descriptor) }
        let text = Array(arguments["echo"].pythonText.utf8)
        guard isatty(descriptor) == 1, write(descriptor, text, text.count) == text.count else {
            return ["Error": .string("Echoing to \(path) returned error")]
        }
        return ["Success": .string("Message was successfully echoed to \(path)")]
    }
}

/// A script's file while it runs: private to the user it runs as.
private enum TemporaryScript {
    static func make(_ content: [UInt8], suffix: String, user: String?, directory: String?) throws -> String {
        let directory = directory ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let word = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let safeSuffix = suffix.utf8.count <= 16 && !suffix.contains("/") ? suffix : ""
        let path = "\(directory)/.muster-\(word)\(safeSuffix)"
        do {
            try Files.write(content, to: path, mode: 0o500)
            if let user, let account = UserAccount(named: user), account.userID != geteuid() {
                guard chown(path, account.userID, account.groupID) == 0 else { throw FileError(.write, path, errno) }
            }
        } catch {
            try? Files.remove(path)  // the first failure is what the operator needs to see
            throw FunctionError.failed(reason: "\(error)")
        }
        return path
    }
}
