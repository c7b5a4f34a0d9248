extension DDL {
    /// Tests the network from a node.
    static let nettestAgent = agent(
        "nettest", "Agent to do network tests from a mcollective host", timeout: 60,
        [
            .action(
                "ping", "Returns the round trip time to a host", display: .always, inputs: [.host],
                outputs: [.output("rtt", "The round trip time in milliseconds", "RTT")],
                summaries: [DDLAggregate("nettest_mma", "rtt")]),
            .action(
                "connect", "Checks whether a connection to a port can be made", display: .always,
                inputs: [.host, .input("port", .integer, "The port to connect to", "Port")],
                outputs: [
                    .output("connect", "Whether the connection could be made", "Connected"),
                    .output("connect_status", "What became of the connection", "Connection Status"),
                    .output("connect_time", "How long the connection took", "Connection Time"),
                ],
                summaries: [.summary("connect")]),
        ])

    /// Whether a port can be reached, for filters.
    static let nettestData = data(
        "Nettest", "Checks if connecting to a host on a specified port is possible", timeout: 5,
        query: .text(
            "query", "The host and the port", prompt: "HOST:PORT", matching: #"\A[\w\.\-\[\]:]+:\d{1,5}\z"#, max: 120),
        [.output("connect", "Whether the connection could be made", "Connected")])
}

extension DDLInput {
    fileprivate static let host = text(
        "fqdn", "The name or address of the host", prompt: "FQDN", matching: #"\A[A-Za-z0-9:][\w\.\-:%]*\z"#, max: 80)
}
