extension DDL {
    /// What is known of an agent of the node.
    static let agentData = data(
        "Agent", "Meta data about installed MColletive Agents",
        query: .input(
            "query", .string(.regexp(RubyRegexp(#"^[\w\_]+$"#)), maxLength: 20), "Valid agent name", "Agent Name"),
        ["license", "timeout", "description", "url", "version", "author"].map {
            .output($0, "Agent \($0)", $0.prefix(1).uppercased() + $0.dropFirst())
        })

    /// Whether the node is in a collective.
    static let collectiveData = data(
        "Collective", "Collective membership",
        query: .input(
            "query", .string(.regexp(RubyRegexp(".")), maxLength: 256), "Collective name to ask about, eg mcollective",
            "Collective"),
        [.output("member", "Node is a member of the named collective", "member")])

    /// A fact, or a part of one.
    static let factData = data(
        "Fact", "Structured fact query",
        query: .input(
            "query", .string(.regexp(RubyRegexp(".")), maxLength: 256), "Path to a fact, eg network.eth0.address",
            "Fact Path"),
        [
            .output("exists", "Fact is present", "exists"), .output("value", "Fact value", "value"),
            .output(
                "value_encoding", "Encoding of the fact value (text/plain or application/json)", "value_encoding"),
        ])

    /// Finds nodes by asking all of them.
    static let mcDiscovery = discovery(
        "mc", "MCollective Broadcast based discovery", timeout: 2,
        ["classes", "facts", "identity", "agents", "compound"])

    /// Finds nodes in a file.
    static let flatfileDiscovery = discovery(
        "flatfile", "Flatfile based discovery for node identities", timeout: 0, ["identity"])

    /// Finds nodes in the standard input.
    static let stdinDiscovery = discovery(
        "stdin", "STDIN based discovery for node identities", timeout: 0, ["identity"])
}
