package import BusTransport
package import MusterCore
package import SaltProtocol

/// Everything a node needs to know before it starts. The names of Salt's keys stand beside ours.
package struct NodeConfiguration: Sendable {
    /// One master of the node.
    package struct Master: Sendable, Hashable {
        package var host: String
        /// `master_port`: requests and returns.
        package var requestPort: Int
        /// `publish_port`: nil takes the one that the master names when the node signs in.
        package var publishPort: Int?

        package init(host: String, requestPort: Int = 4506, publishPort: Int? = nil) {
            self.host = host
            self.requestPort = requestPort
            self.publishPort = publishPort
        }

        package var requestEndpoint: Endpoint { Endpoint(host: host, port: requestPort) }
    }

    /// How the node signs in.
    package struct SignIn: Sendable {
        /// `acceptance_wait_time`: between attempts while the key is not accepted.
        package var retryInterval: Duration = .seconds(10)
        /// `acceptance_wait_time_max`: waits grow up to this; zero keeps them as they are.
        package var longestRetry: Duration = .zero
        /// `rejected_retry`: go on asking although the key is rejected.
        package var retriesWhenRejected = false
        /// `auth_timeout`.
        package var timeout: Duration = .seconds(5)
        /// `master_finger`.
        package var masterFingerprint: String?
        /// `hash_type`: what `masterFingerprint` was made with.
        package var fingerprintDigest = DigestAlgorithm.sha256
        /// `autosign_grains`: facts sent along, by which the master may accept the key at once.
        package var autosignFacts: ValueMap = [:]
        /// `verify_master_pubkey_sign`: the file with the public signing key, nil when the key is not verified.
        package var keySignerPath: String?
        /// `always_verify_signature`.
        package var alwaysVerifiesKeySignature = false
        /// `encryption_algorithm`.
        package var encryption = EncryptionAlgorithm.saltDefault
        /// `signing_algorithm`; also the weakest that a publish may be signed with.
        package var signature = SignatureAlgorithm.saltDefault
        /// `keysize`: bits of a key pair that is made at the first start.
        package var keyBits = 2048

        package init() {}
    }

    /// How returns reach the master.
    package struct Returns: Sendable {
        /// `return_retry_timer` and `return_retry_timer_max`: each try waits a random time between these for its answer.
        package var timeout: ClosedRange<Duration> = .seconds(5)...(.seconds(10))
        /// `return_retry_tries`: then the return stays on disk.
        package var tries = 3
        /// How often what stayed on disk is sent again.
        package var replayInterval: Duration = .seconds(20)
        /// What may wait on disk for one master; beyond it the oldest are dropped.
        package var spoolBytes = 64 << 20
        /// For how long a node that ends tries to send what still waits.
        package var lastTry: Duration = .seconds(5)

        package init() {}
    }

    package var id: NodeID
    /// At least one; the node belongs to all of them at once.
    package var masters: [Master]
    /// `pki_dir`: `minion.pem`, `minion.pub`, `minion_master.pub`.
    package var pkiDirectory: String
    /// `cachedir`: seen jobs and spooled returns.
    package var cacheDirectory: String
    /// The operator's own modules (docs/modules.md); nil for none.
    package var modulesDirectory: String?
    package var signIn = SignIn()
    package var returns = Returns()
    /// `max_running_jobs`, `max_waiting_jobs`, `job_timeout`.
    package var jobs = JobRunner.Limits()
    /// `minion_jid_queue_hwm`: job ids that are remembered, across restarts.
    package var seenJobs = 1000
    /// `request_channel_timeout`.
    package var requestTimeout: Duration = .seconds(60)
    /// How long running jobs may go on when the node is asked to stop.
    package var drainLimit: Duration = .seconds(30)
    /// `ping_interval`: how often the event `minion_ping` is fired; nil never.
    package var pingInterval: Duration?
    /// `enable_legacy_startup_events`: fire `minion_start` besides `salt/minion/ID/start`.
    package var firesLegacyStart = true
    /// `start_event_grains`: facts that the start events carry.
    package var startEventFacts: [String] = []
    /// `recon_default`: the subscription is made anew after about this long, later after up to the longest delay.
    package var reconnectDelay: Duration = .seconds(1)
    /// `recon_max`.
    package var longestReconnectDelay: Duration = .seconds(10)
    /// `zmq_filtering`: subscribe only to what is meant for this node; the master must have it too.
    package var filtersTopics = false
    /// `saltenv`, `pillarenv`.
    package var environment: String?
    package var pillarEnvironment: String?
    /// `nodegroups`: compound expressions by name, for `N@` in targets.
    package var nodegroups: [String: String] = [:]
    /// Everything under Salt's key names, for functions (`config.get`, `test.get_opts`).
    package var settings: ValueMap = [:]

    package init(id: NodeID, masters: [Master], pkiDirectory: String, cacheDirectory: String) {
        self.id = id
        self.masters = masters
        self.pkiDirectory = pkiDirectory
        self.cacheDirectory = cacheDirectory
    }
}
