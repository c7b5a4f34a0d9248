import MusterCore

/// The program `salt-key`: lists, accepts, rejects and deletes keys in Salt's layout.
///
/// Source: Salt 3008, `salt/key.py`, `KeyCLI`; `salt/utils/parsers.py`, `SaltKeyOptionParser`.
struct SaltKeyCommand {
    let options: OptionParser.Result
    let output: SaltOutput
    let context: CommandContext

    private static let generation: OptionParser.Option.Treatment = .refused(
        "keys are made by the programs that use them")
    private static let eauth: OptionParser.Option.Treatment = .refused(
        "who may command is who may open the control socket")

    static let options: [OptionParser.Option] = [
        .init("list", ["-l", "--list"], value: "STATE", .taken, "List keys: pre, un, acc, rej, den or all."),
        .init("list-all", ["-L", "--list-all"], .taken, "List all keys, which is the default."),
        .init("accept", ["-a", "--accept"], value: "GLOB", .taken, "Accept pending keys."),
        .init("accept-all", ["-A", "--accept-all"], .taken, "Accept all pending keys."),
        .init("reject", ["-r", "--reject"], value: "GLOB", .taken, "Reject pending keys."),
        .init("reject-all", ["-R", "--reject-all"], .taken, "Reject all pending keys."),
        .init("include-all", ["--include-all"], .taken, "With rejected or accepted keys."),
        .init("include-accepted", ["--include-accepted"], .taken, "Reject accepted keys too."),
        .init("include-rejected", ["--include-rejected"], .taken, "Accept rejected keys too."),
        .init("include-denied", ["--include-denied"], .taken, "With denied keys."),
        .init("delete", ["-d", "--delete"], value: "GLOB", .taken, "Delete keys."),
        .init("delete-all", ["-D", "--delete-all"], .taken, "Delete all keys."),
        .init("finger", ["-f", "--finger"], value: "GLOB", .taken, "Print fingerprints."),
        .init("finger-all", ["-F", "--finger-all"], .taken, "Print all fingerprints, the controller's own too."),
        .init("print", ["-p", "--print"], value: "GLOB", .refused("the control socket gives fingerprints: use -f")),
        .init("print-all", ["-P", "--print-all"], .refused("the control socket gives fingerprints: use -F")),
        .init("yes", ["-y", "--yes"], .taken, "Do not ask."),
        .init("quiet", ["-q", "--quiet"], .taken, "Print nothing."),
        .init("user", ["-u", "--user"], value: "USER", .ignored("the control socket decides who may")),
        .init("rotate-aes-key", ["--rotate-aes-key"], value: "BOOL", .ignored("sessions of removed keys always end")),
        .init(
            "preserve-minions", ["--preserve-minions"], value: "BOOL", .refused("what is known of a deleted node goes")),
        .init("gen-keys", ["--gen-keys"], value: "NAME", generation),
        .init("gen-keys-dir", ["--gen-keys-dir"], value: "DIR", generation),
        .init("keysize", ["--keysize"], value: "BITS", generation),
        .init("gen-signature", ["--gen-signature"], generation),
        .init("priv", ["--priv"], value: "FILE", generation),
        .init("pub", ["--pub"], value: "FILE", generation),
        .init("signature-path", ["--signature-path"], value: "DIR", generation),
        .init("auto-create", ["--auto-create"], generation),
        .init("eauth", ["--auth", "--eauth", "--external-auth"], value: "NAME", eauth),
        .init("make-token", ["-T", "--make-token"], eauth),
        .init("username", ["--username"], value: "NAME", eauth),
        .init("password", ["--password"], value: "TEXT", eauth),
    ]

    func run() async throws -> Int32 {
        if options.has("delete-all"), !options.arguments.isEmpty {
            throw OptionError("Delete all takes no arguments. Use -d to delete specified keys")
        }
        let service = try await context.connect(SaltProgram.location(options))
        let keys = try await service.keys().sorted { $0.node < $1.node }
        if let state = options["list"] { return try list(keys, state) }
        for (name, action) in [("accept", KeyChange.Action.accept), ("reject", .reject), ("delete", .delete)] {
            if let glob = options[name] { return try await change(action, glob, keys, on: service) }
            if options.has("\(name)-all") { return try await change(action, "*", keys, on: service) }
        }
        if let glob = options["finger"] { return try await fingerprints(glob, keys, on: service) }
        if options.has("finger-all") { return try await fingerprints("*", keys, on: service) }
        return try list(keys, "all")
    }

    // MARK: List

