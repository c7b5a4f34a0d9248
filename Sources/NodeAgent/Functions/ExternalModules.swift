import Glibc
package import Logging
package import MusterCore

/// The operator's own modules: executables in a directory, in any language (docs/modules.md).
///
/// Called with `describe` a file prints what it offers as JSON; called with `call FUNCTION` it gets the arguments as
/// JSON on standard input and prints the result as JSON. The directory is looked at whenever a module is wanted; a file
/// is asked to describe itself when it is new or has changed.
package actor ExternalModules {
    /// What a description may take, and a call that names no limit of its own.
    package struct Limits: Sendable {
        package var describe: Duration = .seconds(10)
        package var call: Duration = .seconds(300)
        package init() {}
    }

    private struct Known {
        let status: Files.Status
        /// Nil when the file was refused; it is looked at again when it changes.
        let module: ExecutionModule?
    }

    private let directory: String
    private let processes: any ProcessRunning
    private let logger: Logger
    private let limits: Limits
    private var known: [String: Known] = [:]
    private var isDirectoryRefused = false

    package init(directory: String, processes: any ProcessRunning, logger: Logger, limits: Limits = Limits()) {
        self.directory = directory
        self.processes = processes
        self.logger = logger
        self.limits = limits
    }

    /// The modules as the directory stands now.
    ///
    /// - Parameter reservedNames: names of built-in modules, which a file cannot take.
    package func modules(reservedNames: Set<String>) async -> [ExecutionModule] {
        guard isDirectoryTrusted() else { return [] }
        var modules: [String: ExecutionModule] = [:]
        let names = Files.list(directory).filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") }
        for gone in known.keys where !names.contains(gone) { known[gone] = nil }
        for name in names {
            let path = "\(directory)/\(name)"
            guard let status = Files.status(path), status.isRegular else { continue }
            if known[name]?.status != status {
                let module = await load(path, status: status, reservedNames: reservedNames)
                known[name] = Known(status: status, module: module)
            }
            guard let module = known[name]?.module else { continue }
            guard modules[module.name] == nil else {
                refuse(path, "another file already offers the module '\(module.name)'")
                known[name] = Known(status: status, module: nil)
                continue
            }
            modules[module.name] = module
        }
        return modules.values.sorted { $0.name < $1.name }
    }

    private func isDirectoryTrusted() -> Bool {
        guard let status = Files.status(directory), status.isDirectory else { return false }
        let isTrusted = !status.isWritableByOthers && isOwnerTrusted(status)
        if !isTrusted && !isDirectoryRefused {
            refuse(directory, "others than its owner may change it: chmod go-w")
        }
        isDirectoryRefused = !isTrusted
        return isTrusted
    }

    private func isOwnerTrusted(_ status: Files.Status) -> Bool { status.owner == 0 || status.owner == geteuid() }

    private func load(_ path: String, status: Files.Status, reservedNames: Set<String>) async -> ExecutionModule? {
        guard status.isExecutable else {
            refuse(path, "it is not executable")
            return nil
        }
        guard !status.isWritableByOthers, isOwnerTrusted(status) else {
            refuse(path, "others than root and the node's user may change it: chown, chmod go-w")
            return nil
        }
        var command = ProcessCommand([path, "describe"])
        command.timeout = limits.describe
        command.outputLimitBytes = 1 << 20
        command.workingDirectory = "/"
        do {
            let result = try await processes.run(command)
            guard result.exitCode == 0 else {
                refuse(path, "'describe' ended with \(result.exitCode): \(result.error.firstLine)")
                return nil
            }
            let module = try ModuleDescription(JSON.value(result.output))
            guard !reservedNames.contains(module.name) else {
                refuse(path, "the name '\(module.name)' belongs to a built-in module")
                return nil
            }
            logger.info("module loaded", metadata: ["module.name": "\(module.name)", "file.path": "\(path)"])
            return module.executionModule(path: path, defaultLimit: limits.call)
        } catch {
            refuse(path, "\(error)")
            return nil
        }
    }

    private func refuse(_ path: String, _ reason: String) {
        logger.warning("module refused", metadata: ["file.path": "\(path)", "reason": "\(reason)"])
    }
}

