/// What a `server.cfg` or `client.cfg` with its `plugin.d` says.
///
/// Only options that Muster acts on have a property; the others are known and reported in ``problems``. Values that are
/// wrong leave the default and a problem: whoever starts with this refuses when one of them is an error.
///
/// Source: section 14 of the protocol reference; MCollective 2.12, `lib/mcollective/config.rb`.
package struct CollectiveConfiguration: Hashable, Sendable {
    /// One file: its name for problems, and its text.
    package struct File: Hashable, Sendable {
        package var name: String
        package var text: String

        package init(_ name: String, _ text: String) {
            self.name = name
            self.text = text
        }
    }

    /// Nil is the host name.
    package var identity: String?
    package var mainCollective = "mcollective"
    package var collectives = ["mcollective"]
    package var connector = Connector.activemq
    package var securityProvider = SecurityName.psk
    /// Files of facts; later ones win.
    package var factFiles: [String] = []
    /// Seconds.
    package var factCacheTime = 300.0
    package var classesFile = "/var/lib/puppet/state/classes.txt"
    package var libraryDirectories: [String] = []
    package var registration = Registration()
    package var directAddressing = true
    /// Up to how many nodes get requests of their own.
    package var directAddressingThreshold = 10
    package var ttl: Int64 = 60
    /// Seconds; nil leaves it to the discovery method.
    package var discoveryTimeout: Double?
    package var discoveryMethod = "mc"
    package var discoveryOptions: [String] = []
    /// Seconds.
    package var publishTimeout = 2.0
    /// Seconds; nil waits without end.
    package var connectionTimeout: Double?
    package var batchSize = 0
    /// Seconds.
    package var batchSleepTime = 1.0
    package var limitMethod = LimitMethod.first
    package var color = true
    package var audit: String?
    package var authorization: String?
    package var activatesAgents = true
    package var cipher = "aes-256-cbc"
    package var logLevel = "info"
    package var logFile: String?
    /// The options of plugins by their names without `plugin.`.
    package var plugins: [String: String] = [:]
    /// In the order of the files.
    package var problems: [ConfigurationProblem] = []

    /// Who proves what: the option `securityprovider`.
    package enum SecurityName: String, Hashable, Sendable, CaseIterable {
        case psk, ssl
        case aes = "aes_security"
    }

    /// Which nodes a limit leaves: the option `rpclimitmethod`.
    package enum LimitMethod: String, Hashable, Sendable, CaseIterable {
        case first, random
    }

    /// How a node tells that it is there.
    package struct Registration: Hashable, Sendable {
        package var plugin = "agentlist"
        /// Seconds; zero is never.
        package var interval = 0.0
        /// Nil is the main collective.
        package var collective: String?
        package var isSplayed = false

        package init() {}
    }

    /// Reads the files.
    ///
    /// - Parameter plugins: The files of `plugin.d`, whose names without `.cfg` are the plugins; their options win.
    package init(_ main: File, plugins pluginFiles: [(plugin: String, file: File)] = []) {
        var reader = ConfigurationReader(file: main.name)
        reader.read(main.text)
        for (plugin, file) in pluginFiles { reader.read(plugin: plugin, file) }
        self = reader.finish()
    }

    init() {}

    /// An option of a plugin as a truth; nil when it is not set or none.
    package func pluginFlag(_ name: String) -> Bool? { plugins[name].flatMap(ConfigurationReader.truth) }
}
