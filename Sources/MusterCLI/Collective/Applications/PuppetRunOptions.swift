import MCollectiveProtocol

/// The options of a Puppet run, from the command line to the inputs of `runonce`.
struct PuppetRunOptions: Sendable, Hashable {
    static let declarations: [RubyOption] = [
        .init("force", nil, ["--force"], "Bypass splay options when running"),
        .init("server", nil, ["--server"], .text("SERVER"), "Connect to a specific server or port"),
        .init("tag", nil, ["--tags", "--tag"], .text("TAG"), "Restrict the run to specific tags"),
        .init("noop", nil, ["--noop"], "Do a noop run"),
        .init("no-noop", nil, ["--no-noop"], "Do a run with noop disabled"),
        .init(
            "environment", nil, ["--environment"], .text("ENVIRONMENT"),
            "Place the node in a specific environment for this run"),
        .init("splay", nil, ["--splay"], "Splay the run by up to splaylimit seconds"),
        .init("no-splay", nil, ["--no-splay"], "Do a run with splay disabled"),
        .init(
            "splaylimit", nil, ["--splaylimit"], .integer("SECONDS"),
            "Maximum splay time for this run if splay is set"),
        .init("use_cached_catalog", nil, ["--use_cached_catalog"], "Use cached catalog for this run"),
        .init("no-use_cached_catalog", nil, ["--no-use_cached_catalog"], "Do not use cached catalog for this run"),
        .init("ignoreschedules", nil, ["--ignoreschedules"], "Disable schedule processing"),
        .init(
            "rerun", nil, ["--rerun"], .integer("SECONDS"),
            "When performing runall do so repeatedly with a minimum run time of SECONDS"),
    ]

    /// What `runonce` takes.
    private(set) var inputs: RubyHash = [:]

    init(_ invocation: McoInvocation) throws(McoFailure) {
        if invocation.has("force") {
            if invocation.has("splay") { throw McoFailure("Cannot set splay when forcing runs") }
            if invocation.has("splaylimit") { throw McoFailure("Cannot set splaylimit when forcing runs") }
        }
        for name in ["use_cached_catalog", "force", "noop", "splay", "ignoreschedules"] {
            if invocation.has("no-\(name)") {
                inputs[.symbol(name)] = false
            } else if invocation.has(name) {
                inputs[.symbol(name)] = true
            }
        }
        for name in ["server", "environment"] {
            if let text = invocation[name] { inputs[.symbol(name)] = .text(text) }
        }
        if let limit = invocation["splaylimit"].flatMap({ Int64($0) }) { inputs[.symbol("splaylimit")] = .int(limit) }
        let tags = invocation.all("tag")
        if !tags.isEmpty { inputs[.symbol("tags")] = .text(tags.joined(separator: ",")) }
    }

    /// For a run that must begin now.
    var forced: RubyHash {
        var inputs = inputs
        inputs[.symbol("force")] = true
        // Both together are refused by the agent.
        inputs[.symbol("splay")] = nil
        inputs[.symbol("splaylimit")] = nil
        return inputs
    }
}
