import MusterCore

/// The init system, and systemd's version where it is installed.
///
/// Source: Salt 3008, `salt/grains/core.py`, `_linux_init_system` and `_systemd`.
enum SystemdFacts {
    static func initSystem(_ files: SystemFiles, programs: ProgramPath) -> String {
        if files.exists("/run/systemd/system") { return "systemd" }
        guard let line = files.bytes("/proc/1/cmdline") else { return "unknown" }
        let words = line.split { $0 == 0 || $0 == 0x20 }.map { String(decoding: $0, as: UTF8.self) }
        guard let first = words.first else { return "unknown" }
        if let program = programs.find(first), program.hasSuffix("bin/init") {
            let content = String(decoding: files.bytes(program) ?? [], as: UTF8.self).lowercased()
            return ["upstart", "sysvinit", "systemd"].first(where: content.has) ?? "unknown"
        }
        for name in ["supervisord", "dumb-init", "tini"] {
            if let path = programs.find(name), words.contains(path) { return name }
        }
        return words == ["runit"] || words.contains("/sbin/my_init") ? "runit" : "unknown"
    }

    /// Version and features; without `systemctl`'s own words, the version in the name of systemd's shared library.
    static func systemd(versionText: String?, _ files: SystemFiles) -> Value {
        let lines = (versionText ?? "").split(separator: "\n")
        if lines.count >= 2, lines[0].hasPrefix("systemd "), let version = lines[0].words.dropFirst().first {
            return ["version": .string(String(version)), "features": .string(String(lines[1]))]
        }
        let prefix = "libsystemd-shared-"
        let libraries = ["/usr/lib/systemd", "/lib/systemd", "/usr/lib64/systemd"].lazy.flatMap { files.names(in: $0) }
        let version = libraries.first { $0.hasPrefix(prefix) }?.dropFirst(prefix.count).prefix(while: \.isNumber)
        return ["version": .string(version.map(String.init) ?? "UNDEFINED"), "features": ""]
    }
}
