/// Every option of a configuration with what becomes of it, for `muster doctor`.
package struct ConfigurationReview: Hashable, Sendable {
    /// One option, as it is written or as it is missing.
    package struct Option: Hashable, Sendable {
        package var file: String
        package var key: String
        /// What it is set to; secrets are not shown.
        package var value: String
        /// Nil: it is understood.
        package var problem: ConfigurationProblem?
    }

    /// In the order of the files; what is missing stands last.
    package private(set) var options: [Option] = []

    /// Reviews a configuration for one role.
    package init(
        _ main: CollectiveConfiguration.File,
        plugins: [(plugin: String, file: CollectiveConfiguration.File)] = [], role: SecurityOptions.Role
    ) {
        let configuration = CollectiveConfiguration(main, plugins: plugins)
        var problems = configuration.problems
        _ = BrokerPool(configuration, problems: &problems)
        _ = SecurityOptions(configuration, role: role, problems: &problems)
        add(main, prefix: "", problems)
        for (plugin, file) in plugins { add(file, prefix: "plugin.\(plugin).", problems) }
        for problem in problems where problem.line == 0 && !options.contains(where: { $0.problem == problem }) {
            if let place = options.firstIndex(where: { $0.key == problem.key }) {
                options[place].problem = problem
            } else {
                options.append(Option(file: main.name, key: problem.key, value: "", problem: problem))
            }
        }
    }

    private mutating func add(
        _ file: CollectiveConfiguration.File, prefix: String, _ problems: [ConfigurationProblem]
    ) {
        let text = ConfigurationText(file.text)
        for entry in text.entries {
            let problem = problems.first { $0.file == file.name && $0.line == entry.line }
            let key = prefix + entry.key
            options.append(
                Option(
                    file: file.name, key: key, value: ConfigurationReview.isSecret(key) ? "(set)" : entry.value,
                    problem: problem))
        }
        for problem in problems where problem.file == file.name && text.ignoredLines.contains(problem.line) {
            options.append(Option(file: file.name, key: "line \(problem.line)", value: "", problem: problem))
        }
    }

    private static func isSecret(_ key: String) -> Bool { key == "plugin.psk" || key.contains("password") }
}
