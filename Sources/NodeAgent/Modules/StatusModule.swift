import MusterCore

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

extension ExecutionModule {
    /// Salt's `status`: the kernel's counters of the running machine.
    package static let status = StatusModule.module(SystemFiles())
}

/// Source: Salt 3008, `salt/modules/status.py`, its Linux halves.
enum StatusModule {
    static func module(_ files: SystemFiles) -> ExecutionModule {
        ExecutionModule(
            "status", summary: "Show load, memory, processes and counters of the running machine",
            functions: machine(files) + counters(files) + processes(files))
    }

    private static func machine(_ files: SystemFiles) -> [ModuleFunction] {
        [
            ModuleFunction("uptime", "Return how long the machine is up, since when, and how many users are logged in.")
            {
                _, context in FunctionResult(try await uptime(files, context))
            },
            ModuleFunction("loadavg", "Return the load averages of 1, 5 and 15 minutes.") { _, _ in
                FunctionResult(loadAverage(files))
            },
            ModuleFunction("nproc", "Return the number of processing units available.") { _, _ in
                FunctionResult(.int(Int64(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
            },
            ModuleFunction("version", "Return the kernel's version line.") { _, _ in
                FunctionResult(.string(files.trimmedText("/proc/version") ?? ""))
            },
            ModuleFunction(
                "time",
                "Return the local time, laid out as strftime says.\n\nCLI Example:\n\n    salt '*' status.time '%s'",
                parameters: [.optional("format", "%A, %d. %B %Y %I:%M%p")]
            ) { arguments, _ in FunctionResult(.string(formattedTime(arguments.text("format")))) },
            ModuleFunction("w", "Return who is logged in and does what.") { _, context in
                FunctionResult(try await users(context))
            },
            ModuleFunction("all_status", "Return all of this module's tables. It is a lot.") { _, context in
                FunctionResult(
                    .map([
                        "cpuinfo": processorInfo(files), "cpustats": processorCounters(files),
                        "diskstats": diskCounters(files), "diskusage": diskUsage(files, selection: []),
                        "loadavg": loadAverage(files), "meminfo": memory(files), "netdev": networkCounters(files),
                        "netstats": protocolCounters(files), "uptime": try await uptime(files, context),
                        "vmstats": pairs(files, "/proc/vmstat"), "w": try await users(context),
                    ]))
            },
        ]
    }

    private static func counters(_ files: SystemFiles) -> [ModuleFunction] {
        [
            ModuleFunction("meminfo", "Return the kernel's memory table.") { _, _ in FunctionResult(memory(files)) },
            ModuleFunction("cpuinfo", "Return the last processor's description.") { _, _ in
                FunctionResult(processorInfo(files))
            },
            ModuleFunction("cpustats", "Return the processors' counters.") { _, _ in
                FunctionResult(processorCounters(files))
            },
            ModuleFunction("diskstats", "Return the block devices' counters.") { _, _ in
                FunctionResult(diskCounters(files))
            },
            ModuleFunction("vmstats", "Return the virtual memory counters.") { _, _ in
                FunctionResult(pairs(files, "/proc/vmstat"))
            },
            ModuleFunction("netdev", "Return the network interfaces' counters.") { _, _ in
                FunctionResult(networkCounters(files))
            },
            ModuleFunction("netstats", "Return the network protocols' counters.") { _, _ in
                FunctionResult(protocolCounters(files))
            },
            ModuleFunction(
                "diskusage",
                "Return total and available bytes of file systems, all or those of the given paths and types.\n\nCLI Example:\n\n    salt '*' status.diskusage / 'ext?'",
                extras: .positional
            ) { arguments, _ in
                let selection = arguments.rest.map(\.argumentText)
                return FunctionResult(await blocking { diskUsage(files, selection: selection) })
            },
        ]
    }

    private static func processes(_ files: SystemFiles) -> [ModuleFunction] {
        [
            ModuleFunction("procs", "Return user and command line of each process, by process id.") { _, _ in
                var table = ValueMap()
                for process in ProcessTable.all(files) {
                    table[String(process.id)] = ["user": .string(process.user), "cmd": .string(process.command)]
                }
                return FunctionResult(.map(table))
            },
            ModuleFunction(
                "pid",
                "Return the ids of the processes whose line matches a regular expression, one a line.\n\nCLI Example:\n\n    salt '*' status.pid cron",
                parameters: [.required("sig")]
            ) { arguments, _ in
                let expression = try PythonRegex(arguments.text("sig"))
                let found = ProcessTable.all(files).filter {
                    expression.occurs(in: "\($0.user) \($0.id) \($0.command)")
                }
                return FunctionResult(.string(found.map { String($0.id) }.joined(separator: "\n")))
            },
        ]
    }

    // MARK: Machine

    private static func uptime(_ files: SystemFiles, _ context: FunctionContext) async throws -> Value {
        guard let seconds = files.text("/proc/uptime")?.words.first.flatMap({ Double($0) }).map({ Int64($0) }) else {
            throw FunctionError.failed(reason: "File /proc/uptime was not found.")
        }
        let since = Timestamp.now + .seconds(-seconds)
        let days = seconds / 86_400
        var result: ValueMap = [
            "seconds": .int(seconds), "since_iso": .string(since.iso8601), "since_t": .int(since.seconds),
            "days": .int(days), "time": .string("\(seconds % 86_400 / 3600):\(seconds % 3600 / 60)"),
        ]
        if let who = try await context.output(of: ["who", "-s"]) {
            result["users"] = .int(Int64(who.split(separator: "\n").count))
        }
        return .map(result)
    }

    private static func loadAverage(_ files: SystemFiles) -> Value {
        let words = files.text("/proc/loadavg")?.words ?? []
        var averages = ValueMap()
        for (name, word) in zip(["1-min", "5-min", "15-min"], words) { averages[name] = Double(word).map(Value.double) }
        return .map(averages)
    }

    private static func formattedTime(_ format: String) -> String {
        var now = time(nil)
        var local = tm()
        guard localtime_r(&now, &local) != nil else { return "" }
        var buffer = [CChar](repeating: 0, count: 1024)
        let count = strftime(&buffer, buffer.count, format, &local)
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func users(_ context: FunctionContext) async throws -> Value {
        guard let output = try await context.output(of: ["w", "-fh"]) else { return .array([]) }
        return .array(
            output.split(separator: "\n").compactMap { line -> Value? in
                let words = line.words.map { Value.string(String($0)) }
                guard words.count >= 6 else { return nil }
                let what = line.words.dropFirst(6).joined(separator: " ")
                return [
                    "idle": words[3], "jcpu": words[4], "login": words[2], "pcpu": words[5], "tty": words[1],
                    "user": words[0], "what": .string(what),
                ]
            })
    }

    // MARK: Counters

    private static func memory(_ files: SystemFiles) -> Value {
        var table = ValueMap()
        for line in files.lines("/proc/meminfo") {
            let words = line.words.map(String.init)
            guard words.count > 1 else { continue }
            var row: ValueMap = ["value": .string(words[1])]
            if words.count > 2 { row["unit"] = .string(words[2]) }
            table[words[0].filter { $0 != ":" }] = .map(row)
        }
        return .map(table)
    }

    private static func processorInfo(_ files: SystemFiles) -> Value {
        var table = ValueMap()
        for line in files.lines("/proc/cpuinfo") {
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count > 1 else { continue }
            let name = parts[0].trimmed
            table[name] =
                name == "flags" ? .array(parts[1].words.map { .string(String($0)) }) : .string(parts[1].trimmed)
        }
        return .map(table)
    }

    private static func processorCounters(_ files: SystemFiles) -> Value {
        var table = ValueMap()
        for line in files.lines("/proc/stat") {
            let words = line.words
            guard words.count > 1 else { continue }
            let name = String(words[0])
            let numbers = words.dropFirst().map { Value.number($0) }
            switch name {
            case "cpu" where numbers.count >= 8:
                table[name] = [
                    "idle": numbers[3], "iowait": numbers[4], "irq": numbers[5], "nice": numbers[1],
                    "softirq": numbers[6],
                    "steal": numbers[7], "system": numbers[2], "user": numbers[0],
                ]
            case "intr": table[name] = ["total": numbers[0], "irqs": .array(Array(numbers.dropFirst()))]
            case "softirq": table[name] = ["total": numbers[0], "softirqs": .array(Array(numbers.dropFirst()))]
            default: table[name] = numbers[0]
            }
        }
        return .map(table)
    }

    private static let diskColumns = [
        "major", "minor", "device", "reads_issued", "reads_merged", "sectors_read", "ms_spent_reading",
        "writes_completed",
        "writes_merged", "sectors_written", "ms_spent_writing", "io_in_progress", "ms_spent_in_io",
        "weighted_ms_spent_in_io",
    ]

    private static func diskCounters(_ files: SystemFiles) -> Value {
        var table = ValueMap()
        for line in files.lines("/proc/diskstats") {
            let words = line.words
            guard words.count >= diskColumns.count else { continue }
            table[String(words[2])] = .map(
                ValueMap(zip(diskColumns, words).map { (key: .string($0), value: .number($1)) }))
        }
        return .map(table)
    }

    private static let interfaceColumns = [
        "rx_bytes", "rx_packets", "rx_errs", "rx_drop", "rx_fifo", "rx_frame", "rx_compressed", "rx_multicast",
        "tx_bytes",
        "tx_packets", "tx_errs", "tx_drop", "tx_fifo", "tx_colls", "tx_carrier", "tx_compressed",
    ]

    private static func networkCounters(_ files: SystemFiles) -> Value {
        var table = ValueMap()
        for line in files.lines("/proc/net/dev") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].trimmed
            let numbers = line[line.index(after: colon)...].words.map { Value.number($0) }
            var row: ValueMap = ["iface": .string(name)]
            for (column, number) in zip(interfaceColumns, numbers).sorted(by: { $0.0 < $1.0 }) { row[column] = number }
            table[name] = .map(row)
        }
        return .map(table)
    }

    /// Pairs of lines: names, then their numbers.
    private static func protocolCounters(_ files: SystemFiles) -> Value {
        var table = ValueMap()
        var header: [Substring] = []
        for line in files.lines("/proc/net/netstat") {
            let words = line.words
            guard let name = words.first, name == header.first else {
                header = words
                continue
            }
            let row = zip(header, words).dropFirst().map { (key: Value.string(String($0)), value: Value.number($1)) }
            table[name.filter { $0 != ":" }] = .map(ValueMap(row))
        }
        return .map(table)
    }

    private static func pairs(_ files: SystemFiles, _ path: String) -> Value {
        var table = ValueMap()
        for line in files.lines(path) {
            let words = line.words
            if words.count > 1 { table[String(words[0])] = .number(words[1]) }
        }
        return .map(table)
    }

    /// Places begin with a slash, other words are globs of file system types.
    private static func diskUsage(_ files: SystemFiles, selection: [String]) -> Value {
        var places = selection.filter { $0.hasPrefix("/") }
        let types = (selection.isEmpty ? ["*"] : selection.filter { !$0.hasPrefix("/") }).map { Glob($0) }
        for line in files.lines("/proc/mounts") {
            let words = line.words
            guard words.count >= 3, types.contains(where: { $0.matches(String(words[2])) }) else { continue }
            let place = unescaped(words[1])
            if !places.contains(place) { places.append(place) }
        }
        var table = ValueMap()
        for place in places where files.exists(place) {
            var status = statvfs()
            if statvfs(files.root + place, &status) == 0 {
                let block = UInt64(status.f_bsize)
                table[place] = [
                    "available": Value(unsigned: UInt64(status.f_bavail) &* block),
                    "total": Value(unsigned: UInt64(status.f_blocks) &* block),
                ]
            } else {
                table[place] = ["available": .null, "total": .null]
            }
        }
        return .map(table)
    }

    /// The kernel writes white space in paths as octal escapes.
    private static func unescaped(_ path: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = ArraySlice(path.utf8)
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
