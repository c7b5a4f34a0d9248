import MCollectiveProtocol

/// `mco plugin doc`: what is known of the plugins, and what one of them takes and gives.
///
/// Making packages and new plugins of Ruby is left to the original.
///
/// Source: MCollective 2.12, `application/plugin.rb`.
struct PluginApplication: McoApplication {
    static let name = "plugin"
    static let summary = "MCollective Plugin Application"
    static let usage = [
        "mco plugin doc\n       mco plugin doc <plugin>\n       mco plugin doc <type/plugin>\n       mco plugin list\n\n"
            + "           doc : Display documentation for a specific plugin.\n"
            + "          list : Display the plugins that there are."
    ]
    static let sections: Set<McoOptions.Section> = []
    static let isLocal = true

    private let target: String?

    init(_ invocation: McoInvocation) throws {
        switch invocation.words.first {
        case "doc": target = invocation.words.dropFirst().first
        case "list": target = nil
        case "info", "package", "generate":
            throw McoFailure("plugins are made with the tools of MCollective: only 'doc' and 'list' are here")
        case let word?: throw McoExit(1, "Invalid action '\(word)', please run 'mco help plugin' for help")
        case nil: throw McoExit(1, "No action specified, please run 'mco help plugin' for help")
        }
    }

    func run(in world: McoWorld) async throws -> Int32 {
        let library = world.descriptions
        guard let target, target != "." else {
            try world.puts("Please specify a plugin. Available plugins are:\n\n" + PluginList.text(library))
            return 0
        }
        try world.puts(PluginHelp.text(of: try description(target, library)))
        return 0
    }

    private func description(_ target: String, _ library: DDLLibrary) throws -> DDL {
        let parts = target.split(separator: "/", maxSplits: 1).map(String.init)
        if parts.count == 2 {
            guard let kind = DDLLibrary.Kind(rawValue: parts[0]), library.names(kind).contains(parts[1]) else {
                throw McoExit(1, "Could not find a '\(parts[0])' plugin named '\(parts[1])'")
            }
            return try library.description(kind, parts[1])
        }
        let kinds = DDLLibrary.Kind.allCases.filter { library.names($0).contains(target) }
        guard let kind = kinds.first else {
            throw McoExit(1, "Could not find a plugin named '\(target)' in any supported plugin type")
        }
        guard kinds.count == 1 else {
            throw McoExit(1, "Duplicate plugin name found, please specify a full path like agent/rpcutil")
        }
        return try library.description(kind, target)
    }
}
