import Glibc
import MusterCore

extension ExecutionModule {
    /// Salt's `saltutil`: looks after the node's jobs, facts, pillar and key.
    package static let saltutil = ExecutionModule(
        "saltutil", summary: "Look after the node's jobs, facts, pillar and key", functions: SaltutilModule.functions)
}

private enum SaltutilModule {
    static let functions: [ModuleFunction] =
        [
            ModuleFunction(
                "find_job", "Return what is known of a running job, an empty map when it does not run.",
                parameters: [.required("jid")]
            ) { arguments, context in
                guard let job = JobID(arguments["jid"].pythonText) else { return FunctionResult(.map([:])) }
                return FunctionResult(.map(await context.jobs.find(job) ?? [:]))
            },
            ModuleFunction("running", "Return the running jobs, this one left out.") { _, context in
                FunctionResult(.array(await others(context).map(Value.map)))
            },
            ModuleFunction(
                "is_running", "Return the running jobs of a function; globs work.", parameters: [.required("fun")]
            ) {
                arguments, context in
                let pattern = arguments["fun"].pythonText
                let jobs = await others(context).filter { fnmatch(pattern, $0["fun"]?.pythonText ?? "", 0) == 0 }
                return FunctionResult(.array(jobs.map(Value.map)))
            },
            ModuleFunction(
                "signal_job",
                "Send a signal to a job and its programs.\n\nCLI Example:\n\n    salt '*' saltutil.signal_job JID 15",
                parameters: [.required("jid"), .required("sig")]
            ) { arguments, context in
                let text = arguments["sig"].pythonText
                guard
                    let number = arguments["sig"].int.flatMap(Int32.init(exactly:)) ?? Int32(text)
                        ?? signalNumber(text),
                    (1...64).contains(number)
                else { throw FunctionError.exception(type: "ValueError", message: "'\(text)' is no signal") }
                return FunctionResult(.string(await signal(arguments["jid"], number, context)))
            },
            ModuleFunction("term_job", "End a job with SIGTERM.", parameters: [.required("jid")]) {
                arguments, context in
                FunctionResult(.string(await signal(arguments["jid"], SIGTERM, context)))
            },
            ModuleFunction("kill_job", "End a job with SIGKILL.", parameters: [.required("jid")]) {
                arguments, context in
                FunctionResult(.string(await signal(arguments["jid"], SIGKILL, context)))
            },
            ModuleFunction("term_all_jobs", "End all other jobs with SIGTERM.") { _, context in
                await signalAll(SIGTERM, context)
            },
            ModuleFunction("kill_all_jobs", "End all other jobs with SIGKILL.") { _, context in
                await signalAll(SIGKILL, context)
            },
            ModuleFunction(
                "refresh_grains", "Gather the facts anew, and the pillar unless refresh_pillar=False.",
                extras: .keywords
            ) { arguments, context in
                let known = ["refresh_pillar", "clean_pillar_cache"]
                let unknown = arguments.keywords.filter { entry in
                    let name = entry.key.pythonText
                    return !name.hasPrefix("__") && !known.contains(name)
                }
                guard unknown.isEmpty else {
                    throw FunctionError.unknownKeywords(
                        function: "saltutil.refresh_grains",
                        keywords: unknown.map { "\($0.key.pythonText)=\($0.value.pythonText)" })
                }
                try await context.facts.refresh()
                if arguments.keywords["refresh_pillar"]?.isTruthy ?? true { try await context.masters.refreshPillar() }
                return FunctionResult(true)
            },
            ModuleFunction(
                "refresh_pillar", "Ask the masters for the pillar again.",
                parameters: [.optional("wait", false), .optional("timeout", 30), .optional("clean_cache", true)]
            ) { _, context in
                try await context.masters.refreshPillar()
                return FunctionResult(true)
            },
            ModuleFunction("pillar_refresh", "The old name of saltutil.refresh_pillar.", extras: .keywords) {
                _, context in
                try await context.masters.refreshPillar()
                return FunctionResult(true)
            },
            ModuleFunction("refresh_modules", "Look for new and changed modules of the operator.", extras: .keywords) {
                _, context in
                await context.functions.refresh()
                return FunctionResult(true)
            },
            ModuleFunction("refresh_beacons", "Return True: this node has no beacons.") { _, _ in FunctionResult(true)
            },
            ModuleFunction("refresh_matchers", "Return True: this node's matchers are built in.") { _, _ in
                FunctionResult(true)
            },
            ModuleFunction(
                "revoke_auth", "Ask the masters to delete this node's key.",
                parameters: [.optional("preserve_minion_cache", false)]
            ) { arguments, context in
                FunctionResult(
                    .bool(
                        try await context.masters.revokeKey(
                            preservingCache: arguments["preserve_minion_cache"].isTruthy)))
            },
            ModuleFunction("clear_cache", "Forget what the node keeps only to be faster, and return True.") {
                _, context in
                await context.functions.refresh()
                return FunctionResult(true)
            },
            ModuleFunction(
                "clear_job_cache", "Return True: this node keeps no cache of past jobs.",
                parameters: [.optional("hours", 24)]
            ) {
                _, _ in FunctionResult(true)
            },
            ModuleFunction(
                "find_cached_job", "Return a past job from the node's cache; this node keeps none.",
                parameters: [.required("jid")]
            ) {
                _, _ in
                FunctionResult("Local jobs cache directory not found; you may need to enable cache_jobs on this minion")
            },
            ModuleFunction("list_extmods", "Return the operator's modules by kind.") { _, context in
                let names = await context.functions.modules().filter(\.isExternal).map(\.name)
                return FunctionResult(.map(names.isEmpty ? [:] : ["modules": .array(names.map(Value.string))]))
            },
            ModuleFunction(
                "sync_all", "Return what was copied from the masters: nothing, this node runs no Python modules.",
                parameters: syncParameters, extras: .keywords
            ) {
                arguments, context in
                try await refreshAfterSync(arguments, context)
                return FunctionResult(.map(ValueMap(syncKinds.map { (key: .string($0), value: []) })))
            },
        ]
        + syncKinds.map { kind in
            ModuleFunction(
                "sync_\(kind)", "Return what was copied from the masters: nothing, this node runs no Python modules.",
                parameters: syncParameters, extras: .keywords
            ) { arguments, context in
                if kind == "grains" || kind == "pillar" { try await refreshAfterSync(arguments, context) }
                return FunctionResult([])
            }
        }

