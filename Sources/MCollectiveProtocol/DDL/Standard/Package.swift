extension DDL {
    /// Installs and removes packages.
    static let packageAgent = agent(
        "package", "Install and uninstall software packages", timeout: 180,
        [
            .package("install", "Install a package", takesVersion: true), .package("update", "Update a package"),
            .package("uninstall", "Uninstall a package"),
            .package("purge", "Uninstall a package and its configuration"),
            .package("status", "Get the status of a package", display: .always),
            .action(
                "count", "Get how many packages are installed", display: .always,
                outputs: [.command, .exitCode]),
            .action(
                "md5", "Get the MD5 digest of the list of installed packages", display: .always,
                outputs: [.command, .exitCode], summaries: [.summary("output")]),
            .action(
                "yum_clean", "Clean the cache of yum",
                inputs: [
                    .input("mode", .list(cleanModes.map { .text($0) }), "What is cleaned", "Yum clean mode", true)
                ],
                outputs: [.command, .exitCode]),
            .action("apt_update", "Update the lists of apt", outputs: [.command, .exitCode]),
            .checkUpdates("checkupdates", "Check for updates", also: [.manager]),
            .checkUpdates("yum_checkupdates", "Check for updates with yum"),
            .checkUpdates("apt_checkupdates", "Check for updates with apt"),
        ])

    private static let cleanModes = [
        "all", "headers", "packages", "metadata", "dbcache", "plugins", "expire-cache",
    ]

    /// The status of a package, for filters.
    static let packageData = data(
        "Package", "Checks the status of a package", timeout: 3,
        query: .shellSafe("query", "Package to check", prompt: "Package Name", max: 90),
        [
            .output("status", "Status of the package", "Status"),
            .output("installed", "Whether the package is installed", "Installed"),
        ])
}

extension DDLAction {
    fileprivate static func package(
        _ name: String, _ description: String, display: Display = .failed, takesVersion: Bool = false
    ) -> DDLAction {
        var inputs: [DDLInput] = [.shellSafe("package", "Name of the package", prompt: "Package Name", max: 90)]
        if takesVersion {
            inputs.append(
                .shellSafe("version", "Version of the package", prompt: "Package version", max: 90, isOptional: true))
        }
        return action(
            name, description, display: display, inputs: inputs,
            outputs: [
                .command, .output("epoch", "Epoch of the package", "Epoch"),
                .output("arch", "Architecture of the package", "Arch"),
                .output("ensure", "Full version of the package", "Ensure"),
                .output("version", "Version of the package", "Version"),
                .output("provider", "What manages packages here", "Provider"),
                .output("name", "Name of the package", "Name"),
                .output("release", "Release of the package", "Release"),
            ],
            summaries: [.summary("ensure"), .summary("arch")])
    }

    fileprivate static func checkUpdates(
        _ name: String, _ description: String, also others: [DDLOutput] = []
    ) -> DDLAction {
        action(
            name, description, display: .always,
            outputs: others + [
                .output("outdated_packages", "Packages that can be updated", "Outdated Packages"), .command, .exitCode,
            ])
    }
}

extension DDLOutput {
    fileprivate static let command = output("output", "What the package manager said", "Output")
    fileprivate static let exitCode = output("exitcode", "How the package manager ended", "Exit Code")
    fileprivate static let manager = output("package_manager", "The package manager", "Package Manager")
}
