import MusterCore
import SaltProtocol

extension ExecutionModule {
    /// Salt's `pkg`: installs and removes packages. Of its many arguments those that operators give most.
    package static let pkg = ExecutionModule(
        "pkg", summary: "Install and remove packages", functions: PkgModule.functions)
}

/// What the module and the agent `package` do with packages.
enum PkgModule {
    /// How long a change may take: dependencies have to be fetched.
    private static let limit = Duration.seconds(900)

    static func manager() throws(FunctionError) -> PackageManager {
        guard let manager = PackageManager.current() else {
            throw .failed(reason: "this machine has no package manager that we know: apt, dnf or yum")
        }
        return manager
    }

    /// Packages by name; all, or one.
    static func installed(_ name: String?, _ context: FunctionContext) async throws -> [PackageManager.Installed] {
        let manager = try manager()
        let result = try await context.processes.run(manager.list(name))
        // A name that is not known ends with a failure, and says so where nothing is read.
        return manager.packages(String(decoding: result.output, as: UTF8.self))
    }

    /// Runs a command of the package manager.
    ///
    /// - Throws: `FunctionError.failed` with what it said when it fails.
    @discardableResult
    static func run(
        _ command: ProcessCommand, _ context: FunctionContext, accepting codes: Set<Int> = [0]
    ) async throws -> (output: String, code: Int) {
        var command = command
        command.timeout = limit
        command.mergesError = true
        let result = try await context.processes.run(command)
        let output = String(decoding: result.output, as: UTF8.self)
        guard codes.contains(result.exitCode) else {
            throw FunctionError.failed(reason: output.isEmpty ? "exited with \(result.exitCode)" : output)
        }
        return (output, result.exitCode)
    }

    /// Versions by name.
    private static func versions(_ context: FunctionContext) async throws -> [String: String] {
        Dictionary(
            try await installed(nil, context).filter { !$0.isRemoved }.map { ($0.name, $0.version) },
            uniquingKeysWith: { first, _ in first })
    }

    /// What a change did: old and new version of every package whose version is another one.
    private static func changing(
        _ arguments: Arguments, _ context: FunctionContext, _ change: PackageManager.Change
    ) async throws -> FunctionResult {
        let manager = try manager()
        let before = try await versions(context)
        if arguments.isTrue("refresh") { try await run(manager.refresh, context) }
        for name in arguments.list("name") { try await run(manager.command(change, name), context) }
        let after = try await versions(context)
        var changes: ValueMap = [:]
        for name in Set(before.keys).union(after.keys).sorted() where before[name] != after[name] {
            changes[name] = ["old": .string(before[name] ?? ""), "new": .string(after[name] ?? "")]
        }
        return FunctionResult(.map(changes))
    }

    static let functions: [ModuleFunction] = [
        ModuleFunction(
            "version",
            "Return the version of packages: text for one, a map for several; empty for what is not installed.\n\nCLI Example:\n\n    salt '*' pkg.version bash",
            extras: .positional
        ) { arguments, context in
            let versions = try await versions(context)
            let names = arguments.rest.map(\.argumentText)
            if names.count == 1 { return FunctionResult(.string(versions[names[0]] ?? "")) }
            return FunctionResult(
                .map(ValueMap(names.map { (key: .string($0), value: .string(versions[$0] ?? "")) })))
        },
        ModuleFunction("list_pkgs", "Return the installed packages with their versions.", extras: .keywords) {
            _, context in
            let versions = try await versions(context)
            return FunctionResult(
                .map(
                    ValueMap(
                        versions.sorted { $0.key < $1.key }.map { (key: .string($0.key), value: .string($0.value)) })))
        },
        ModuleFunction(
            "install",
            "Install packages, or bring them to their newest version; return what changed.\n\nCLI Example:\n\n    salt '*' pkg.install vim refresh=True",
            parameters: [.required("name"), .optional("refresh", false), .optional("version")]
        ) { arguments, context in
            try await changing(arguments, context, .install(version: arguments.optionalText("version")))
        },
        ModuleFunction(
            "remove", "Remove packages and leave their configuration; return what changed.",
            parameters: [.required("name")]
        ) { arguments, context in try await changing(arguments, context, .remove) },
        ModuleFunction(
            "purge", "Remove packages with their configuration; return what changed.", parameters: [.required("name")]
        ) { arguments, context in try await changing(arguments, context, .purge) },
        ModuleFunction("refresh_db", "Refresh what is known of the repositories.", extras: .keywords) { _, context in
            try await run(try manager().refresh, context)
            return FunctionResult(true)
        },
        ModuleFunction(
            "list_upgrades", "Return the packages that could be newer, with their newest versions.",
            parameters: [.optional("refresh", true)], extras: .keywords
        ) { arguments, context in
            let manager = try manager()
            if arguments.isTrue("refresh") { try await run(manager.refresh, context) }
            let output = try await run(manager.listUpdates, context, accepting: [0, 100]).output
            return FunctionResult(
                .map(ValueMap(manager.updates(output).map { (key: .string($0.name), value: .string($0.version)) })))
        },
    ]
}
