package import MCollectiveProtocol
import MusterCore

/// How one run of the Puppet agent is started.
package struct PuppetRun: Sendable, Hashable {
    package var server: String?
    package var tags: [String] = []
    package var environment: String?
    package var isNoop: Bool?
    package var isSplayed: Bool?
    package var splayLimit: Int?
    package var usesCachedCatalog: Bool?
    package var ignoresSchedules: Bool?
    /// Run at once.
    package var isForced = false

    /// What a call of `runonce` asks for. Splay is that of the options unless the call says otherwise.
    package init(_ inputs: RubyHash, _ configuration: CollectiveConfiguration) {
        func text(_ name: String) -> String? { inputs[named: name]?.text.flatMap { $0.isEmpty ? nil : $0 } }
        func flag(_ name: String) -> Bool? {
            guard case .bool(let flag) = inputs[named: name] else { return nil }
            return flag
        }
        server = text("server")
        tags = (text("tags") ?? "").split(separator: ",").map { $0.filter { !$0.isWhitespace } }
        environment = text("environment")
        isNoop = flag("noop")
        usesCachedCatalog = flag("use_cached_catalog")
        ignoresSchedules = flag("ignoreschedules")
        isForced = flag("force") ?? false
        if isForced {
            isSplayed = false
        } else {
            isSplayed = flag("splay") ?? configuration.pluginFlag("puppet.splay") ?? true
            let limit = configuration.plugins["puppet.splaylimit"].flatMap { Int($0) } ?? 30
            splayLimit = inputs[named: "splaylimit"]?.value.double.flatMap { Int(exactly: $0.rounded()) } ?? limit
            if isSplayed == false { splayLimit = nil }
        }
    }

    /// Whether it is a run like any other, which a daemon can be signalled to make.
    package var isPlain: Bool {
        server == nil && tags.isEmpty && environment == nil && isNoop == nil && usesCachedCatalog == nil
            && ignoresSchedules == nil
    }

    /// The words of the command.
    package func words(command: [String], configuration: String?) -> [String] {
        var words = command + ["--onetime", "--no-daemonize", "--color=false", "--show_diff", "--verbose"]
        func add(_ flag: Bool?, _ name: String) {
            if let flag { words.append(flag ? "--\(name)" : "--no-\(name)") }
        }
        add(isNoop, "noop")
        if let configuration { words += ["--config", configuration] }
        if let environment { words += ["--environment", environment] }
        if let server {
            // A port stands behind the last colon, unless that is one of an IPv6 address.
            let parts = server.split(separator: ":", omittingEmptySubsequences: false)
            if parts.count == 2 {
                words += ["--server", String(parts[0]), "--serverport", String(parts[1])]
            } else {
                words += ["--server", server]
            }
        }
        if !tags.isEmpty { words += ["--tags", tags.joined(separator: ",")] }
        add(isSplayed, "splay")
        if let splayLimit { words += ["--splaylimit", "\(splayLimit)"] }
        add(ignoresSchedules, "ignoreschedules")
        add(usesCachedCatalog, "use_cached_catalog")
        return words
    }
}
