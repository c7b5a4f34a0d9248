extension DDL {
    /// What every node can be asked about itself.
    static let rpcutilAgent = agent(
        "rpcutil", "General helpful actions that expose stats and internals to SimpleRPC clients", timeout: 10,
        [
            .action(
                "inventory", "System Inventory", display: .always,
                outputs: [
                    .output("agents", "List of agent names", "Agents"),
                    .output("facts", "List of facts and values", "Facts"),
                    .output("classes", "List of classes on the system", "Classes"),
                    .output("version", "MCollective Version", "Version"),
                    .output("main_collective", "The main Collective", "Main Collective"),
                    .output("collectives", "All Collectives", "All Collectives"),
                    .output("data_plugins", "List of data plugin names", "Data Plugins"),
                ]),
            .action(
                "get_fact", "Retrieve a single fact from the fact store", display: .always,
                inputs: [
                    .text(
                        "fact", "The fact to retrieve", prompt: "The name of the fact", matching: #"^[\w\-\.]+$"#,
                        max: 40)
                ],
                outputs: [
                    .output("fact", "The name of the fact being returned", "Fact"),
                    .output("value", "The value of the fact", "Value"),
                ],
                summaries: [.summary("value")]),
            .action(
                "get_facts", "Retrieve multiple facts from the fact store", display: .always,
                inputs: [
                    .text(
                        "facts", "Facts to retrieve", prompt: "Comma-separated list of facts",
                        matching: #"^\s*[\w\.\-]+(\s*,\s*[\w\.\-]+)*$"#, max: 200)
                ],
                outputs: [.output("values", "List of values of the facts", "Values")]),
            .rpcutilStatistics,
            .action(
                "agent_inventory", "Inventory of all agents on the server", display: .always,
                outputs: [.output("agents", "List of agents on the server", "Agents")]),
            .action(
                "get_config_item", "Get the active value of a specific config property", display: .always,
                inputs: [
                    .text(
                        "item", "The item to retrieve from the server", prompt: "Configuration Item", matching: "^.+$",
                        max: 50)
                ],
                outputs: [
                    .output("item", "The config property being retrieved", "Property"),
                    .output("value", "The value that is in use", "Value"),
                ],
                summaries: [.summary("value")]),
            .action(
                "get_data", "Get data from a data plugin", display: .always,
                inputs: [
                    .text(
                        "source", "The data plugin to retrieve information from", prompt: "Data Source",
                        matching: #"^\w+$"#, max: 50),
                    .text(
                        "query", "The query argument to supply to the data plugin", prompt: "Query", matching: "^.+$",
                        max: 200, isOptional: true),
                ]),
            .action(
                "ping", "Responds to requests for PING with PONG", display: .always,
                outputs: [.output("pong", "The local timestamp", "Timestamp")]),
            .action(
                "collective_info", "Info about the main and sub collectives", display: .always,
                outputs: [
                    .output("main_collective", "The main Collective", "Main Collective"),
                    .output("collectives", "All Collectives", "All Collectives"),
                ],
                summaries: [.summary("collectives")]),
        ])
}

extension DDLAction {
    fileprivate static let rpcutilStatistics = action(
        "daemon_stats", "Get statistics from the running daemon", display: .always,
        outputs: [
            .output("threads", "List of threads active in the daemon", "Threads"),
            .output("agents", "List of agents loaded", "Agents"),
            .output("pid", "Process ID of the daemon", "PID"),
            .output("times", "Processor time consumed by the daemon", "Times"),
            .output("validated", "Messages that passed security validation", "Security Validated"),
            .output("unvalidated", "Messages that failed security validation", "Failed Security"),
            .output("passed", "Passed filter checks", "Passed Filter"),
            .output("filtered", "Didn't pass filter checks", "Failed Filter"),
            .output("starttime", "Time the server started", "Start Time"),
            .output("total", "Total messages received", "Total Messages"),
            .output("replies", "Replies sent back to clients", "Replies"),
            .output("configfile", "Config file used to start the daemon", "Config File"),
            .output("version", "MCollective Version", "Version"),
            .output("ttlexpired", "Messages that did pass TTL checks", "TTL Expired"),
        ],
        summaries: [.summary("version"), .summary("agents")])
}
