import Glibc
package import MCollectiveProtocol
package import MusterCore

/// What a program of a collective is set up with: its `server.cfg` or `client.cfg`, and the files of keys named there.
package struct CollectiveSetup: Sendable {
    /// Which side of the conversation the program takes.
    package enum Role: Sendable, Hashable {
        case client, node
    }

    package var configuration: CollectiveConfiguration
    package var pool: BrokerPool
    package var security: any SecurityProvider
    /// What this program calls itself when it asks.
    package var callerID: CallerID
    package var identity: String
    /// What is not as it should be and stops nobody: unknown plugins, deprecated options.
    package var problems: [ConfigurationProblem]

    /// Reads a configuration with its `plugin.d`, and its keys.
    ///
    /// - Parameter environment: `MCOLLECTIVE_…` and `STOMP_…` come before the file.
    /// - Throws: `CollectiveSetupError` with everything that is wrong.
    package init(file: String, role: Role, environment: [String: String]) throws(CollectiveSetupError) {
        let files = try CollectiveSetup.read(file)
        let configuration = CollectiveConfiguration(files.main, plugins: files.plugins)
        var problems = configuration.problems
        let pool = BrokerPool(configuration, environment: environment, problems: &problems)
        let options = SecurityOptions(
            configuration, role: role == .client ? .client : .node, environment: environment, problems: &problems)
        // What has no line of its own is missing in this file.
        problems = problems.map { problem in
            var problem = problem
            if problem.line == 0 { problem.file = file }
            return problem
        }
        let errors = problems.filter(\.isError)
        guard errors.isEmpty else { throw .configuration(errors) }
        let identity = configuration.identity ?? CollectiveSetup.hostName
        let keys = SecurityLoader(options, role: role, identity: identity)
        self.init(
            configuration: configuration, pool: pool, security: try keys.provider(), callerID: try keys.callerID(),
            identity: identity, problems: problems)
    }

    /// A setup that was not read from files.
    package init(
        configuration: CollectiveConfiguration, pool: BrokerPool, security: any SecurityProvider, callerID: CallerID,
        identity: String, problems: [ConfigurationProblem] = []
    ) {
        self.configuration = configuration
        self.pool = pool
        self.security = security
        self.callerID = callerID
        self.identity = identity
        self.problems = problems
    }

    /// Every option of a configuration with what becomes of it, for `muster doctor`; no key file is read.
    package static func review(file: String, role: Role) throws(CollectiveSetupError) -> ConfigurationReview {
        let files = try read(file)
        return ConfigurationReview(files.main, plugins: files.plugins, role: role == .client ? .client : .node)
    }

    private typealias Texts = (
        main: CollectiveConfiguration.File, plugins: [(plugin: String, file: CollectiveConfiguration.File)]
    )

    /// The file, and those of the `plugin.d` beside it.
    private static func read(_ file: String) throws(CollectiveSetupError) -> Texts {
        do throws(FileError) {
            let slash = file.lastIndex(of: "/")
            let directory = "\(slash.map { String(file[..<$0]) } ?? ".")/plugin.d"
            var plugins: [(plugin: String, file: CollectiveConfiguration.File)] = []
            for name in Files.list(directory).filter({ $0.hasSuffix(".cfg") }).sorted() {
                let path = "\(directory)/\(name)"
                plugins.append((String(name.dropLast(4)), .init(path, try text(path))))
            }
            return (.init(file, try text(file)), plugins)
        } catch {
            throw .file(error)
        }
    }

    private static func text(_ path: String) throws(FileError) -> String {
        String(decoding: try Files.read(path, limitBytes: 1 << 20), as: UTF8.self)
    }

    /// The name that a program has which is told none.
    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return Identity.isValid(text) ? text : "localhost"
    }
}

/// Why a program cannot take part in a collective as it is configured.
package enum CollectiveSetupError: Error, Hashable, Sendable {
    case file(FileError)
    case configuration([ConfigurationProblem])
    case key(file: String, SecurityKeyError)
    /// Nothing that may be a caller comes of the configuration: the name of a key file, or of a user.
    case caller(String)
}

extension CollectiveSetupError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let error): "\(error)"
        case .configuration(let problems): problems.map(\.description).joined(separator: "\n")
        case .key(let file, let error): "'\(file)': \(error)"
        case .caller(let text):
            "'\(text)' cannot be the name of a caller: only letters, digits, '_', '.' and '-' may be in it"
        }
    }
}
