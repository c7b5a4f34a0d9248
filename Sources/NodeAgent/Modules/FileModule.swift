import Glibc
import MusterCore
import SaltProtocol

extension ExecutionModule {
    /// Salt's `file`, the part that operators use every day: look at files, change, search and edit them.
    package static let file = ExecutionModule(
        "file", summary: "Look at files, change, search and edit them",
        functions: FileModule.questions + FileModule.changes + FileModule.owners + FileTextModule.functions + [
            FileFind.function
        ])
}

/// Source: Salt 3008, `salt/modules/file.py`.
private enum FileModule {
    private static let path = ModuleFunction.Parameter.required("path")

    /// What most functions are: something short about one path, done off the event loops.
    private static func function(
        _ name: String, _ documentation: String, _ parameters: [ModuleFunction.Parameter] = [path],
        _ body: @escaping @Sendable (Arguments) throws -> Value
    ) -> ModuleFunction {
        ModuleFunction(name, documentation, parameters: parameters) { arguments, _ in
            FunctionResult(try await blocking { Result { try body(arguments) } }.get())
        }
    }

    private static func place(_ arguments: Arguments, _ name: String = "path") -> String {
        FileAccess.expanded(arguments.text(name))
    }

    private static func status(_ path: String, followsLinks: Bool = true) throws -> FileStatus {
        guard let status = FileStatus(path, followsLinks: followsLinks) else {
            throw FunctionError.failed(reason: "Path not found: \(path)")
        }
        return status
    }

    // MARK: Questions

