import Glibc
import MusterCore

/// A command as an operator asked for it in Salt's arguments, checked and ready to run.
struct CommandRequest {
    var command: ProcessCommand
    /// Started and left alone: the result has the process id only.
    var isBackground: Bool
    private let label: String
    private let ignoresReturnCode: Bool
    private let hidesOutput: Bool
    private let stripsEnd: Bool
    private let successCodes: Set<Int>
    private let successOutput: [String]
    private let successError: [String]

    /// - Parameters:
    ///   - words: the program and its arguments; nil takes `cmd`, through the shell when `python_shell` says so. A
    ///     command of a job goes through the shell by default, as in Salt.
    ///   - defaultsToShell: whether `python_shell` is true when it was not given (`cmd.shell`).
    init(
        _ arguments: Arguments, _ context: FunctionContext, mergesError: Bool = false, defaultsToShell: Bool = false,
        words: [String]? = nil
    ) throws {
        func option(_ name: String) -> Value {
            let declared = arguments[name]
            return declared.isNull ? arguments.keywords[name] ?? .null : declared
        }
        let cmd = arguments["cmd"]
        let given = words ?? (cmd.array?.map(\.pythonText) ?? [cmd.pythonText])
        label = words == nil && cmd.array == nil ? cmd.pythonText : Value.array(given.map(Value.string)).pythonLiteral
        try CommandRequest.refuseUnsupported(option)
        try CommandRequest.checkPermitted(given.joined(separator: " "), context)

        let shell = option("shell").string ?? CommandRequest.defaultShell
        guard let status = Files.status(shell), status.isRegular, access(shell, X_OK) == 0 else {
            throw FunctionError.failed(reason: "The shell \(shell) is not available")
        }
        let usesShell =
            option("python_shell").isNull
            ? defaultsToShell || context.job != nil || context.configuration["cmd_safe"] == false
            : option("python_shell").isTruthy
        if words != nil {
            command = ProcessCommand(given)
        } else if usesShell {
            command = ProcessCommand([shell, "-c"] + given)
        } else {
            command = ProcessCommand(cmd.array == nil ? try CommandRequest.words(cmd.pythonText) : given)
        }
        command.mergesError = mergesError
        command.user = option("runas").string
        command.workingDirectory = try CommandRequest.directory(option("cwd"), user: command.user)
        command.input = option("stdin").isNull ? [] : Array(option("stdin").pythonText.utf8)
        command.environment = try CommandRequest.environment(
            option("env"), resetsLocale: option("reset_system_locale") == true)
        command.inheritsEnvironment = !option("clean_env").isTruthy
        if let prefix = option("prepend_path").string {
            let path = command.environment["PATH"] ?? getenv("PATH").map { String(cString: $0) } ?? ""
            command.environment["PATH"] = path.isEmpty ? prefix : "\(prefix):\(path)"
        }
        command.umask = try CommandRequest.umask(option("umask"))
        command.timeout = try CommandRequest.timeout(option("timeout"))
        isBackground = option("bg").isTruthy
        ignoresReturnCode = option("ignore_retcode").isTruthy || isBackground
        hidesOutput = option("hide_output").isTruthy
        stripsEnd = option("rstrip").isNull || option("rstrip").isTruthy
        successCodes = Set(
            try CommandRequest.list(option("success_retcodes")).map { text in
                guard let code = Int(text) else {
                    throw FunctionError.failed(reason: "success_retcodes must be a list of integers")
                }
                return code
            })
        successOutput = CommandRequest.list(option("success_stdout"))
        successError = CommandRequest.list(option("success_stderr"))
    }

    /// Runs it. A command over its time limit is an outcome too, with Salt's text.
    func run(_ context: FunctionContext) async throws -> CommandOutcome {
        if isBackground { return try await start(context) }
        do {
            return outcome(of: try await context.processes.run(command))
        } catch FunctionError.timedOut(let limit) {
            let seconds = limit.inSeconds
            let text = seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
            return CommandOutcome(
                processID: 0, exitCode: 1, output: "\(label) : Timed out after \(text) seconds", error: "",
                jobCode: 1, hidesOutput: false)
        }
    }

