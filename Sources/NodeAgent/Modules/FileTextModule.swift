import Glibc
import MusterCore

/// The functions of `file` that read, search and edit text.
///
/// Source: Salt 3008, `salt/modules/file.py`.
enum FileTextModule {
    private static let path = ModuleFunction.Parameter.required("path")
    /// Salt takes lines as further arguments or as a list under `args`.
    private static let lines: ModuleFunction.Extras = [.positional, .keywords]

    static let functions: [ModuleFunction] = [
        function("read", "Return the content of a file.", [path, .optional("binary", false)]) { arguments in
            let bytes = try FileAccess.read(place(arguments))
            return arguments.isTrue("binary")
                ? .bytes(bytes) : .string(String(decoding: bytes, as: UTF8.self))
        },
        function(
            "seek_read", "Return bytes of a file from a place on.", [path, .required("size"), .required("offset")]
        ) { arguments in
            let size = try arguments.integer("size")
            let offset = try arguments.integer("offset")
            guard size >= 0, offset >= 0 else {
                throw FunctionError.failed(reason: "size and offset must not be negative")
            }
            return .string(
                String(
                    decoding: try FileAccess.read(place(arguments), from: offset, limit: Int(clamping: size)),
                    as: UTF8.self))
        },
        function(
            "write",
            "Write lines to a file, in place of its content.\n\nCLI Example:\n\n    salt '*' file.write /etc/motd \"With all thine offerings thou shalt offer salt.\"",
            [path], extras: lines
        ) { arguments in
            let added = try newLines(arguments)
            let path = place(arguments)
            try FileAccess.write(text(added), to: path, flags: O_WRONLY | O_CREAT | O_TRUNC)
            return .string("Wrote \(added.count) lines to \"\(path)\"")
        },
        function("append", "Append lines to a file.", [path], extras: lines) { arguments in
            let added = try newLines(arguments)
            let path = place(arguments)
            var bytes = text(added)
            // The last line may lack its end.
            if let size = FileStatus(path)?.size, size > 0, try FileAccess.read(path, from: size - 1) != [0x0a] {
                bytes.insert(0x0a, at: 0)
            }
            try FileAccess.append(bytes, to: path)
            return .string("Wrote \(added.count) lines to \"\(path)\"")
        },
        function("prepend", "Write lines before those of a file.", [path], extras: lines) { arguments in
            let added = try newLines(arguments)
            let path = place(arguments)
            try FileAccess.replace(path, with: text(added) + (FileStatus(path) == nil ? [] : try FileAccess.read(path)))
            return .string("Prepended \(added.count) lines to \"\(path)\"")
        },
        function("contains", "Whether a file has a text.", [path, .required("text")]) { arguments in
            guard FileStatus(place(arguments)) != nil else { return false }
            return .bool(try FileAccess.text(place(arguments)).has(arguments.text("text").trimmed))
        },
        function(
            "contains_regex", "Whether a line of a file matches a regular expression.",
            [path, .required("regex"), .optional("lchar", "")]
        ) { arguments in
            guard FileStatus(place(arguments)) != nil else { return false }
            let expression = try PythonRegex(arguments.text("regex"))
            let ignored = arguments.text("lchar")
            return .bool(
                try FileAccess.text(place(arguments)).split(separator: "\n", omittingEmptySubsequences: false).contains
                {
                    expression.occurs(in: String(ignored.isEmpty ? $0 : $0.drop(while: ignored.contains)))
                })
        },
        function(
            "contains_glob", "Whether a line of a file matches a glob.", [path, .required("glob_expr")]
        ) { arguments in
            guard FileStatus(place(arguments)) != nil else { return false }
            let glob = Glob(arguments.text("glob_expr"))
            return .bool(
                try FileAccess.text(place(arguments)).split(separator: "\n").contains { glob.matches(String($0)) })
        },
        function(
            "search",
            "Whether a regular expression matches in a file.\n\nCLI Example:\n\n    salt '*' file.search /etc/crontab 'mymaintenance.sh'",
            [
                path, .required("pattern"), .optional("flags", 8), .optional("bufsize", 1),
                .optional("ignore_if_missing", false),
                .optional("multiline", false),
            ]
        ) { arguments in
            let path = place(arguments)
            guard FileStatus(path) != nil else {
                if arguments.isTrue("ignore_if_missing") { return false }
                throw FunctionError.failed(reason: "File not found: \(path)")
            }
            return .bool(
                try PythonRegex(arguments.text("pattern"), flags: flags(arguments)).occurs(
                    in: try FileAccess.text(path)))
        },
        replace,
        ModuleFunction(
            "grep",
            "Search a file with grep; return its words and exit status.\n\nCLI Example:\n\n    salt '*' file.grep /etc/sysconfig/network-scripts/ifcfg-eth0 ipaddr -- -i",
            parameters: [path, .required("pattern")], extras: .positional
        ) { arguments, context in
            let options = arguments.rest.map(\.argumentText).filter { $0 != "--" }
            var command = ProcessCommand(
                ["grep"] + options + ["-e", arguments.text("pattern"), "--", place(arguments)])
            command.timeout = .seconds(60)
            let result = try await context.processes.run(command)
            return FunctionResult([
                "pid": .int(Int64(result.processID)), "retcode": .int(Int64(result.exitCode)),
                "stdout": .string(String(decoding: result.output, as: UTF8.self).withoutLastLineEnd),
                "stderr": .string(String(decoding: result.error, as: UTF8.self).withoutLastLineEnd),
            ])
        },
    ]

