import MCollectiveProtocol
import MusterCore
import SaltProtocol

extension CollectiveAgent {
    /// `package`: installs and removes packages.
    package static let package = CollectiveAgent(
        StandardDDLs.agent(named: "package") ?? DDL(),
        actions: [
            "install": { call in
                try await PackageAgent.change(call, .install(version: call.text("version")), when: .isAbsent)
            },
            "update": { call in try await PackageAgent.change(call, .update, when: .isPresent) },
            "uninstall": { call in try await PackageAgent.change(call, .remove, when: .isPresent) },
            "purge": { call in try await PackageAgent.change(call, .purge, when: .always) },
            "status": { call in try await PackageAgent.status(call) },
            "count": { call in
                let count = try await PackageAgent.installed(call).count
                return RubyHash(outputs: ["output": .text(String(count)), "exitcode": 0])
            },
            "md5": { call in
                let lines = try await PackageAgent.installed(call).map { "\($0.name) \($0.version)\n" }.sorted()
                let digest = try DigestAlgorithm.md5.hex(Array(lines.joined().utf8))
                return RubyHash(outputs: ["output": .text(digest), "exitcode": 0])
            },
            "yum_clean": PackageAgent.clean,
            "apt_update": { call in
                let ran = try await PkgModule.run(
                    try PackageAgent.manager(.apt).refresh, call.context.functions)
                return RubyHash(outputs: ["output": .text(ran.output), "exitcode": .int(Int64(ran.code))])
            },
            "checkupdates": { call in
                let manager = try PkgModule.manager()
                var outputs = try await PackageAgent.updates(call, manager)
                outputs[.symbol("package_manager")] = .text(manager.kind.rawValue)
                return outputs
            },
            "yum_checkupdates": { call in try await PackageAgent.updates(call, PackageAgent.manager(.yum)) },
            "apt_checkupdates": { call in try await PackageAgent.updates(call, PackageAgent.manager(.apt)) },
        ])
}

extension DataPlugin {
    /// The version of a package.
    static let package = DataPlugin("package") { query, context in
        let status = try await PackageAgent.description(of: query ?? "", context.functions)
        let version = status[named: "ensure"]?.text ?? ""
        return RubyHash(outputs: [
            "status": .text(version), "installed": .bool(!["absent", "purged"].contains(version)),
        ])
    }
}

private enum PackageAgent {
    /// When a change is made at all; otherwise the answer says why not.
    enum Condition { case isAbsent, isPresent, always }

    @Sendable static func status(_ call: ActionCall) async throws -> RubyHash {
        try await description(of: call.text("package") ?? "", call.context.functions)
    }

    /// The outputs of a package. The architecture is given for RPM only, as by the peers.
    static func description(of name: String, _ context: FunctionContext) async throws -> RubyHash {
        let manager = try PkgModule.manager()
        var outputs = RubyHash(outputs: ["name": .text(name), "provider": .text(manager.kind.rawValue)])
        guard let found = try await PkgModule.installed(name, context).first else {
            outputs[.symbol("ensure")] = manager.kind == .apt ? "purged" : "absent"
            return outputs
        }
        outputs[.symbol("ensure")] = found.isRemoved ? "absent" : .text(found.version)
        if manager.kind != .apt {
            outputs[.symbol("epoch")] = found.epoch.map { .text($0) } ?? .null
            outputs[.symbol("release")] = found.release.map { .text($0) } ?? .null
            outputs[.symbol("arch")] = found.architecture.map { .text($0) } ?? .null
            outputs[.symbol("version")] = .text(found.version)
        }
        return outputs
    }

    static func change(
        _ call: ActionCall, _ change: PackageManager.Change, when condition: Condition
    ) async throws -> RubyHash {
        let context = call.context.functions
        let name = call.text("package") ?? ""
        try PackageAgent.check(name)
        let version = try await description(of: name, context)[named: "ensure"]?.text ?? "absent"
        let isPresent = !["absent", "purged"].contains(version)
        let note: String
        switch condition {
        case .isAbsent where isPresent && call.text("version") == nil: note = "Package is already installed"
        case .isPresent where !isPresent: note = "Package is not present on the system"
        case .isAbsent, .isPresent, .always:
            note = try await PkgModule.run(try PkgModule.manager().command(change, name), context).output
        }
        var outputs = try await description(of: name, context)
        outputs[.symbol("output")] = .text(note)
        return outputs
    }

    /// Package managers read more than names: paths, addresses, patterns, and signs that mean the opposite.
    private static func check(_ name: String) throws(ActionFailure) {
        let isPlain = name.utf8.allSatisfy { byte in
            Identity.isValid(String(UnicodeScalar(byte))) || UInt8(ascii: "+") == byte || UInt8(ascii: ":") == byte
                || UInt8(ascii: "~") == byte || UInt8(ascii: "@") == byte
        }
        guard isPlain, name.first?.isLetter == true || name.first?.isNumber == true || name.hasPrefix("@"),
            !name.hasSuffix("-")
        else { throw ActionFailure("'\(name)' is no name of a package", status: .invalidData) }
    }

    static func installed(_ call: ActionCall) async throws -> [PackageManager.Installed] {
        try await PkgModule.installed(nil, call.context.functions).filter { !$0.isRemoved }
    }

    /// The package manager of this machine when it is of a kind; dnf does what is asked of yum.
    static func manager(_ kind: PackageManager.Kind) throws -> PackageManager {
        let manager = try PkgModule.manager()
        guard (manager.kind == .apt) == (kind == .apt) else {
            throw ActionFailure("Cannot find \(kind.rawValue) on this system")
        }
        return manager
    }

    @Sendable static func clean(_ call: ActionCall) async throws -> RubyHash {
        let manager = try manager(.yum)
        let mode = call.text("mode") ?? "all"
        let ran = try await PkgModule.run(
            ProcessCommand([manager.kind.rawValue, "clean", mode]), call.context.functions)
        return RubyHash(outputs: ["output": .text(ran.output), "exitcode": .int(Int64(ran.code))])
    }

    static func updates(_ call: ActionCall, _ manager: PackageManager) async throws -> RubyHash {
        let ran = try await PkgModule.run(manager.listUpdates, call.context.functions, accepting: [0, 100])
        let updates = manager.updates(ran.output).map { update -> RubyValue in
            .hash(
                RubyHash(outputs: [
                    "package": .text(update.name), "version": .text(update.version), "repo": .text(update.repository),
                ]))
        }
        return RubyHash(outputs: [
            "outdated_packages": .array(updates), "output": .text(ran.output), "exitcode": .int(Int64(ran.code)),
        ])
    }
}
