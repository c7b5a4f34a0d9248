import MusterCore

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Who the node's process is.
package struct ProcessIdentity: Sendable {
    package var processID: Int64
    package var userID: Int64
    package var groupID: Int64
    package var userName: String
    /// The primary group of that user.
    package var groupName: String
    package var workingDirectory: String
    /// The path of the running program.
    package var executable: String

    package init(
        processID: Int64, userID: Int64, groupID: Int64, userName: String, groupName: String, workingDirectory: String,
        executable: String
    ) {
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
        self.userName = userName
        self.groupName = groupName
        self.workingDirectory = workingDirectory
        self.executable = executable
    }

    /// This process, as it is now.
    package static func current() -> ProcessIdentity {
        let user = Accounts.user(id: geteuid())
        return ProcessIdentity(
            processID: Int64(getpid()), userID: Int64(geteuid()), groupID: Int64(getegid()),
            userName: user?.name ?? "", groupName: user.flatMap { Accounts.groupName(id: $0.groupID) } ?? "",
            workingDirectory: SystemFiles().linkTarget("/proc/self/cwd") ?? "",
            executable: SystemFiles().linkTarget("/proc/self/exe") ?? "")
    }
}

/// The process's identity, its environment and its place in time: `pid`, `path`, `shell`, `locale_info` …
///
/// Source: Salt 3008, `salt/grains/minion_process.py`, `extra.py`, `core.py` (`locale_info`, `path`, `cwd`).
enum ProcessFacts {
    static func gather(_ source: FactsSource) -> ValueMap {
        let identity = source.identity
        let path = (source.environment["PATH"] ?? "").trimmed
        return [
            "cwd": .string(identity.workingDirectory),
            "path": .string(path),
            "systempath": .array(
                path.split(separator: ":", omittingEmptySubsequences: false).map { .string(String($0)) }),
            "shell": .string(source.environment["SHELL"] ?? "/bin/sh"),
            "username": .string(identity.userName), "groupname": .string(identity.groupName),
            "pid": .int(identity.processID), "gid": .int(identity.groupID), "uid": .int(identity.userID),
            "locale_info": locale(source.environment, timeZone: source.timeZoneName()),
        ]
    }

    /// What Python would call the locale: the C locale counts as `en_US.UTF-8`, since Python runs in C.UTF-8 there.
    private static func locale(_ environment: [String: String], timeZone: String) -> Value {
        let name =
            ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? "C"
        let parts = name.split(separator: "@")[0].split(separator: ".", maxSplits: 1)
        var language = parts.first.map(String.init) ?? "C"
        var encoding = parts.count > 1 ? String(parts[1]) : nil
        if language == "C" || language == "POSIX" {
            language = "en_US"
            encoding = "UTF-8"
        }
        if let given = encoding?.lowercased(), given == "utf8" || given == "utf-8" { encoding = "UTF-8" }
        return [
            "defaultlanguage": .string(language), "defaultencoding": .string(encoding ?? "ISO8859-1"),
            "detectedencoding": .string((encoding ?? "ISO8859-1").lowercased()), "timezone": .string(timeZone),
        ]
    }
}