    // MARK: Replacing

    private static let replace = function(
        "replace",
        "Replace what a regular expression matches; return a diff of the change.\n\nCLI Example:\n\n    salt '*' file.replace /etc/httpd/httpd.conf pattern='LogLevel warn' repl='LogLevel info'",
        [
            path, .required("pattern"), .required("repl"), .optional("count", 0), .optional("flags", 8),
            .optional("bufsize", 1), .optional("append_if_not_found", false), .optional("prepend_if_not_found", false),
            .optional("not_found_content"), .optional("backup", ".bak"), .optional("dry_run", false),
            .optional("search_only", false), .optional("show_changes", true), .optional("ignore_if_missing", false),
            .optional("preserve_inode", true), .optional("backslash_literal", false),
        ]
    ) { arguments in
        let path = place(arguments)
        guard let status = FileStatus(path) else {
            if arguments.isTrue("ignore_if_missing") { return .bool(false) }
            throw FunctionError.failed(reason: "File not found: \(path)")
        }
        guard status.kind == .file else { throw FunctionError.failed(reason: "\(path) is no regular file") }
        let bytes = try FileAccess.read(path)
        guard let old = String(validating: bytes, as: UTF8.self) else {
            throw FunctionError.failed(reason: "Cannot perform string replacements on a binary file: \(path)")
        }
        let expression = try PythonRegex(arguments.text("pattern"), flags: flags(arguments))
        if arguments.isTrue("search_only") { return .bool(expression.occurs(in: old)) }
        let new = try replaced(old, expression, arguments)
        if new != old, !arguments.isTrue("dry_run") {
            if arguments["backup"].isTruthy, let suffix = arguments["backup"].string {
                try FileAccess.write(
                    bytes, to: path + suffix, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: status.permissions)
            }
            if arguments.isTrue("preserve_inode") {
                try FileAccess.write(Array(new.utf8), to: path, flags: O_WRONLY | O_TRUNC)
            } else {
                try FileAccess.replace(path, with: Array(new.utf8))
            }
        }
        guard arguments.isTrue("show_changes") else { return .bool(new != old) }
        return .string(new == old ? "" : UnifiedDiff.text(old: old, new: new))
    }

    private static func replaced(_ old: String, _ expression: PythonRegex, _ arguments: Arguments) throws -> String {
        let template = arguments.text("repl")
        let isLiteral = arguments.isTrue("backslash_literal")
        var new = ""
        var rest = old.startIndex
        let matches = expression.matches(in: old, limit: Int(clamping: try arguments.integer("count")))
        for match in matches {
            new += old[rest..<match.range.lowerBound]
            new += isLiteral ? template : try PythonRegex.expand(template, match)
            rest = match.range.upperBound
        }
        new += old[rest...]
        let content = arguments["not_found_content"].isNull ? template : arguments.text("not_found_content")
        guard matches.isEmpty, arguments.isTrue("append_if_not_found") || arguments.isTrue("prepend_if_not_found")
        else {
            return new
        }
        // Content that an earlier run added counts as found.
        if old.split(separator: "\n", omittingEmptySubsequences: false).contains(where: { $0 == content }) {
            return old
        }
        if arguments.isTrue("prepend_if_not_found") { return content + "\n" + old }
        return old + (old.isEmpty || old.hasSuffix("\n") ? "" : "\n") + content + "\n"
    }

    // MARK: Arguments

    private static func function(
        _ name: String, _ documentation: String, _ parameters: [ModuleFunction.Parameter],
        extras: ModuleFunction.Extras = [],
        _ body: @escaping @Sendable (Arguments) throws -> Value
    ) -> ModuleFunction {
        ModuleFunction(name, documentation, parameters: parameters, extras: extras) { arguments, _ in
            FunctionResult(try await blocking { Result { try body(arguments) } }.get())
        }
    }

    private static func place(_ arguments: Arguments) -> String { FileAccess.expanded(arguments.text("path")) }

    private static func flags(_ arguments: Arguments) -> PythonRegex.Flags { PythonRegex.Flags(arguments["flags"]) }

    private static func newLines(_ arguments: Arguments) throws -> [String] {
        if let given = arguments.keywords["args"] { return given.array?.map(\.argumentText) ?? [given.argumentText] }
        return arguments.rest.map(\.argumentText)
    }

    private static func text(_ lines: [String]) -> [UInt8] { lines.flatMap { Array(($0 + "\n").utf8) } }
}

extension String {
    /// The text without one line end at its end, as `cmd.run` gives output.
    fileprivate var withoutLastLineEnd: String { hasSuffix("\n") ? String(dropLast()) : self }
}
