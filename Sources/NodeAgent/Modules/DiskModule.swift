import MusterCore

extension ExecutionModule {
    /// Salt's `disk`: how full the file systems are, as `df` tells it.
    package static let disk = ExecutionModule(
        "disk", summary: "Show how full the file systems are", functions: DiskModule.functions)
}

/// Source: Salt 3008, `salt/modules/disk.py`.
private enum DiskModule {
    static let functions: [ModuleFunction] = [
        ModuleFunction(
            "usage",
            "Return size, use and place of each file system; `args` are flags of df.\n\nCLI Example:\n\n    salt '*' disk.usage",
            parameters: [.optional("args")]
        ) { arguments, context in
            let lines = try await df("-P", flags: arguments, function: "disk.usage", context)
            return FunctionResult(
                .map(table(lines, names: ["1K-blocks", "used", "available", "capacity"], isFilesystemFirst: true)))
        },
        ModuleFunction(
            "inodeusage",
            "Return the number and use of inodes of each file system.\n\nCLI Example:\n\n    salt '*' disk.inodeusage",
            parameters: [.optional("args")]
        ) { arguments, context in
            let lines = try await df("-iP", flags: arguments, function: "disk.inodeusage", context)
            return FunctionResult(
                .map(table(lines, names: ["inodes", "used", "free", "use"], isFilesystemFirst: false)))
        },
        ModuleFunction(
            "percent",
            "Return how full each file system is, or the one mounted at `args`.\n\nCLI Example:\n\n    salt '*' disk.percent /var",
            parameters: [.optional("args")]
        ) { arguments, context in
            let lines = try await run(["df", "-P"], context)
            var full = ValueMap()
            for entry in table(lines, names: ["1K-blocks", "used", "available", "capacity"], isFilesystemFirst: true) {
                full[entry.key] = entry.value["capacity"]
            }
            guard let place = arguments.optionalText("args") else { return FunctionResult(.map(full)) }
            return FunctionResult(full[place] ?? .map([:]))
        },
        ModuleFunction(
            "blkid",
            "Return the attributes of block devices: UUID, TYPE, LABEL.\n\nCLI Example:\n\n    salt '*' disk.blkid /dev/sda",
            parameters: [.optional("device"), .optional("token")]
        ) { arguments, context in
            var command = ["blkid"]
            if let device = arguments.optionalText("device") {
                command.append(device)
            } else if let token = arguments.optionalText("token") {
                command += ["-t", token]
            }
            guard let output = try await context.output(of: command) else {
                throw FunctionError.failed(reason: "the program 'blkid' is not installed")
            }
            return FunctionResult(.map(attributes(output)))
        },
        ModuleFunction(
            "fstype", "Return the file system type of a device.\n\nCLI Example:\n\n    salt '*' disk.fstype /dev/sdb1",
            parameters: [.required("device")]
        ) { arguments, context in
            let output = try await context.output(of: ["lsblk", "-o", "fstype", "--", arguments.text("device")]) ?? ""
            let lines = output.split(separator: "\n").map(\.trimmed)
            return FunctionResult(.string(lines.count > 1 ? lines[1] : ""))
        },
    ]

    /// Runs `df` with the flags that Salt lets through.
    private static func df(
        _ kind: String, flags arguments: Arguments, function: String, _ context: FunctionContext
    ) async throws -> [Substring] {
        let flags = arguments["args"].isNull ? "" : arguments.text("args").filter { $0 != "-" }
        let valid = "aBhHiklPtTxv"
        guard flags.allSatisfy(valid.contains) else {
            throw FunctionError.failed(reason: "Invalid flag passed to \(function)")
        }
        return try await run(["df", kind] + (flags.isEmpty ? [] : ["-\(flags)"]), context)
    }

    private static func run(_ command: [String], _ context: FunctionContext) async throws -> [Substring] {
        guard let output = try await context.output(of: command) else {
            throw FunctionError.failed(reason: "the program 'df' cannot be run")
        }
        return output.split(separator: "\n")
    }

    /// The lines of `df` by mount point. A name with spaces runs up to the first number; places with spaces keep them.
    private static func table(_ lines: [Substring], names: [String], isFilesystemFirst: Bool) -> ValueMap {
        var table = ValueMap()
        for line in lines where !line.hasPrefix("Filesystem") {
            var words = line.words.map(String.init)
            while words.count >= 2 && words[1].first?.isNumber != true && words[1] != "-" {
                words[0] += " " + words.remove(at: 1)
            }
            guard words.count >= 6 else { continue }
            let place = words[5...].joined(separator: " ")
            var row = ValueMap()
            if isFilesystemFirst { row["filesystem"] = .string(words[0]) }
            for (name, word) in zip(names, words[1...]) { row[name] = .string(word) }
            if !isFilesystemFirst { row["filesystem"] = .string(words[0]) }
            table[place] = .map(row)
        }
        return table
    }

    /// `/dev/sda1: UUID="..." TYPE="ext4"` by device.
    private static func attributes(_ output: String) -> ValueMap {
        var devices = ValueMap()
        for line in output.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            var map = ValueMap()
            var rest = line[line.index(after: colon)...]
            while let sign = rest.firstIndex(of: "="), let open = rest[sign...].firstIndex(of: "\"") {
                let value = rest[rest.index(after: open)...]
                guard let close = value.firstIndex(of: "\"") else { break }
                map[rest[..<sign].trimmed] = .string(String(value[..<close]))
                rest = value[value.index(after: close)...]
            }
            devices[String(line[..<colon])] = .map(map)
        }
        return devices
    }
}
