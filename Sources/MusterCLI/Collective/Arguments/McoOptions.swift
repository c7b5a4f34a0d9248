/// The options that all applications of `mco` share, in the sections of its help.
///
/// Source: MCollective 2.12, `optionparser.rb`, `rpc/helpers.rb`.
enum McoOptions {
    /// A part of the help, which an application may do without.
    enum Section: String, Sendable, Hashable, CaseIterable {
        case rpc = "RPC Options"
        case common = "Common Options"
        case filter = "Host Filters"
    }

    static let rpc: [RubyOption] = [
        .init("no-progress", nil, ["--np", "--no-progress"], "Do not show the progress bar"),
        .init("one", "-1", ["--one"], "Send request to only one discovered nodes"),
        .init("batch", nil, ["--batch"], .text("SIZE"), "Do requests in batches"),
        .init("batch-sleep", nil, ["--batch-sleep"], .number("SECONDS"), "Sleep time between batches"),
        .init(
            "limit-seed", nil, ["--limit-seed"], .integer("NUMBER"), "Seed value for deterministic random batching"),
        .init(
            "limit", nil, ["--limit-nodes", "--ln", "--limit"], .text("COUNT"),
            "Send request to only a subset of nodes, can be a percentage"),
        .init("json", "-j", ["--json"], "Produce JSON output"),
        .init(
            "display", nil, ["--display"], .text("MODE"),
            "Influence how results are displayed. One of ok, all or failed"),
    ]

    static let always: [RubyOption] = [
        .init("config", "-c", ["--config"], .text("FILE"), "Load configuration from file rather than default"),
        .init("verbose", "-v", ["--verbose"], "Be verbose"),
        .init("help", "-h", ["--help"], "Display this screen"),
    ]

    static let common: [RubyOption] = [
        .init("target", "-T", ["--target"], .text("COLLECTIVE"), "Target messages to a specific sub collective"),
        .init(
            "discovery-timeout", nil, ["--dt", "--discovery-timeout"], .integer("SECONDS"),
            "Timeout for doing discovery"),
        .init("timeout", "-t", ["--timeout"], .integer("SECONDS"), "Timeout for calling remote agents"),
        .init("quiet", "-q", ["--quiet"], "Do not be verbose"),
        .init("ttl", nil, ["--ttl"], .text("TTL"), "Set the message validity period"),
        .init("reply-to", nil, ["--reply-to"], .text("TARGET"), "Set a custom target for replies"),
        .init("disc-method", nil, ["--dm", "--disc-method"], .text("METHOD"), "Which discovery method to use"),
        .init(
            "disc-option", nil, ["--do", "--disc-option"], .text("OPTION"), "Options to pass to the discovery method"),
        .init("nodes", nil, ["--nodes"], .text("FILE"), "List of nodes to address"),
        .init(
            "publish-timeout", nil, ["--publish_timeout"], .integer("TIMEOUT"),
            "Timeout for publishing requests to remote agents."),
        .init(
            "threaded", nil, ["--threaded"],
            "Start publishing requests and receiving responses in threaded mode."),
        .init("sort", nil, ["--sort"], "Sort the output of an RPC call before processing."),
        .init(
            "connection-timeout", nil, ["--connection-timeout"], .integer("TIMEOUT"),
            "Set the timeout for establishing a connection to the middleware"),
    ]

    static let filter: [RubyOption] = [
        .init("with", "-W", ["--with"], .text("FILTER"), "Combined classes and facts filter"),
        .init("select", "-S", ["--select"], .text("FILTER"), "Compound filter combining facts and classes"),
        .init("fact", "-F", ["--wf", "--with-fact"], .text("fact=val"), "Match hosts with a certain fact"),
        .init(
            "class", "-C", ["--wc", "--with-class"], .text("CLASS"),
            "Match hosts with a certain config management class"),
        .init("agent-filter", "-A", ["--wa", "--with-agent"], .text("AGENT"), "Match hosts with a certain agent"),
        .init(
            "identity", "-I", ["--wi", "--with-identity"], .text("IDENT"),
            "Match hosts with a certain configured identity"),
    ]

    /// Everything an application takes.
    static func all(for application: any McoApplication.Type) -> [RubyOption] {
        let sections = application.sections
        return application.options + (sections.contains(.rpc) ? rpc : []) + always
            + (sections.contains(.common) ? common : []) + (sections.contains(.filter) ? filter : [])
    }
}
