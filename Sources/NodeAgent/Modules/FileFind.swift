import Glibc
import MusterCore
import SaltProtocol

/// Salt's `file.find`: paths below a directory by name, type, size, time and owner.
///
/// Served: `name`, `iname`, `regex`, `iregex`, `path`, `type`, `size`, `mtime`, `owner`, `user`, `group`, `grep`, `maxdepth`, `mindepth`, `print`
/// and `delete`; `exec` is not. Order: by name, a directory before what is in it.
///
/// Source: Salt 3008, `salt/utils/find.py`.
enum FileFind {
    static let function = ModuleFunction(
        "find",
        "Return the paths below a directory that meet all conditions.\n\nCLI Example:\n\n    salt '*' file.find /var/log name='*.[0-9]' mtime=+30d size=+10m print=path,size",
        parameters: [.required("path")], extras: [.positional, .keywords]
    ) { arguments, _ in
        FunctionResult(
            try await blocking {
                Result {
                    let request = try Request(arguments)
                    return .array(try request.paths(below: FileAccess.expanded(arguments.text("path"))))
                }
            }.get())
    }

    private typealias Condition = (_ path: String, _ name: String, _ status: FileStatus) throws -> Bool

    private struct Request {
        var conditions: [Condition] = []
        var maximumDepth = Int.max
        var minimumDepth = 0
        var columns = ["path"]
        var deletes: Set<FileStatus.Kind>?

        init(_ arguments: Arguments) throws(FunctionError) {
            for entry in arguments.keywords where entry.key.string?.hasPrefix("__") != true {
                try add(entry.key.argumentText, entry.value)
            }
        }

        private mutating func add(_ option: String, _ value: Value) throws(FunctionError) {
            let text = value.argumentText
            switch option {
            case "name":
                let glob = Glob(text)
                conditions.append { _, name, _ in glob.matches(name) }
            case "iname":
                let glob = Glob(text.lowercased())
                conditions.append { _, name, _ in glob.matches(name.lowercased()) }
            case "path":
                let glob = Glob(text)
                conditions.append { path, _, _ in glob.matches(path) }
            case "regex", "iregex":
                let expression = try PythonRegex(text, flags: option == "iregex" ? .ignoresCase : [])
                conditions.append { path, _, _ in expression.occurs(in: path) }
            case "grep":
                let expression = try PythonRegex(text)
                conditions.append { path, _, status in
                    guard status.kind == .file else { return false }
                    return expression.occurs(in: try FileAccess.text(path))
                }
            case "type":
                let kinds = try kinds(text)
                conditions.append { _, _, status in kinds.contains(status.kind) }
            case "size":
                let limit = try Limit(
                    text, units: ["b": 1, "k": 1024, "m": 1_048_576, "g": 1_073_741_824, "t": 1_099_511_627_776],
                    what: "size")
                conditions.append { _, _, status in limit.holds(Double(status.size)) }
            case "mtime":
                let limit = try Limit(
                    text, units: ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800], what: "time")
                let now = Double(time(nil))
                conditions.append { _, _, status in limit.holds(now - status.modified) }
            case "owner", "user":
                let names = value.array?.map(\.argumentText) ?? text.split(separator: ",").map(String.init)
                conditions.append { _, _, status in names.contains(status.user) || names.contains(String(status.userID))
                }
            case "group":
                let names = value.array?.map(\.argumentText) ?? text.split(separator: ",").map(String.init)
                conditions.append { _, _, status in
                    names.contains(status.group) || names.contains(String(status.groupID))
                }
            case "maxdepth": maximumDepth = try depth(text)
            case "mindepth": minimumDepth = try depth(text)
            case "print":
                columns = text.split { $0 == "," || $0 == " " }.map(String.init)
                let known = ["group", "md5", "mode", "mtime", "name", "path", "size", "type", "user"]
                guard let unknown = columns.first(where: { !known.contains($0) }) else { return }
                throw .failed(reason: "Unknown print option: \(unknown)")
            case "delete": deletes = text == "True" || text.isEmpty ? [.file] : try kinds(text)
            default: throw .failed(reason: "Unknown option: \(option)")
            }
        }