/// What a module says about itself: `{name, [summary], functions: [{name, [doc], [parameters], [extras], [timeout]}]}`.
package struct ModuleDescription: Sendable, Hashable {
    package struct Function: Sendable, Hashable {
        package var name: String
        package var documentation: String
        package var parameters: [ModuleFunction.Parameter]
        package var extras: ModuleFunction.Extras
        /// The function's own limit, nil for the node's.
        package var limit: Duration?
    }

    package var name: String
    package var summary: String
    package var functions: [Function]

    /// - Throws: `FunctionError.failed` with what is wrong in the description.
    package init(_ description: Value) throws(FunctionError) {
        func wrong(_ reason: String) -> FunctionError {
            .failed(reason: "'describe' printed a wrong description: \(reason)")
        }
        guard let name = description["name"]?.string, ModuleDescription.isName(name) else {
            throw wrong("'name' must be a word of letters, digits and '_'")
        }
        guard let list = description["functions"]?.array, !list.isEmpty else {
            throw wrong("'functions' is missing or empty")
        }
        self.name = name
        summary = description["summary"]?.string ?? ""
        functions = []
        for item in list {
            guard let functionName = item["name"]?.string, ModuleDescription.isName(functionName) else {
                throw wrong("a function's 'name' must be a word of letters, digits and '_'")
            }
            guard !functions.contains(where: { $0.name == functionName }) else {
                throw wrong("the function '\(functionName)' stands there twice")
            }
            var parameters: [ModuleFunction.Parameter] = []
            for parameter in item["parameters"]?.array ?? [] {
                guard let parameterName = parameter.string ?? parameter["name"]?.string, !parameterName.isEmpty else {
                    throw wrong("a parameter of '\(functionName)' has no 'name'")
                }
                parameters.append(parameter["default"].map { .optional(parameterName, $0) } ?? .required(parameterName))
            }
            var extras: ModuleFunction.Extras = []
            for extra in item["extras"]?.array ?? [] {
                switch extra.string {
                case "args": extras.insert(.positional)
                case "kwargs": extras.insert(.keywords)
                default: throw wrong("'extras' of '\(functionName)' may contain 'args' and 'kwargs'")
                }
            }
            var limit: Duration?
            if let timeout = item["timeout"], !timeout.isNull {
                guard let seconds = timeout.double, seconds > 0, seconds <= 86400 else {
                    throw wrong("'timeout' of '\(functionName)' must be seconds, up to a day")
                }
                limit = .milliseconds(Int64(seconds * 1000))
            }
            functions.append(
                Function(
                    name: functionName, documentation: item["doc"]?.string ?? "", parameters: parameters,
                    extras: extras,
                    limit: limit))
        }
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == UInt8(ascii: "_") || isLetter(first) else { return false }
        return text.utf8.count <= 64
            && text.utf8.allSatisfy { isLetter($0) || $0 == UInt8(ascii: "_") || (0x30...0x39).contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }

    /// The module with functions that run the file.
    package func executionModule(path: String, defaultLimit: Duration) -> ExecutionModule {
        ExecutionModule(
            name, summary: summary,
            functions: functions.map { function in
                ModuleFunction(
                    function.name, function.documentation, parameters: function.parameters, extras: function.extras
                ) { arguments, context in
                    try await ExternalCall(
                        path: path, module: name, function: function, limit: function.limit ?? defaultLimit
                    ).run(arguments, context)
                }
            }, isExternal: true)
    }
}

/// One call of an operator's module.
private struct ExternalCall {
    let path: String
    let module: String
    let function: ModuleDescription.Function
    let limit: Duration

    func run(_ arguments: Arguments, _ context: FunctionContext) async throws -> FunctionResult {
        var command = ProcessCommand([path, "call", function.name])
        command.timeout = limit
        command.workingDirectory = "/"
        command.input = Array(JSON.text(request(arguments, context)).utf8)
        let result = try await context.processes.run(command)
        let complaint = result.error.trimmedText
        guard !result.isOutputCut else {
            throw FunctionError.failed(
                reason: "\(module).\(function.name) printed more than \(command.outputLimitBytes) bytes")
        }
        do {
            return FunctionResult(try JSON.value(result.output), returnCode: result.exitCode)
        } catch {
            guard result.exitCode == 0 else {
                // A module that fails may say why on standard error alone.
                let text = complaint.isEmpty ? "\(module).\(function.name) ended with \(result.exitCode)" : complaint
                return FunctionResult(.string("ERROR: \(text)"), returnCode: result.exitCode)
            }
            throw FunctionError.failed(
                reason:
                    "\(module).\(function.name) printed no JSON result (\(error))\(complaint.isEmpty ? "" : ": \(complaint)")"
            )
        }
    }

    /// `{args, kwargs, context: {id, jid, module, function}}`: declared parameters by name in `kwargs`, the rest in `args`.
    private func request(_ arguments: Arguments, _ context: FunctionContext) -> Value {
        var named: ValueMap = [:]
        for parameter in function.parameters { named[parameter.name] = arguments[parameter.name] }
        for entry in arguments.keywords where entry.key.string?.hasPrefix("__") != true {
            named[entry.key] = entry.value
        }
        let about: ValueMap = [
            "id": .string(context.node.text),
            "jid": context.job.map { .string($0.text) } ?? .null,
            "module": .string(module),
            "function": .string(function.name),
        ]
        return .map(["args": .array(arguments.rest), "kwargs": .map(named), "context": .map(about)])
    }
}

extension [UInt8] {
    /// The text without white space at its ends, wrong UTF-8 replaced.
    package var trimmedText: String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
            return ""
        }
        return String(decoding: self[first...last], as: UTF8.self)
    }

    /// The first line of the text, for a message.
    package var firstLine: String {
        String(decoding: prefix { $0 != 0x0a }.prefix(300), as: UTF8.self)
    }
}
