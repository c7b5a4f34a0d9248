package import MusterCore
import SaltProtocol

/// Gathers the core facts under Salt's grain names, with Salt's values.
///
/// Which of Salt's are equal, different or missing, and why: `docs/grains.md`.
package enum CoreFacts {
    /// - Parameter configuration: The node's configuration under Salt's keys; `id`, `master`, `append_domain`,
    ///   `enable_fqdns_grains`, `enable_gpu_grains`, `enable_lspci` and `grain_opts` matter.
    package static func gather(_ source: FactsSource, configuration: ValueMap) async -> ValueMap {
        let files = source.files
        let programs = ProgramPath(source.environment["PATH"], files: files)
        let id = configuration["id"]?.string ?? ""
        var facts = kernel(source)
        facts.merge(OperatingSystemFacts.gather(files, cpuArchitecture: source.kernel.machine))
        facts.merge(HardwareFacts.gather(files, programs: programs))
        let detected = await output(of: "systemd-detect-virt", [], programs, source.processes)
        facts.merge(VirtualFacts.gather(files, detected: detected))
        facts["init"] = .string(SystemdFacts.initSystem(files, programs: programs))
        if programs.find("systemctl") != nil && programs.find("localectl") != nil {
            let version = await output(of: "systemctl", ["--version"], programs, source.processes)
            facts["systemd"] = SystemdFacts.systemd(versionText: version, files)
        }
        if programs.find("selinuxenabled") != nil {
            facts["selinux"] = selinux(files, tellsMode: programs.find("getenforce") != nil)
        }
        facts.merge(ProcessFacts.gather(source))
        let resolves = configuration["enable_fqdns_grains"]?.isTruthy ?? true
        facts.merge(await NetworkFacts.gather(source, resolvesAddresses: resolves))
        facts["id"] = .string(id)
        facts["master"] = configuration["master"] ?? ""
        facts["server_id"] = .int(serverID(of: id))
        facts["append_domain"] = configuration["append_domain"]
        if configuration["grain_opts"]?.isTruthy == true { facts["opts"] = .map(configuration) }
        facts.merge(rest(files, programs: programs))
        return facts
    }

    // MARK: Kernel

    private static func kernel(_ source: FactsSource) -> ValueMap {
        var facts: ValueMap = [
            "kernel": .string(source.kernel.name), "nodename": .string(source.kernel.nodeName),
            "kernelrelease": .string(source.kernel.release), "kernelversion": .string(source.kernel.version),
            "cpuarch": .string(source.kernel.machine),
        ]
        if let line = source.files.text("/proc/cmdline") { facts["kernelparams"] = kernelParameters(line) }
        return facts
    }

    /// Pairs of name and value; a value that itself has an `=` is null, as Salt has it.
    private static func kernelParameters(_ line: String) -> Value {
        .array(
            // A line with an open quote is split at its blanks, as it was meant for a boot loader and no shell.
            ((try? ShellWords.split(line)) ?? line.split(separator: " ").map(String.init)).map { word in
                let parts = word.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
                return [.string(parts[0]), parts.count == 2 ? .string(parts[1]) : .null]
            })
    }

    // MARK: The rest

    private static func rest(_ files: SystemFiles, programs: ProgramPath) -> ValueMap {
        let variables = ["/sys/firmware/efi/efivars", "/sys/firmware/efi/vars"].first(where: files.exists)
        var facts: ValueMap = [
            "ps": "ps -efHww",
            "efi": .bool(variables != nil),
            "efi-secure-boot": .bool(variables.map { isSecureBoot($0, files) } ?? false),
            "fibre_channel_host": .bool(files.isDirectory("/sys/class/fc_host")),
            "transactional": .bool(programs.find("transactional-update") != nil),
            "saltversion": .string(AgentVersion.salt),
            "saltversioninfo": .array(AgentVersion.salt.split(separator: ".").compactMap { Int64($0).map(Value.int) }),
            "musterversion": .string(Muster.version),
            "package": .null,
        ]
        let machineID = ["/etc/machine-id", "/var/lib/dbus/machine-id"].first(where: files.exists)
        if let id = machineID.flatMap(files.trimmedText) { facts["machine_id"] = .string(id) }
        return facts
    }

    private static func isSecureBoot(_ directory: String, _ files: SystemFiles) -> Bool {
        let variables = files.names(in: directory).filter { $0.hasPrefix("SecureBoot-") }
        guard variables.count == 1 else { return false }
        let suffix = directory.hasSuffix("efivars") ? "" : "/data"
        return files.bytes("\(directory)/\(variables[0])\(suffix)")?.last == 1
    }

    private static func selinux(_ files: SystemFiles, tellsMode: Bool) -> Value {
        let mode = files.trimmedText("/sys/fs/selinux/enforce")
        var facts: ValueMap = ["enabled": .bool(mode != nil)]
        if tellsMode { facts["enforced"] = mode == nil ? "Disabled" : mode == "1" ? "Enforcing" : "Permissive" }
        return .map(facts)
    }

    /// 31 bits of the id's SHA-256, for use as a MySQL server id.
    private static func serverID(of id: String) -> Int64 {
        // Without a working libcrypto there is no node at all; 0 is no server id.
        guard let digest = try? DigestAlgorithm.sha256.hash(Array(id.utf8)) else { return 0 }
        return Int64(digest.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff)
    }

    /// What a program prints, nil when it is not installed, fails or takes longer than five seconds.
    private static func output(
        of name: String, _ arguments: [String], _ programs: ProgramPath, _ processes: (any ProcessRunning)?
    ) async -> String? {
        guard let processes, let path = programs.find(name) else { return nil }
        var command = ProcessCommand([path] + arguments)
        command.timeout = .seconds(5)
        command.outputLimitBytes = 64 << 10
        do {
            let result = try await processes.run(command)
            // systemd-detect-virt prints "none" and fails on real hardware.
            return result.exitCode == 0 ? String(decoding: result.output, as: UTF8.self).trimmed : "none"
        } catch {
            return nil
        }
    }
}

extension ValueMap {
    /// Takes over all entries of another map; its values win.
    package mutating func merge(_ other: ValueMap) {
        for entry in other { self[entry.key] = entry.value }
    }
}

/// The versions a node tells about itself.
package enum AgentVersion {
    /// The Salt release whose minion the node behaves as. Masters and states compare it.
    package static let salt = "3008.5"
}
