extension ControllerSettings {
    package static let settings: [Setting<ControllerSettings>] = [
        .texts("listen", \.listen, "addresses for nodes to connect to; '::' is all of IPv6"),
        .port("publish_port", \.publishPort, "the port where nodes subscribe to jobs"),
        .port("request_port", \.requestPort, "the port for sign-ins and returns"),
        .path(
            "control_socket", \.controlSocket, "the unix socket that commands talk to; only its owner and root get in"),
        .count(
            "backlog", \.backlog, in: 1...65_535,
            "connections the kernel keeps waiting; lower refuses nodes that reconnect all at once, higher hides a stall"
        ),
        .count(
            "max_connections", \.maxConnections, in: 10...10_000_000,
            "connections a port takes; each node has one on each port; higher needs more file descriptors and memory"),
        .duration(
            "handshake_timeout", \.handshakeTimeout, in: .milliseconds(100) ... .seconds(600),
            "how long a connection may take to say what it is; shorter loses slow links, longer lets silent ones stay"),
        .bytes(
            "max_request_size", \.maxRequestBytes, in: (64 << 10)...(2 << 30),
            "the largest message of a node; lower cuts off large returns, higher lets a node take more memory"),
        .bytes(
            "request_memory", \.requestMemoryBytes, in: (128 << 10)...(1 << 40),
            "memory of all half-received requests, the oldest of strangers go first; lower cuts off large returns"),
        .count(
            "publish_queue", \.publishQueue, in: 1...1_000_000,
            "messages kept for one slow node before it misses some; higher takes more memory"),
        .optionalPath(
            "collective_config", \.collectiveFile,
            "MCollective's client.cfg: the nodes behind its brokers are reached with the others"),
        .duration(
            "collective_discovery_timeout", \.collectiveDiscoveryTimeout, in: .milliseconds(100) ... .seconds(600),
            "how long nodes of the collective may take to say that a target means them; shorter loses slow ones"),
        .embeddedBroker(
            "broker", \.broker, "a STOMP broker in this process, as broker.yaml describes it, and where it listens"),
        .path("state_dir", \.stateDirectory, "the store and what else must survive a restart"),
        .path("key_dir", \.keyDirectory, "the keys of the controller and the nodes, laid out as Salt's pki/master"),
        .count(
            "key_bits", \.keyBits, in: 2048...8192,
            "the size of the controller's key when it is made; higher makes sign-ins slower, twice the bits seven times"
        ),
        .flag("auto_accept", \.acceptsAll, "accepts every new key; only where nobody else can reach the ports"),
        .flag(
            "open_mode", \.isOpen,
            "accepts every key and replaces stored ones; refused unless it is forced at the start"),
        .optionalPath("autosign_file", \.autosignFile, "ids whose keys are accepted, a glob or expression a line"),
        .optionalPath("autoreject_file", \.autorejectFile, "ids whose keys are rejected, the same way"),
        .optionalPath(
            "autosign_facts_dir", \.autosignFactsDirectory, "a file for each fact with the values that are accepted"),
        .duration(
            "autosign_lifetime", \.autosignLifetime, in: .zero ... .seconds(366 * 86_400),
            "how long a file in minions_autosign counts"),
        .count("max_nodes", \.maxNodes, in: 0...10_000_000, "nodes that may be connected, 0 for any number"),
        .count(
            "max_pending_keys", \.maxPendingKeys, in: 1...10_000_000,
            "keys that may wait to be accepted; higher lets strangers fill the disk with more of them"),
        .duration(
            "key_lifetime", \.keyLifetime, in: .seconds(60) ... .seconds(366 * 86_400),
            "how long the publish key is used; shorter makes all nodes sign in more often"),
        .flag("rotate_on_removal", \.rotatesOnRemoval, "a deleted or rejected key makes a new publish key at once"),
        .flag("allow_key_revocation", \.allowsKeyRevocation, "nodes may delete their own key"),
        .flag(
            "accept_version_2", \.acceptsVersion2,
            "takes nodes older than Salt 3006.12; any of them can speak for any other"),
        .choice(
            "publish_signature", \.publishSignature,
            "what signatures of publishes are made over; Salt before 3007 knows SHA1"),
        .choice("fingerprint_digest", \.fingerprintDigest, "the digest of the fingerprints shown"),
        .optionalPath(
            "signing_key_file", \.signingKeyFile, "a second private key that signs the controller's public key"),
        .optionalPath(
            "key_signature_file", \.keySignatureFile, "a signature of the controller's public key made before"),
        .duration(
            "clock_tolerance", \.clockTolerance, in: .seconds(1) ... .seconds(86_400),
            "how far the clock of a node may be off; higher remembers replayed requests longer"),
        .flag("auth_events", \.firesAuthEvents, "makes an event of each sign-in"),
        .count(
            "cryptography_threads", \.cryptographyThreads, in: 1...64,
            "threads for RSA; more make many sign-ins at once faster while they take the processors"),
        .duration(
            "job_timeout", \.jobTimeout, in: .milliseconds(100) ... .seconds(86_400),
            "how long a silent node is waited for before it is asked; shorter asks more, longer ends jobs later"),
        .duration(
            "gather_timeout", \.gatherTimeout, in: .milliseconds(100) ... .seconds(86_400),
            "how long the answer to that question is waited for; shorter gives busy nodes up too early"),
        .count(
            "unasked_returns", \.unaskedReturns, in: 0...10_000_000,
            "returns a node may send that nobody asked for, one more each second; higher lets a node fill the store"),
        .count(
            "events_per_minute", \.eventsPerMinute, in: 0...1_000_000,
            "events a node may have stored in a minute; higher lets a node fill the store, lower drops those of busy ones"
        ),
        .bytes(
            "max_event_size", \.maxEventBytes, in: (1 << 10)...(64 << 20),
            "the largest event of a node that is stored; higher lets a node fill the store sooner"),
        .duration(
            "restart_grace", \.restartGrace, in: .zero ... .seconds(600),
            "how long after a start jobs wait for nodes that are still coming back; 0 publishes at once"),
        .duration(
            "retention_age", \.retentionAge, in: .seconds(60) ... .seconds(3660 * 86_400),
            "how long jobs, returns and events are kept; longer makes the store larger"),
        .bytesLimit("retention_size", \.retentionBytes, "the oldest jobs go when the store is larger; 0 for no limit"),
        .bytesLimit(
            "store_size_limit", \.storeLimitBytes, "the store takes no more when it is this large; 0 for no limit"),
        .nodegroups("nodegroups", \.nodegroups, "compound expressions by name, for N@ and --nodegroup"),
        .map("pillar", \.pillar, "pillar data by compound expression, later entries on top"),
        .choice("log_level", \.logLevel, "the least important messages that are logged"),
        .duration(
            "shutdown_grace", \.shutdownGrace, in: .zero ... .seconds(600),
            "how long replies may take when the controller stops"),
    ]
}
