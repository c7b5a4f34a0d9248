package import MusterCore

/// How a node is run: `node.yaml`, or what Salt's `minion` says.
package struct NodeSettings: SettingsFile {
    // Controllers

    /// `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`; the node belongs to all of them.
    ///
    /// Unless they are given: `salt`, as for Salt's minion; none for a node of a collective, which needs no controller.
    package var controllers: [String] {
        get { givenControllers ?? (collectiveFile == nil ? ["salt"] : []) }
        set { givenControllers = newValue }
    }
    private var givenControllers: [String]?
    /// MCollective's `server.cfg`; nil when the node is in no collective.
    package var collectiveFile: String?
    /// For those without a port of their own.
    package var requestPort = 4506

    // Identity

    /// Nil: from the id file, or else from the host's name; see `NodeIdentity`.
    package var id: String?
    package var idFile: String?
    package var idIsLowercased = false
    package var idDomain: String?

    // Files

    /// Seen jobs and unsent returns.
    package var stateDirectory: String
    /// Salt's `pki/minion` layout; `pki` in the state directory unless set.
    package var keyDirectory = ""
    /// Operators' own modules.
    package var modulesDirectory: String?
    /// Facts that operators set, as YAML; `facts.yaml` beside the configuration unless set.
    package var factsFile: String
    /// Facts that stand in the configuration.
    package var facts: ValueMap = [:]

    // Sign-in

    package var keyBits = 2048
    package var encryption = EncryptionName.sha1
    package var signature = SignatureName.sha1
    package var fingerprintDigest = DigestName.sha256
    package var controllerFingerprint: String?
    package var keySignerFile: String?
    package var alwaysVerifiesKeySignature = false
    package var signInTimeout = Duration.seconds(5)
    package var signInRetry = Duration.seconds(10)
    package var signInLongestRetry = Duration.zero
    package var retriesWhenRejected = false
    /// Names of facts sent at sign-in, for automatic acceptance.
    package var autosignFacts: [String] = []
    package var reconnectDelay = Duration.seconds(1)
    package var reconnectLongestDelay = Duration.seconds(10)

    // Work

    package var requestTimeout = Duration.seconds(60)
    package var returnTimeout = Duration.seconds(5)
    package var returnLongestTimeout = Duration.seconds(10)
    package var returnTries = 3
    package var returnReplayInterval = Duration.seconds(20)
    package var returnSpoolBytes = 64 << 20
    package var maxRunningJobs = 32
    package var maxWaitingJobs = 256
    package var jobTimeLimit: Duration?
    package var seenJobs = 1000
    package var drainLimit = Duration.seconds(30)
    package var disabledModules: [String] = []
    /// Empty means every module that is not disabled.
    package var allowedModules: [String] = []

    // Extras

    package var pingInterval: Duration?
    package var firesLegacyStart = true
    package var startEventFacts: [String] = []
    package var filtersTopics = false
    package var environment: String?
    package var pillarEnvironment: String?
    package var nodegroups: [String: String] = [:]
    package var logLevel = LogLevelName.info

    package init(_ directories: Directories) {
        stateDirectory = directories.state + "/node"
        factsFile = directories.configuration + "/facts.yaml"
        modulesDirectory = directories.configuration + "/modules"
    }

    package static let fileName = "node.yaml"
    package static let saltRole: SaltRole? = .minion

    /// The controllers with their ports. Complete after `load`, which refuses what cannot be read.
    package var endpoints: [HostPort] { controllers.compactMap { HostPort($0, defaultPort: requestPort) } }

    package mutating func complete() {
        givenControllers = controllers
        if keyDirectory.isEmpty { keyDirectory = stateDirectory + "/pki" }
        returnLongestTimeout = max(returnTimeout, returnLongestTimeout)
        reconnectLongestDelay = max(reconnectDelay, reconnectLongestDelay)
    }

    package func contradictions() -> [(keys: [String], reason: String)] {
        var found: [(keys: [String], reason: String)] = []
        if controllers.isEmpty, collectiveFile == nil {
            found.append((["controllers"], "no controller is given: name at least one host"))
        }
        for text in controllers where HostPort(text, defaultPort: requestPort) == nil {
            found.append((["controllers"], "'\(text)' is no host: write HOST, HOST:PORT or [ADDRESS]:PORT"))
        }
        for (index, endpoint) in endpoints.enumerated() where endpoints[..<index].contains(endpoint) {
            found.append((["controllers"], "'\(endpoint.host)' stands more than once"))
        }
        if let id, NodeID(id) == nil {
            found.append((["id"], "'\(id)' is no node id: up to 255 bytes without '/', '\\' and control characters"))
        }
        found += SettingValue.problems(ofNodegroups: nodegroups).map { (["nodegroups"], $0) }
        for module in allowedModules where disabledModules.contains(module) {
            found.append((["disabled_modules", "allowed_modules"], "'\(module)' is in allowed_modules too"))
        }
        return found
    }
}