    /// The states in Salt's order, with the words that choose them.
    private static let sections: [(name: String, state: KeyState, prefixes: [String])] = [
        ("minions_pre", .pending, ["pre", "un"]), ("minions_rejected", .rejected, ["rej"]),
        ("minions", .accepted, ["acc"]), ("minions_denied", .denied, ["den"]),
    ]

    private func list(_ keys: [KeyEntry], _ word: String) throws -> Int32 {
        let chosen =
            word.hasPrefix("all")
            ? Self.sections : Self.sections.filter { $0.prefixes.contains { word.hasPrefix($0) } }
        guard !chosen.isEmpty else { throw OptionError("'\(word)' is not a valid argument to '--list'") }
        try show(
            .map(
                ValueMap(
                    chosen.map { section in
                        let names = keys.filter { $0.state == section.state }.map { Value.string($0.node.text) }
                        return (key: .string(section.name), value: .array(names))
                    })))
        return 0
    }

    private func fingerprints(
        _ glob: String, _ keys: [KeyEntry], on service: any ControllerService
    ) async throws -> Int32 {
        var found = grouped(matching(glob, keys)).map { section, entries in
            (
                key: Value.string(section),
                value: Value.map(
                    ValueMap(entries.map { (key: .string($0.node.text), value: .string($0.fingerprint)) }))
            )
        }
        if Self.patterns(glob).contains(where: { $0.matches("master.pub") }) {
            let own: ValueMap = ["master.pub": .string(try await service.ownFingerprint())]
            found.append((key: "local", value: .map(own)))
        }
        if !found.isEmpty { try show(.map(ValueMap(found))) }
        return 0
    }

    // MARK: Change

    private func change(
        _ action: KeyChange.Action, _ glob: String, _ keys: [KeyEntry], on service: any ControllerService
    ) async throws -> Int32 {
        let states = states(for: action)
        let found = matching(glob, keys).filter { $0.state.map(states.contains) == true }
        guard !found.isEmpty else {
            try say("The key glob '\(glob)' does not match any \(Self.words(states, action)) keys.")
            return 0
        }
        let verb = action == .delete ? "delet" : action.rawValue
        try say("The following keys are going to be \(verb)ed:")
        try show(
            .map(
                ValueMap(
                    grouped(found).map { section, entries in
                        (key: .string(section), value: .array(entries.map { .string($0.node.text) }))
                    })))
        if !options.has("yes") {
            let question = "Proceed?"
            guard context.console.confirm(question, default: action != .delete) else { return 0 }
        }
        _ = try await service.change(
            KeyChange(
                action: action, match: found.map { Glob.escaping($0.node.text) }, states: states, user: context.user))
        for (_, entries) in grouped(found) {
            for entry in entries { try say("Key for minion \(entry.node) \(verb)ed.") }
        }
        return 0
    }

    private func states(for action: KeyChange.Action) -> [KeyState] {
        let denied: [KeyState] = options.has("include-denied") ? [.denied] : []
        func included(_ name: String) -> Bool { options.has("include-all") || options.has(name) }
        return switch action {
        case .accept: [.pending] + (included("include-rejected") ? [.rejected] : []) + denied
        case .reject: [.pending] + (included("include-accepted") ? [.accepted] : []) + denied
        case .delete: KeyState.allCases
        }
    }

    /// `unaccepted`, `unaccepted or rejected`, `unaccepted, rejected or denied`.
    private static func words(_ states: [KeyState], _ action: KeyChange.Action) -> String {
        // Salt names only this state when it deletes, although it looks in all.
        guard action != .delete else { return "unaccepted" }
        let words = states.map { $0 == .pending ? "unaccepted" : $0.rawValue }
        guard words.count > 1 else { return words.joined() }
        return words.dropLast().joined(separator: ", ") + " or " + words.suffix(1).joined()
    }

    // MARK: Shared

    private static func patterns(_ globs: String) -> [Glob] { globs.split(separator: ",").map { Glob(String($0)) } }

    private func matching(_ globs: String, _ keys: [KeyEntry]) -> [KeyEntry] {
        let patterns = Self.patterns(globs)
        return keys.filter { entry in patterns.contains { $0.matches(entry.node.text) } }
    }

    private func grouped(_ keys: [KeyEntry]) -> [(String, [KeyEntry])] {
        Self.sections.compactMap { section in
            let entries = keys.filter { $0.state == section.state }
            return entries.isEmpty ? nil : (section.name, entries)
        }
    }

    private func show(_ value: Value) throws {
        if !options.has("quiet") { try output.show(value, in: .key) }
    }

    private func say(_ line: String) throws {
        if !options.has("quiet") { try context.console.print(line) }
    }
}
