import MusterCore

/// The package manager of a machine: which programs do what, and what they print.
///
/// Every name that is given goes behind `--`, so that none is an option. Programs run in English and ask nothing.
struct PackageManager: Sendable, Hashable {
    enum Kind: String, Sendable, Hashable { case apt, dnf, yum }

    /// A package as the machine has it.
    struct Installed: Sendable, Hashable {
        var name: String
        /// The whole version, with epoch and release.
        var version: String
        var epoch: String?
        var release: String?
        var architecture: String?
        /// Whether only its configuration is left.
        var isRemoved = false
    }

    /// A package that could be newer.
    struct Update: Sendable, Hashable {
        var name: String
        var version: String
        var repository: String
    }

    /// What is asked of it.
    enum Change: Sendable, Hashable {
        case install(version: String?)
        /// To the newest version, when it is there at all.
        case update
        case remove
        case purge
    }

    let kind: Kind

    init(_ kind: Kind) { self.kind = kind }

    /// The one of this machine, nil when it has none that we know.
    static func current(_ files: SystemFiles = SystemFiles()) -> PackageManager? {
        if files.exists("/usr/bin/apt-get") { return PackageManager(.apt) }
        if files.exists("/usr/bin/dnf") { return PackageManager(.dnf) }
        return files.exists("/usr/bin/yum") ? PackageManager(.yum) : nil
    }

    /// The command that changes a package.
    func command(_ change: Change, _ name: String) -> ProcessCommand {
        let words: [String]
        switch (kind, change) {
        case (.apt, .install(let version)):
            words = ["install", "--", version.map { "\(name)=\($0)" } ?? name]
        case (.apt, .update): words = ["install", "--only-upgrade", "--", name]
        case (.apt, .remove): words = ["remove", "--", name]
        case (.apt, .purge): words = ["purge", "--", name]
        case (_, .install(let version)): words = ["install", "--", version.map { "\(name)-\($0)" } ?? name]
        case (_, .update): words = ["update", "--", name]
        case (_, .remove), (_, .purge): words = ["remove", "--", name]
        }
        return kind == .apt ? apt(words) : PackageManager.command([kind.rawValue, "-q", "-y"] + words)
    }

    /// Refreshes what is known of repositories.
    var refresh: ProcessCommand {
        kind == .apt ? apt(["update"]) : PackageManager.command([kind.rawValue, "-q", "makecache"])
    }

    /// Lists what could be newer. dnf and yum exit with 100 when there is something.
    var listUpdates: ProcessCommand {
        kind == .apt
            ? apt(["--simulate", "dist-upgrade"]) : PackageManager.command([kind.rawValue, "-q", "check-update"])
    }

    /// Lists packages: all, or one.
    func list(_ name: String? = nil) -> ProcessCommand {
        let names = name.map { ["--", $0] } ?? []
        return kind == .apt
            ? PackageManager.command(
                ["dpkg-query", "-W", "-f=${Package}\\t${Version}\\t${Architecture}\\t${db:Status-Status}\\n"] + names)
            : PackageManager.command(
                ["rpm", "-q", "--qf", "%{NAME}\\t%{EPOCH}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\n"]
                    + (name == nil ? ["-a"] : names))
    }

    private func apt(_ words: [String]) -> ProcessCommand {
        PackageManager.command(
            [
                "apt-get", "-q", "-y", "-o", "Dpkg::Options::=--force-confdef", "-o",
                "Dpkg::Options::=--force-confold",
            ] + words)
    }

    private static func command(_ words: [String]) -> ProcessCommand {
        var command = ProcessCommand(words)
        command.environment = ["LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"]
        return command
    }

    /// Reads what ``list(_:)`` printed.
    func packages(_ output: String) -> [Installed] {
        output.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            if kind == .apt {
                guard fields.count == 4, !fields[1].isEmpty || fields[3] == "config-files" else { return nil }
                return Installed(
                    name: fields[0], version: fields[1], architecture: fields[2], isRemoved: fields[3] != "installed")
            }
            guard fields.count == 5 else { return nil }
            let epoch = fields[1] == "(none)" ? nil : fields[1]
            return Installed(
                name: fields[0], version: "\(epoch.map { "\($0):" } ?? "")\(fields[2])-\(fields[3])",
                epoch: epoch ?? "0",
                release: fields[3], architecture: fields[4])
        }
    }

    /// Reads what ``listUpdates`` printed.
    func updates(_ output: String) -> [Update] {
        output.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            if kind == .apt {
                // Inst bash [5.2.15-2+b8] (5.2.15-2+b9 Debian:12.9/stable [amd64])
                guard words.first == "Inst", words.count > 2, let open = words.firstIndex(where: { $0.hasPrefix("(") })
                else { return nil }
                let source = words.indices.contains(open + 1) ? words[open + 1] : ""
                return Update(name: words[1], version: String(words[open].dropFirst()), repository: source)
            }
            guard words.count == 3, let dot = words[0].lastIndex(of: ".") else { return nil }
            return Update(name: String(words[0][..<dot]), version: words[1], repository: words[2])
        }
    }
}