    private func start(_ context: FunctionContext) async throws -> CommandOutcome {
        var starter = command
        starter.arguments = ["/bin/sh", "-c", "\"$@\" >/dev/null 2>&1 </dev/null & echo $!", "sh"] + command.arguments
        starter.input = []
        starter.timeout = nil
        let result = try await context.processes.run(starter)
        return CommandOutcome(
            processID: Int(result.output.trimmedText) ?? 0, exitCode: 0, output: "", error: "", jobCode: 0,
            hidesOutput: hidesOutput)
    }

    private func outcome(of result: ProcessResult) -> CommandOutcome {
        var output = text(result.output)
        let error = text(result.error)
        var code = result.exitCode
        if successCodes.contains(code) || successOutput.contains(where: output.contains)
            || successError.contains(where: error.contains)
        {
            code = 0
        }
        if result.isOutputCut { output += "\n[output cut after \(command.outputLimitBytes) bytes]" }
        return CommandOutcome(
            processID: result.processID, exitCode: code, output: output, error: error,
            jobCode: ignoresReturnCode ? 0 : code, hidesOutput: hidesOutput)
    }

    private func text(_ bytes: [UInt8]) -> String {
        guard stripsEnd else { return String(decoding: bytes, as: UTF8.self) }
        let end = bytes.lastIndex { !($0 == 0x20 || (0x09...0x0d).contains($0) || (0x1c...0x1f).contains($0)) }
        return String(decoding: bytes[..<(end.map { $0 + 1 } ?? 0)], as: UTF8.self)
    }
}

extension CommandRequest {
    /// Words of a command line.
    static func words(_ text: String) throws -> [String] {
        do throws(ShellWords) {
            return try ShellWords.split(text)
        } catch {
            throw FunctionError.exception(type: "ValueError", message: error.description)
        }
    }

    /// Salt's default: the node's own SHELL, else `/bin/sh`.
    private static var defaultShell: String {
        guard let shell = getenv("SHELL"), shell.pointee != 0 else { return "/bin/sh" }
        return String(cString: shell)
    }

    private static func refuseUnsupported(_ option: (String) -> Value) throws {
        if let engine = option("template").string {
            throw FunctionError.failed(reason: "Attempted to render file paths with unavailable engine \(engine)")
        }
        guard option("group").isNull else {
            throw FunctionError.failed(reason: "the argument 'group' is not supported by this node; use runas")
        }
    }

    /// Salt's `cmd_blacklist_glob` and `cmd_whitelist_glob`: which commands a job may run at all.
    private static func checkPermitted(_ text: String, _ context: FunctionContext) throws {
        guard context.job != nil else { return }
        func matches(_ key: String) -> Bool? {
            guard let patterns = context.configuration[key]?.array, !patterns.isEmpty else { return nil }
            return patterns.contains { fnmatch($0.pythonText, text, 0) == 0 }
        }
        guard matches("cmd_blacklist_glob") != true, matches("cmd_whitelist_glob") != false else {
            throw FunctionError.failed(reason: "The shell command \"\(text)\" is not permitted")
        }
    }

    private static func directory(_ value: Value, user: String?) throws -> String {
        guard value.isNull || value == "" else {
            let path = value.pythonText
            guard path.hasPrefix("/"), Files.status(path)?.isDirectory == true else {
                throw FunctionError.failed(reason: "Specified cwd '\(path)' either not absolute or does not exist")
            }
            return path
        }
        let home = user.map { UserAccount(named: $0)?.home } ?? getenv("HOME").map { String(cString: $0) }
        guard let home, Files.status(home)?.isDirectory == true, access(home, R_OK) == 0 else { return "/" }
        return home
    }

