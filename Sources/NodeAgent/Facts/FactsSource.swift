#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Everything the facts are gathered from, so that tests can show a captured machine.
package struct FactsSource: Sendable {
    /// The kernel's own words about itself (`uname`).
    package struct Kernel: Sendable, Hashable {
        package var name: String
        package var nodeName: String
        package var release: String
        package var version: String
        package var machine: String

        package init(name: String, nodeName: String, release: String, version: String, machine: String) {
            self.name = name
            self.nodeName = nodeName
            self.release = release
            self.version = version
            self.machine = machine
        }
    }

    package var files: SystemFiles
    package var kernel: Kernel
    package var interfaces: @Sendable () -> [NetworkInterface]
    package var names: NameResolver
    package var environment: [String: String]
    package var identity: ProcessIdentity
    /// The abbreviation of the local time zone, as `CET`.
    package var timeZoneName: @Sendable () -> String
    /// Runs the few programs that know what no file tells; nil to do without them.
    package var processes: (any ProcessRunning)?

    package init(
        files: SystemFiles, kernel: Kernel, interfaces: @escaping @Sendable () -> [NetworkInterface],
        names: NameResolver,
        environment: [String: String], identity: ProcessIdentity, timeZoneName: @escaping @Sendable () -> String,
        processes: (any ProcessRunning)?
    ) {
        self.files = files
        self.kernel = kernel
        self.interfaces = interfaces
        self.names = names
        self.environment = environment
        self.identity = identity
        self.timeZoneName = timeZoneName
        self.processes = processes
    }

    /// This machine.
    package static func system(processes: (any ProcessRunning)?) -> FactsSource {
        let files = SystemFiles()
        return FactsSource(
            files: files, kernel: .current(), interfaces: { NetworkInterface.all(files: files) }, names: .system,
            environment: ownEnvironment(), identity: .current(), timeZoneName: currentTimeZoneName, processes: processes
        )
    }

    private static func ownEnvironment() -> [String: String] {
        var environment: [String: String] = [:]
        // The block itself: Foundation's copy of it would load Foundation.
        let block = SystemFiles().bytes("/proc/self/environ") ?? []
        for entry in block.split(separator: 0) {
            let text = String(decoding: entry, as: UTF8.self)
            guard let sign = text.firstIndex(of: "=") else { continue }
            environment[String(text[..<sign])] = String(text[text.index(after: sign)...])
        }
        return environment
    }

    private static func currentTimeZoneName() -> String {
        var now = time(nil)
        var local = tm()
        guard localtime_r(&now, &local) != nil, let zone = local.tm_zone else { return "unknown" }
        return String(cString: zone)
    }
}

extension FactsSource.Kernel {
    /// The running kernel.
    package static func current() -> FactsSource.Kernel {
        var name = utsname()
        guard uname(&name) == 0 else {
            return FactsSource.Kernel(name: "Linux", nodeName: "", release: "", version: "", machine: "")
        }
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return FactsSource.Kernel(
            name: text(name.sysname), nodeName: text(name.nodename), release: text(name.release),
            version: text(name.version), machine: text(name.machine))
    }
}
