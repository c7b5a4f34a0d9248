extension DDL {
    /// Starts and stops services.
    static let serviceAgent = agent(
        "service", "Start and stop system services", timeout: 60,
        [
            .service("stop", "Stop a service"), .service("start", "Start a service"),
            .service("restart", "Restart a service"),
            .service("status", "Gets the status of a service", display: .always),
        ])

    /// The status of a service, for filters.
    static let serviceData = data(
        "Service", "Checks the status of a service", timeout: 3, query: .serviceName("query"),
        [.output("status", "Status of the service", "Status")])
}

extension DDLInput {
    fileprivate static func serviceName(_ name: String) -> DDLInput {
        .text(name, "The service", prompt: "Service Name", matching: #"\A[\w@][\w@\.:\\\-]*\z"#, max: 90)
    }
}

extension DDLAction {
    fileprivate static func service(_ name: String, _ description: String, display: Display = .failed) -> DDLAction {
        action(
            name, description, display: display, inputs: [.serviceName("service")],
            outputs: [.output("status", "The status of the service", "Service Status", default: "unknown")],
            summaries: [.summary("status")])
    }
}
