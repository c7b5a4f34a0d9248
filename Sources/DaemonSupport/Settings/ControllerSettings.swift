package import MusterCore

/// How a controller is run: `controller.yaml`, or what Salt's `master` says.
package struct ControllerSettings: SettingsFile {
    // Listening

    /// Addresses, IPv4 and IPv6.
    package var listen = ["0.0.0.0"]
    package var publishPort = 4505
    package var requestPort = 4506
    /// The unix socket of the control API.
    package var controlSocket: String
    package var backlog = 1000
    package var maxConnections = 20_000
    package var handshakeTimeout = Duration.seconds(30)
    package var maxRequestBytes = 128 << 20
    /// Of all half-received requests together.
    package var requestMemoryBytes = 512 << 20
    /// Messages that may wait for one slow subscriber.
    package var publishQueue = 1000

    // The collective

    /// MCollective's `client.cfg`; nil: there is no collective.
    package var collectiveFile: String?
    package var collectiveDiscoveryTimeout = Duration.seconds(2)

    /// Whether a broker runs in this process, which `broker.yaml` describes, and where it listens.
    package var broker = EmbeddedBroker.off

    // Files

    /// The store, the publish key, the session secret.
    package var stateDirectory: String
    /// Salt's `pki/master` layout; `pki` in the state directory unless set.
    package var keyDirectory = ""

    // Keys

    package var keyBits = 2048
    package var acceptsAll = false
    package var isOpen = false
    package var autosignFile: String?
    package var autorejectFile: String?
    package var autosignFactsDirectory: String?
    package var autosignLifetime = Duration.seconds(7200)
    /// 0 is no limit.
    package var maxNodes = 0
    package var maxPendingKeys = 10_000
    package var keyLifetime = Duration.seconds(86_400)
    package var rotatesOnRemoval = true
    package var allowsKeyRevocation = true
    package var acceptsVersion2 = false
    package var publishSignature = SignatureName.sha1
    package var fingerprintDigest = DigestName.sha256
    /// A separate key pair that signs the controller's public key at each sign-in.
    package var signingKeyFile: String?
    /// A signature made before, sent instead.
    package var keySignatureFile: String?
    package var clockTolerance = Duration.seconds(300)
    package var firesAuthEvents = true
    package var cryptographyThreads = 2

    // Jobs

    package var jobTimeout = Duration.seconds(5)
    package var gatherTimeout = Duration.seconds(10)
    package var restartGrace = Duration.seconds(12)
    /// Returns that a node may send without having been asked.
    package var unaskedReturns = 1000
    /// Events that a node may have stored in a minute.
    package var eventsPerMinute = 1000
    package var maxEventBytes = 1 << 20
    package var retentionAge = Duration.seconds(86_400)
    package var retentionBytes: Int?
    package var storeLimitBytes: Int?
    package var nodegroups: [String: String] = [:]
    /// Pillar data by compound expression.
    package var pillar: ValueMap = [:]

    package var logLevel = LogLevelName.info
    package var shutdownGrace = Duration.seconds(3)

    package init(_ directories: Directories) {
        stateDirectory = directories.state + "/controller"
        controlSocket = directories.runtime + "/controller.sock"
    }

    package static let fileName = "controller.yaml"
    package static let saltRole: SaltRole? = .master

    /// The database of the store.
    package var storePath: String { stateDirectory + "/muster.db" }

    package mutating func complete() {
        if keyDirectory.isEmpty { keyDirectory = stateDirectory + "/pki" }
    }

    package func contradictions() -> [(keys: [String], reason: String)] {
        var found: [(keys: [String], reason: String)] = []
        if listen.isEmpty {
            found.append((["listen"], "no address is given: '0.0.0.0' is all of IPv4, '::' all of IPv6"))
        }
        for address in listen where !isAddress(address) {
            found.append((["listen"], "'\(address)' is no IPv4 or IPv6 address"))
        }
        if publishPort == requestPort && publishPort != 0 {
            found.append(
                (["request_port", "publish_port"], "\(requestPort) is the publish port too: give each its own"))
        }
        // The kernel's limit for the path of a unix socket, with its closing NUL.
        if controlSocket.utf8.count > 107 {
            found.append(
                (
                    ["control_socket"],
                    "'\(controlSocket)' is longer than the 107 bytes a socket may have: set a shorter one"
                ))
        }
        if requestMemoryBytes < 2 * maxRequestBytes {
            found.append(
                (
                    ["request_memory", "max_request_size"],
                    "one request of max_request_size may take twice its size: set request_memory to \(2 * maxRequestBytes) "
                        + "or more"
                ))
        }
        let groups = SettingValue.problems(ofNodegroups: nodegroups)
        found += groups.map { (["nodegroups"], $0) }
        if groups.isEmpty {
            found += SettingValue.problems(ofPillar: pillar, nodegroups: nodegroups).map { (["pillar"], $0) }
        }
        if case .at(let text) = broker, HostPort(text, defaultPort: BrokerSettings.port) == nil {
            found.append((["broker"], "'\(text)' is no address: write on, off, HOST, HOST:PORT or [ADDRESS]:PORT"))
        }
        if keySignatureFile != nil && signingKeyFile != nil {
            found.append((["key_signature_file", "signing_key_file"], "either this or signing_key_file, not both"))
        }
        return found
    }
}

/// `publish_signature` and `signature`: what RSA signatures are made over.
package enum SignatureName: String, Sendable, Hashable, CaseIterable {
    case sha1 = "PKCS1v15-SHA1"
    case sha224 = "PKCS1v15-SHA224"
}

/// `encryption`: how session keys travel.
package enum EncryptionName: String, Sendable, Hashable, CaseIterable {
    case sha1 = "OAEP-SHA1"
    case sha224 = "OAEP-SHA224"
}

/// `broker`: whether a daemon has a broker in it.
package enum EmbeddedBroker: Sendable, Hashable {
    case off
    /// As its own settings say.
    case on
    /// The same, but at this address.
    case at(String)
}

/// `fingerprint_digest`.
package enum DigestName: String, Sendable, Hashable, CaseIterable {
    case md5, sha1, sha224, sha256, sha384, sha512
}

/// `log_level`, the names of swift-log.
package enum LogLevelName: String, Sendable, Hashable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}
