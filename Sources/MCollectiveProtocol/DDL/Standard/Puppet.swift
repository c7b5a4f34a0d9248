extension DDL {
    /// Runs and watches the Puppet agent of a node.
    static let puppetAgent = agent(
        "puppet", "Run Puppet agent, get its status, and enable/disable it", timeout: 20,
        [
            .action(
                "resource", "Have Puppet bring one resource into a state",
                inputs: [
                    .text("name", "Name of the resource", prompt: "Name", matching: "^.+$", max: 150),
                    .text("type", "Type of the resource", prompt: "Type", matching: #"\A\w+(::\w+)*\z"#, max: 50),
                ],
                outputs: [
                    .output("result", "What Puppet said of the resource", "Result", default: ""),
                    .output("changed", "Whether the resource was changed", "Changed"),
                ],
                summaries: [.summary("changed")]),
            .action(
                "disable", "Disable the Puppet agent",
                inputs: [
                    .shellSafe(
                        "message", "Why the agent is disabled", prompt: "Reason", max: 120, isOptional: true)
                ],
                outputs: [
                    .output("status", "What became of it", "Status"),
                    .output("enabled", "Whether the agent is enabled", "Enabled"),
                ],
                summaries: [.truths("enabled", true: "enabled", false: "disabled")]),
            .action(
                "enable", "Enable the Puppet agent",
                outputs: [
                    .output("status", "What became of it", "Status"),
                    .output("enabled", "Whether the agent is enabled", "Enabled"),
                ],
                summaries: [.truths("enabled", true: "enabled", false: "disabled")]),
            .puppetLastRun,
            .action(
                "status", "Get the current status of the Puppet agent", display: .always,
                outputs: DDLOutput.puppetState + [.output("message", "The status in a sentence", "Message")],
                summaries: [
                    .truths("enabled", true: "enabled", false: "disabled"),
                    .truths("daemon_present", true: "running", false: "stopped"), .summary("applying"),
                    .summary("status"), .summary("idling"),
                ]),
            .puppetRunOnce,
        ])

    /// The state of the Puppet agent, for filters.
    static let puppetData = data(
        "Puppet", "Information about Puppet agent state", query: nil, DDLOutput.puppetState)

    /// The resources that the last run managed, for filters.
    static let resourceData = data(
        "Puppet Managed Resources", "Information about Puppet managed resources",
        query: .text(
            "query", "Whether this resource is managed, as type[name]", prompt: "Resource",
            matching: #"\A\w+(::\w+)*\[.+\]\z"#, max: 120, isOptional: true),
        [.output("managed", "Whether the resource is managed", "Managed")] + DDLOutput.puppetCounts)
}

extension DDLAction {
    fileprivate static let puppetLastRun = action(
        "last_run_summary", "Get the summary of the last Puppet run", display: .always,
        inputs: [
            {
                var logs = DDLInput.flag("logs", "Whether the log of the run is given", prompt: "Logs")
                logs.default = false
                return logs
            }()
        ],
        outputs: DDLOutput.puppetCounts + [
            .output("logs", "Log of the last run", "Last Run Logs", default: .hash([:])),
            .output("summary", "Everything in the summary of the last run", "Summary", default: .hash([:])),
            .output(
                "type_distribution", "How many resources of each type are managed", "Type Distribution",
                default: .hash([:])),
        ])

    fileprivate static let puppetRunOnce = action(
        "runonce", "Invoke a single Puppet run",
        inputs: [
            .flag("force", "Run at once, without splay", prompt: "Force"),
            .text(
                "server", "Server and port to use", prompt: "Puppet server",
                matching: #"\A[A-Za-z0-9\[][\w\.\-:\]]*\z"#, max: 50, isOptional: true),
            .text(
                "tags", "Restrict the run to these tags", prompt: "Tags",
                matching: #"\A\w+(::\w+)*(,\s*\w+(::\w+)*)*\z"#,
                max: 120, isOptional: true),
            .flag("noop", "Change nothing", prompt: "No-op"),
            .flag("splay", "Wait a random time first", prompt: "Splay"),
            .input("splaylimit", .number, "Seconds to wait at most", "Splay Limit", true),
            .text(
                "environment", "Environment to run in", prompt: "Environment", matching: #"\A\w+\z"#, max: 50,
                isOptional: true),
            .flag("use_cached_catalog", "Use the catalog that is there", prompt: "Use Cached Catalog"),
            .flag("ignoreschedules", "Do not heed schedules", prompt: "Ignore Schedules"),
        ],
        outputs: [
            .output("summary", "What was started", "Summary", default: ""),
            .output("initiated_at", "When it was started, in seconds of the epoch", "Initiated at", default: 0),
        ])
}

extension DDLOutput {
    /// What `status` and the data plugin tell alike.
    fileprivate static let puppetState: [DDLOutput] = [
        .output("applying", "Whether a catalog is being applied", "Applying", default: false),
        .output("idling", "Whether the daemon runs and waits", "Idling", default: false),
        .output("enabled", "Whether the agent is enabled", "Enabled"),
        .output("daemon_present", "Whether the daemon runs", "Daemon Running", default: false),
        .output("lastrun", "When the last run ended, in seconds of the epoch", "Last Run", default: 0),
        .output("since_lastrun", "Seconds since the last run", "Since Last Run", default: "Unknown"),
        .output("status", "The status in a word", "Status", default: "unknown"),
        .output("disable_message", "Why the agent is disabled", "Lock Message", default: ""),
    ]

    /// What `last_run_summary` and the data plugin tell alike.
    fileprivate static let puppetCounts: [DDLOutput] = [
        .output("out_of_sync_resources", "Resources that were out of sync", "Out of Sync Resources", default: -1),
        .output("failed_resources", "Resources that failed", "Failed Resources", default: -1),
        .output("corrected_resources", "Resources that were corrected", "Corrected Resources", default: -1),
        .output("changed_resources", "Resources that were changed", "Changed Resources", default: -1),
        .output("total_resources", "Resources that are managed", "Total Resources", default: 0),
        .output(
            "config_retrieval_time", "Seconds that the catalog took to come", "Config Retrieval Time", default: -1),
        .output("total_time", "Seconds that the run took", "Total Time", default: 0),
        .output("lastrun", "When the last run ended, in seconds of the epoch", "Last Run", default: 0),
        .output("since_lastrun", "Seconds since the last run", "Since Last Run", default: "Unknown"),
        .output("config_version", "Version of the catalog", "Config Version"),
    ]
}