    static let questions: [ModuleFunction] = [
        function("file_exists", "Whether there is a regular file.") { .bool(FileStatus(place($0))?.kind == .file) },
        function("directory_exists", "Whether there is a directory.") { .bool(FileStatus(place($0))?.kind == .dir) },
        function("path_exists_glob", "Whether anything matches a glob.") { .bool(!matches(of: place($0)).isEmpty) },
        function("is_link", "Whether a path is a symbolic link.") {
            .bool(FileStatus(place($0), followsLinks: false)?.kind == .link)
        },
        function(
            "access", "Test whether the node may use a path: f (exists), r, w or x.", [path, .required("mode")]
        ) { arguments in
            let modes: [String: Int32] = ["f": F_OK, "r": R_OK, "w": W_OK, "x": X_OK]
            guard let mode = modes[arguments.text("mode")] ?? Int32(arguments.text("mode")) else {
                throw FunctionError.failed(reason: "Invalid mode specified.")
            }
            return .bool(Glibc.access(place(arguments), mode) == 0)
        },
        function(
            "stats", "Return size, times, owner and mode of a path, with a hash of its content.",
            [path, .optional("hash_type"), .optional("follow_symlinks", true)]
        ) { arguments in
            let path = place(arguments)
            let status = try status(path, followsLinks: arguments.isTrue("follow_symlinks"))
            var stats: ValueMap = [
                "inode": Value(unsigned: status.inode), "uid": .int(Int64(status.userID)),
                "gid": .int(Int64(status.groupID)),
                "group": .string(status.group), "user": .string(status.user), "atime": .double(status.accessed),
                "mtime": .double(status.modified), "ctime": .double(status.changed), "size": .int(status.size),
                "mode": .string(status.mode),
            ]
            if let name = arguments.optionalText("hash_type") { stats["sum"] = .string(try hash(path, name)) }
            stats["type"] = .string(status.kind.rawValue)
            stats["target"] = .string(realPath(path))
            return .map(stats)
        },
        function("lstat", "Return what lstat tells about a path.") { arguments in
            guard let status = FileStatus(place(arguments), followsLinks: false) else { return .map([:]) }
            return [
                "st_atime": .double(status.accessed), "st_mtime": .double(status.modified),
                "st_ctime": .double(status.changed),
                "st_size": .int(status.size), "st_uid": .int(Int64(status.userID)),
                "st_gid": .int(Int64(status.groupID)),
            ]
        },
        function("readdir", "Return the names in a directory, with `.` and `..`.") { arguments in
            let path = place(arguments)
            guard FileStatus(path)?.kind == .dir else {
                throw FunctionError.failed(reason: "A valid directory was not specified.")
            }
            return .array(([".", ".."] + (try FileAccess.names(in: path))).map(Value.string))
        },
        function(
            "readlink", "Return where a symbolic link points.", [path, .optional("canonicalize", false)]
        ) { arguments in
            let path = place(arguments)
            guard let target = SystemFiles().linkTarget(path) else {
                throw FunctionError.failed(reason: "A valid link was not specified: \(path)")
            }
            return .string(arguments.isTrue("canonicalize") ? realPath(path) : target)
        },
        function(
            "get_hash",
            "Return the hash of a file's content.\n\nCLI Example:\n\n    salt '*' file.get_hash /etc/shadow",
            [path, .optional("form", "sha256"), .optional("chunk_size", 65536)]
        ) { arguments in .string(try hash(place(arguments), arguments.text("form"))) },
        function(
            "get_sum", "Return the hash of a file's content.", [path, .optional("form", "sha256")]
        ) { arguments in
            let path = place(arguments)
            return .string(FileStatus(path)?.kind == .file ? try hash(path, arguments.text("form")) : "File not found")
        },
        function(
            "check_hash",
            "Whether a file has a hash: its digits, or `sha256:…`.\n\nCLI Example:\n\n    salt '*' file.check_hash /etc/fstab md5:...",
            [path, .required("file_hash")]
        ) { arguments in
            let parts = arguments.text("file_hash").split { $0 == ":" || $0 == "=" }.map(String.init)
            guard let digits = parts.last, digits.count >= 32 else {
                throw FunctionError.failed(reason: "no valid file hash was given")
            }
            let names = [32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"]
            guard let name = parts.count > 1 ? parts[0] : names[digits.count] else {
                throw FunctionError.failed(reason: "a hash of \(digits.count) digits is of no known kind")
            }
            return .bool(try hash(place(arguments), name) == digits.lowercased())
        },
        function("basename", "Return the last part of a path.") { .string(FileAccess.name(of: $0.text("path"))) },
        function("dirname", "Return the path without its last part.") {
            .string(FileAccess.parent(of: $0.text("path")))
        },
        ModuleFunction("join", "Join parts to a path.", extras: .positional) { arguments, _ in
            let joined = arguments.rest.map(\.argumentText).reduce("") { path, part in
                if part.hasPrefix("/") || path.isEmpty { return part }
                return path.hasSuffix("/") ? path + part : "\(path)/\(part)"
            }
            return FunctionResult(.string(joined))
        },
        function(
            "diskusage", "Return the bytes that a file or directory takes."
        ) { arguments in .int(size(of: place(arguments))) },
    ]

    private static func hash(_ path: String, _ name: String) throws -> String {
        guard let algorithm = DigestAlgorithm(rawValue: name.lowercased()) else {
            let known = DigestAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw FunctionError.failed(reason: "Invalid hash type: \(name); known are \(known)")
        }
        guard FileStatus(path)?.kind != .dir else { throw FunctionError.failed(reason: "\(path) is a directory") }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileAccess.failure("read", path) }
        defer { close(descriptor) }
        var state = try Digest(algorithm)
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileAccess.failure("read", path) }
            if count == 0 { return try state.finishHex() }
            try state.update(Array(chunk[..<count]))
        }
    }

    private static func realPath(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func size(of path: String) -> Int64 {
        guard let status = FileStatus(path, followsLinks: false) else { return 0 }
        guard status.kind == .dir else { return status.kind == .file ? status.size : 0 }
        return SystemFiles().names(in: path).reduce(0) { $0 + size(of: "\(path)/\($1)") }
    }

    private static func matches(of pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, 0, nil, &result) == 0, let paths = result.gl_pathv else { return [] }
        return (0..<Int(result.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }
    }

    // MARK: Changes

    static let changes: [ModuleFunction] = [
        function(
            "touch", "Make a file, or set its times to now or to the given ones.",
            [.required("name"), .optional("atime"), .optional("mtime")]
        ) { arguments in
            let path = place(arguments, "name")
            if FileStatus(path) == nil { try FileAccess.append([], to: path) }
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            func time(_ name: String) throws -> timespec? {
                arguments["\(name)"].isTruthy ? timespec(tv_sec: Int(try arguments.integer(name)), tv_nsec: 0) : nil
            }
            let given = (try time("atime"), try time("mtime"))
            let times = [given.0 ?? given.1 ?? now, given.1 ?? given.0 ?? now]
            guard utimensat(AT_FDCWD, path, times, 0) == 0 else { throw FileAccess.failure("set the times of", path) }
            return true
        },
        ModuleFunction("remove", "Remove a file or a whole directory.", parameters: [path], extras: .keywords) {
            arguments, _ in
            let path = place(arguments)
            guard path.hasPrefix("/") else { throw FunctionError.failed(reason: "File path must be absolute: \(path)") }
            guard path.contains(where: { $0 != "/" }) else {
                throw FunctionError.failed(reason: "the root directory is not removed")
            }
            return FunctionResult(
                try await blocking {
                    Result<Value, any Error> {
                        guard FileStatus(path, followsLinks: false) != nil else { return false }
                        try FileAccess.remove(path)
                        return true
                    }
                }.get())
        },
        function("rmdir", "Remove an empty directory.", [path]) { arguments in
            let path = place(arguments)
            guard FileStatus(path)?.kind == .dir else {
                throw FunctionError.failed(reason: "A valid directory was not specified.")
            }
            return Glibc.rmdir(path) == 0 ? true : .string(String(cString: strerror(errno)))
        },
        function(
            "mkdir", "Make a directory with its parents.",
            [.required("dir_path"), .optional("user"), .optional("group"), .optional("mode")]
        ) { arguments in
            let path = place(arguments, "dir_path")
            guard FileStatus(path)?.kind != .dir else { return true }
            try FileAccess.makeDirectories(path)
            try setMode(path, arguments)
            try giveAway(path, arguments)
            return true
        },
        function(
            "makedirs", "Make the directory that a path is to be in, with its parents.",
            [path, .optional("user"), .optional("group"), .optional("mode")]
        ) { arguments in
            let directory = FileAccess.parent(of: place(arguments))
            guard FileStatus(directory)?.kind != .dir else { return .string("Directory '\(directory)' already exists") }
            try FileAccess.makeDirectories(directory)
            try setMode(directory, arguments)
            try giveAway(directory, arguments)
            return .null
        },
        function(
            "symlink", "Make a symbolic link at `path` that points to `src`.",
            [.required("src"), path, .optional("force", false), .optional("atomic", false)]
        ) { arguments in
            let path = place(arguments)
            let source = arguments.text("src")
            guard path.hasPrefix("/") else { throw FunctionError.failed(reason: "Link path must be absolute: \(path)") }
            if let status = FileStatus(path, followsLinks: false) {
                if status.kind == .link, SystemFiles().linkTarget(path) == source { return true }
                guard arguments.isTrue("force") || arguments.isTrue("atomic") else {
                    throw FunctionError.failed(reason: "Found existing path: \(path). Use force=True to replace it")
                }
                guard status.kind != .dir else {
                    throw FunctionError.failed(reason: "Existing path is a directory: \(path)")
                }
            }
            let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
            guard Glibc.symlink(source, temporary) == 0 else { throw FileAccess.failure("make the link", path) }
            guard Glibc.rename(temporary, path) == 0 else {
                let error = FileAccess.failure("make the link", path)
                unlink(temporary)
                throw error
            }
            return true
        },
        function("link", "Make a hard link at `path` to `src`.", [.required("src"), path]) { arguments in
            guard Glibc.link(place(arguments, "src"), place(arguments)) == 0 else {
                throw FileAccess.failure("link", place(arguments))
            }
            return true
        },
        function("rename", "Rename a file or directory.", [.required("src"), .required("dst")]) { arguments in
            let source = place(arguments, "src")
            guard source.hasPrefix("/") else { throw FunctionError.failed(reason: "File path must be absolute.") }
            guard Glibc.rename(source, place(arguments, "dst")) == 0 else { throw FileAccess.failure("rename", source) }
            return true
        },
        function(
            "move", "Move a file or directory.",
            [.required("src"), .required("dst"), .optional("disallow_copy_and_unlink", false)]
        ) {
            arguments in
            let source = place(arguments, "src")
            let target = place(arguments, "dst")
            guard source.hasPrefix("/"), target.hasPrefix("/") else {
                throw FunctionError.failed(reason: "Source and destination paths must be absolute.")
            }
            if Glibc.rename(source, target) != 0 {
                guard errno == EXDEV, !arguments.isTrue("disallow_copy_and_unlink") else {
                    throw FileAccess.failure("move", source)
                }
                try copy(source, to: target, isRecursive: true)
                try FileAccess.remove(source)
            }
            return ["comment": .string("'\(source)' moved to '\(target)'"), "result": true]
        },
        function(
            "copy", "Copy a file, with `recurse` a whole directory.",
            [.required("src"), .required("dst"), .optional("recurse", false), .optional("remove_existing", false)]
        ) { arguments in
            let source = place(arguments, "src")
            let target = place(arguments, "dst")
            guard source.hasPrefix("/") else { throw FunctionError.failed(reason: "File path must be absolute.") }
            guard let status = FileStatus(source) else {
                throw FunctionError.failed(reason: "No such file or directory: '\(source)'")
            }
            if arguments.isTrue("remove_existing"), FileStatus(target) != nil, arguments.isTrue("recurse") {
                try FileAccess.remove(target)
            }
            guard status.kind != .dir || arguments.isTrue("recurse") else {
                throw FunctionError.failed(reason: "\(source) is a directory: use recurse=True")
            }
            try copy(source, to: target, isRecursive: arguments.isTrue("recurse"))
            return true
        },
        function("truncate", "Cut a file to a length in bytes.", [path, .required("length")]) { arguments in
            guard Glibc.truncate(place(arguments), off_t(try arguments.integer("length"))) == 0 else {
                throw FileAccess.failure("cut", place(arguments))
            }
            return true
        },
    ]

    private static func copy(_ source: String, to target: String, isRecursive: Bool) throws(FunctionError) {
        guard let status = FileStatus(source, followsLinks: !isRecursive) else {
            throw FileAccess.failure("copy", source)
        }
        switch status.kind {
        case .dir:
            try FileAccess.makeDirectories(target)
            for name in try FileAccess.names(in: source) {
                try copy("\(source)/\(name)", to: "\(target)/\(name)", isRecursive: true)
            }
            guard chmod(target, mode_t(status.permissions)) == 0 else {
                throw FileAccess.failure("change the mode of", target)
            }
        case .link:
            guard let link = SystemFiles().linkTarget(source), Glibc.symlink(link, target) == 0 else {
                throw FileAccess.failure("copy", source)
            }
        case .file, .char, .block, .pipe, .socket, .unknown:
            let inside = FileStatus(target)?.kind == .dir ? "\(target)/\(FileAccess.name(of: source))" : target
            try FileAccess.write(
                FileAccess.read(source), to: inside, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: status.permissions)
            guard chmod(inside, mode_t(status.permissions)) == 0 else {
                throw FileAccess.failure("change the mode of", inside)
            }
        }
    }

    // MARK: Owners and modes

    static let owners: [ModuleFunction] = [
        function("get_mode", "Return the mode of a path as octal digits.", [path, .optional("follow_symlinks", true)]) {
            .string(try status(place($0), followsLinks: $0.isTrue("follow_symlinks")).mode)
        },
        function("set_mode", "Set the mode of a path.", [path, .required("mode")]) { arguments in
            let path = place(arguments)
            _ = try status(path)
            try setMode(path, arguments)
            return .string(try status(path).mode)
        },
        function("get_user", "Return the owner of a path.", [path, .optional("follow_symlinks", true)]) {
            .string(try status(place($0), followsLinks: $0.isTrue("follow_symlinks")).user)
        },
        function("get_group", "Return the group of a path.", [path, .optional("follow_symlinks", true)]) {
            .string(try status(place($0), followsLinks: $0.isTrue("follow_symlinks")).group)
        },
        function("get_uid", "Return the owner's number.", [path, .optional("follow_symlinks", true)]) {
            .int(Int64(try status(place($0), followsLinks: $0.isTrue("follow_symlinks")).userID))
        },
        function("get_gid", "Return the group's number.", [path, .optional("follow_symlinks", true)]) {
            .int(Int64(try status(place($0), followsLinks: $0.isTrue("follow_symlinks")).groupID))
        },
        function("user_to_uid", "Return the number of a user.", [.required("user")]) {
            userID($0["user"]).map { .int(Int64($0)) } ?? ""
        },
        function("group_to_gid", "Return the number of a group.", [.required("group")]) {
            groupID($0["group"]).map { .int(Int64($0)) } ?? ""
        },
        function("uid_to_user", "Return the name of a user.", [.required("uid")]) {
            .string(UInt32(exactly: try $0.integer("uid")).flatMap { Accounts.user(id: $0)?.name } ?? "")
        },
        function("gid_to_group", "Return the name of a group.", [.required("gid")]) {
            .string(UInt32(exactly: try $0.integer("gid")).flatMap { Accounts.groupName(id: $0) } ?? "")
        },
        function(
            "chown", "Set owner and group of a path; null on success, else what was wrong.",
            [path, .required("user"), .required("group")]
        ) {
            arguments in
            let problem =
                missingAccounts(arguments)
                + (FileStatus(place(arguments), followsLinks: false) == nil ? "File not found" : "")
            guard problem.isEmpty else { return .string(problem.trimmed) }
            try giveAway(place(arguments), arguments)
            return .null
        },
        function("lchown", "Set owner and group of a link itself.", [path, .required("user"), .required("group")]) {
            arguments in
            let problem = missingAccounts(arguments)
            guard problem.isEmpty else { return .string(problem.trimmed) }
            let user = userID(arguments["user"]) ?? .max
            guard Glibc.lchown(place(arguments), user, groupID(arguments["group"]) ?? .max) == 0 else {
                throw FileAccess.failure("give away", place(arguments))
            }
            return .null
        },
        function("chgrp", "Set the group of a path; null on success, else what was wrong.", [path, .required("group")])
        { arguments in
            guard let group = groupID(arguments["group"]) else { return "Group does not exist" }
            guard Glibc.chown(place(arguments), .max, group) == 0 else {
                throw FileAccess.failure("give away", place(arguments))
            }
            return .null
        },
    ]

    private static func missingAccounts(_ arguments: Arguments) -> String {
        (userID(arguments["user"]) == nil && arguments["user"].isTruthy ? "User does not exist\n" : "")
            + (groupID(arguments["group"]) == nil && arguments["group"].isTruthy ? "Group does not exist\n" : "")
    }

    private static func userID(_ value: Value) -> UInt32? {
        value.int.flatMap { UInt32(exactly: $0) } ?? value.string.flatMap { Accounts.user(named: $0)?.id ?? UInt32($0) }
    }

    private static func groupID(_ value: Value) -> UInt32? {
        value.int.flatMap { UInt32(exactly: $0) } ?? value.string.flatMap { Accounts.groupID(named: $0) ?? UInt32($0) }
    }

    private static func setMode(_ path: String, _ arguments: Arguments) throws(FunctionError) {
        guard let text = arguments.optionalText("mode") else { return }
        let digits = text.hasPrefix("0o") ? String(text.dropFirst(2)) : text
        guard let mode = UInt32(digits, radix: 8), mode <= 0o7777 else { throw .failed(reason: "Invalid Mode \(text)") }
        guard chmod(path, mode_t(mode)) == 0 else { throw FileAccess.failure("change the mode of", path) }
    }

    private static func giveAway(_ path: String, _ arguments: Arguments) throws(FunctionError) {
        let problem = missingAccounts(arguments)
        guard problem.isEmpty else { throw .failed(reason: problem.trimmed) }
        guard arguments["user"].isTruthy || arguments["user"].int == 0 || arguments["group"].isTruthy else { return }
        guard Glibc.chown(path, userID(arguments["user"]) ?? .max, groupID(arguments["group"]) ?? .max) == 0 else {
            throw FileAccess.failure("give away", path)
        }
    }
}