        private func depth(_ text: String) throws(FunctionError) -> Int {
            guard let depth = Int(text), depth >= 0 else { throw .failed(reason: "'\(text)' is no depth") }
            return depth
        }

        private func kinds(_ text: String) throws(FunctionError) -> Set<FileStatus.Kind> {
            let letters: [Character: FileStatus.Kind] = [
                "b": .block, "c": .char, "d": .dir, "p": .pipe, "f": .file, "l": .link, "s": .socket,
            ]
            var kinds: Set<FileStatus.Kind> = []
            for letter in text where letter != "," {
                guard let kind = letters[letter] else { throw .failed(reason: "Unknown type '\(letter)'") }
                kinds.insert(kind)
            }
            return kinds
        }

        func paths(below root: String) throws -> [Value] {
            var found: [Value] = []
            try visit(root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root, depth: 0, into: &found)
            return found
        }

        private func visit(_ path: String, depth: Int, into found: inout [Value]) throws {
            // What disappears during the walk is not there.
            guard let status = FileStatus(path, followsLinks: false) else { return }
            let isWanted =
                try depth >= minimumDepth && conditions.allSatisfy { try $0(path, FileAccess.name(of: path), status) }
            if isWanted { found.append(try row(path, status)) }
            if status.kind == .dir && depth < maximumDepth {
                for name in SystemFiles().names(in: path) {
                    try visit(path == "/" ? "/\(name)" : "\(path)/\(name)", depth: depth + 1, into: &found)
                }
            }
            if isWanted, let deletes, deletes.contains(status.kind), depth > 0 || status.kind != .dir {
                try FileAccess.remove(path)
            }
        }

        private func row(_ path: String, _ status: FileStatus) throws -> Value {
            let cells = try columns.map { column -> Value in
                switch column {
                case "name": .string(FileAccess.name(of: path))
                case "size": .int(status.size)
                case "type": .string(status.kind.letter)
                case "user": .string(status.user)
                case "group": .string(status.group)
                case "mode": .string(status.mode)
                case "mtime": .double(status.modified)
                case "md5": .string(status.kind == .file ? try DigestAlgorithm.md5.hex(try FileAccess.read(path)) : "")
                default: .string(path)
                }
            }
            return cells.count == 1 ? cells[0] : .array(cells)
        }
    }

    /// `+10m`, `-3k` or a number alone: more, less, or exactly in whole units.
    private struct Limit {
        private let range: ClosedRange<Double>

        init(_ text: String, units: [Character: Double], what: String) throws(FunctionError) {
            let sign = text.first.flatMap { "+-".contains($0) ? $0 : nil }
            let body = sign == nil ? text[...] : text.dropFirst()
            let unit = body.last.flatMap { units[Character($0.lowercased())] }
            guard let number = Double(unit == nil ? body : body.dropLast()) else {
                throw .failed(reason: "invalid \(what): \"\(text)\"")
            }
            let base = number * (unit ?? (what == "time" ? 86_400 : 1))
            switch sign {
            case "+": range = base...Double.infinity
            case "-": range = -Double.infinity...base
            default: range = base...(base + (unit ?? (what == "time" ? 86_400 : 1)) - 1)
            }
        }

        func holds(_ value: Double) -> Bool { range.contains(value) }
    }
}

extension FileStatus.Kind {
    /// The letter that `find` has for it.
    fileprivate var letter: String {
        switch self {
        case .file: "f"
        case .dir: "d"
        case .link: "l"
        case .char: "c"
        case .block: "b"
        case .pipe: "p"
        case .socket: "s"
        case .unknown: "?"
        }
    }
}