    /// A map, a list of maps, or YAML-like nothing; values become text, null an empty text.
    private static func environment(_ value: Value, resetsLocale: Bool) throws -> [String: String] {
        var result: [String: String] = [:]
        let maps: [ValueMap] =
            switch value {
            case .null: []
            case .map(let map): [map]
            case .array(let list): list.compactMap(\.map)
            case .string(""): []
            case .bool, .int, .uint, .double, .string, .bytes:
                throw FunctionError.failed(reason: "env must be a map of names and values")
            }
        for entry in maps.joined() {
            let name = entry.key.pythonText
            let text = entry.value.isNull ? "" : entry.value.pythonText
            guard !name.isEmpty, !name.contains("="), !name.utf8.contains(0), !text.utf8.contains(0) else {
                throw FunctionError.failed(
                    reason: "env has a name or value that no environment can hold: \(name.prefix(64))")
            }
            result[name] = text
        }
        if resetsLocale {
            for name in [
                "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LC_MONETARY", "LC_MESSAGES", "LC_PAPER", "LC_NAME",
                "LC_ADDRESS", "LC_TELEPHONE", "LC_MEASUREMENT", "LC_IDENTIFICATION", "LANGUAGE",
            ] where result[name] == nil { result[name] = "C" }
        }
        return result
    }

    private static func umask(_ value: Value) throws -> Int? {
        guard !value.isNull else { return nil }
        let digits = value.pythonText.drop { $0 == "0" }
        guard !digits.isEmpty else { throw FunctionError.failed(reason: "Zero umask is not allowed.") }
        guard let mask = Int(digits, radix: 8), (0...0o777).contains(mask) else {
            throw FunctionError.failed(reason: "Invalid umask: '\(value.pythonText)'")
        }
        return mask
    }

    private static func timeout(_ value: Value) throws -> Duration? {
        guard value.isTruthy else { return nil }
        guard let seconds = value.double ?? value.string.flatMap(Double.init), seconds >= 0, seconds < 1e9 else {
            throw FunctionError.failed(reason: "timeout must be a number of seconds, not '\(value.pythonText)'")
        }
        return seconds == 0 ? nil : .milliseconds(Int64(seconds * 1000))
    }

    private static func list(_ value: Value) -> [String] {
        switch value {
        case .null: []
        case .array(let list): list.map(\.pythonText)
        case let other: other.pythonText.split(separator: ",").map { Array($0.utf8).trimmedText }
        }
    }
}

/// How a command ended, in the form the functions of `cmd` answer from.
struct CommandOutcome {
    var processID: Int
    var exitCode: Int
    var output: String
    var error: String
    /// What becomes of the job's return code.
    var jobCode: Int
    var hidesOutput: Bool
    private var isMissing = false

    init(processID: Int, exitCode: Int, output: String, error: String, jobCode: Int, hidesOutput: Bool) {
        self.processID = processID
        self.exitCode = exitCode
        self.output = output
        self.error = error
        self.jobCode = jobCode
        self.hidesOutput = hidesOutput
    }

    /// The script is neither on the master nor here: Salt's answer with `cache_error`.
    static var notFound: CommandOutcome {
        var outcome = CommandOutcome(processID: 0, exitCode: 1, output: "", error: "", jobCode: 1, hidesOutput: false)
        outcome.isMissing = true
        return outcome
    }

    var visibleOutput: String { hidesOutput ? "" : output }

    /// Salt's `{pid, retcode, stdout, stderr}`.
    var everything: Value {
        .map([
            "pid": .int(Int64(processID)), "retcode": .int(Int64(exitCode)), "stdout": .string(visibleOutput),
            "stderr": .string(hidesOutput ? "" : error),
        ])
    }

    func result(_ value: Value) -> FunctionResult { FunctionResult(value, returnCode: jobCode) }

    func asScript() -> FunctionResult {
        guard isMissing, var map = everything.map else { return result(everything) }
        map["cache_error"] = true
        return result(.map(map))
    }
}