    private static let syncParameters: [ModuleFunction.Parameter] = [
        .optional("saltenv"), .optional("refresh", true), .optional("extmod_whitelist"), .optional("extmod_blacklist"),
    ]
    private static let syncKinds = [
        "clouds", "beacons", "modules", "states", "sdb", "grains", "renderers", "returners", "output", "utils",
        "log_handlers", "executors", "proxymodules", "engines", "thorium", "serializers", "matchers",
    ]

    private static func refreshAfterSync(_ arguments: Arguments, _ context: FunctionContext) async throws {
        guard arguments["refresh"].isTruthy else { return }
        await context.functions.refresh()
        try await context.facts.refresh()
        try await context.masters.refreshPillar()
    }

    /// The running jobs without the one that asks.
    private static func others(_ context: FunctionContext) async -> [ValueMap] {
        await context.jobs.all().filter { job in
            guard let own = context.job else { return true }
            return job["jid"]?.string != own.text
        }
    }

    private static func signal(_ jid: Value, _ number: Int32, _ context: FunctionContext) async -> String {
        guard let job = JobID(jid.pythonText), job != context.job, let running = await context.jobs.find(job),
            await context.jobs.signal(job, number)
        else { return "" }
        return "Signal \(number) sent to job \(job) at pid \(running["pid"]?.pythonText ?? "?")"
    }

    private static func signalAll(_ number: Int32, _ context: FunctionContext) async -> FunctionResult {
        var texts: [Value] = []
        for job in await others(context) {
            guard let jid = job["jid"] else { continue }
            texts.append(.string(await signal(jid, number, context)))
        }
        return FunctionResult(.array(texts))
    }

    private static func signalNumber(_ name: String) -> Int32? {
        let numbers: [String: Int32] = [
            "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT, "KILL": SIGKILL, "TERM": SIGTERM, "USR1": SIGUSR1,
            "USR2": SIGUSR2, "STOP": SIGSTOP, "CONT": SIGCONT,
        ]
        return numbers[name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name]
    }
}
