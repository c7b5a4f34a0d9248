import BusTransport
import MusterCore
import NIOCore
package import SaltProtocol
import ZMTP

/// How the Salt wire of a controller behaves. Ports 0 let the system choose.
package struct SaltFabricConfiguration: Sendable {
    /// Addresses to listen on, IPv4 and IPv6.
    package var hosts: [String] = ["0.0.0.0"]
    package var publishPort = 4505
    package var requestPort = 4506
    /// Where the publish key and the session secret are kept (mode 0700).
    package var stateDirectory: String
    package var autosign = AutosignPolicy()
    /// Salt's `publish_session`: how long publish and session keys live.
    package var keyLifetime: Duration = .seconds(86_400)
    package var publishSignature: SignatureAlgorithm = .saltDefault
    package var keySignature: ControllerIdentity.KeySignature?
    /// Takes protocol version 2 too (Salt before 3006.12): any node can then speak for any other.
    package var acceptsVersion2 = false
    /// How far a node's clock may be off, and how long a replayed request is recognised.
    package var clockTolerance: Duration = .seconds(300)
    package var firesAuthEvents = true
    /// Threads for RSA.
    package var cryptographyThreads = 2
    package var maxConnections = 20_000
    /// How many files and sockets this process may have open, nil when that is not known.
    package var descriptorLimit: Int?
    /// From a TCP connection to the end of its ZMTP handshake.
    package var handshakeTimeout: Duration = .seconds(30)
    package var backlog = 1000
    /// Messages that may wait for one slow subscriber (Salt's `pub_hwm`).
    package var publishHighWaterMark = 1000
    package var maxRequestBytes = 128 << 20
    /// Memory that half-received requests may take together.
    package var requestMemoryBytes = 512 << 20
    /// Returns that a node may send without having been asked.
    package var unaskedReturns = 1000
    package var eventLimits = EventLimits()

    package init(stateDirectory: String) { self.stateDirectory = stateDirectory }

    /// What each port may have.
    package var connectionBudget: ConnectionBudget {
        ConnectionBudget(maxConnections: maxConnections, descriptors: descriptorLimit)
    }

    var requestOptions: ServerOptions {
        var options = serverOptions
        options.connection.limits = Limits(maxFrameBytes: maxRequestBytes, maxFrames: 16)
        options.maxHeldBytes = requestMemoryBytes
        return options
    }

    var publishOptions: PublisherOptions {
        var options = PublisherOptions()
        let (limits, heldBytes) = (options.server.connection.limits, options.server.maxHeldBytes)
        options.server = serverOptions
        options.server.connection.limits = limits
        options.server.maxHeldBytes = heldBytes
        options.server.connection.sendQueue.messages = publishHighWaterMark
        return options
    }

    private var serverOptions: ServerOptions {
        var options = ServerOptions()
        options.backlog = backlog
        options.maxConnections = connectionBudget.perPort
        options.connection.handshakeTimeout = .microseconds(handshakeTimeout.microseconds)
        options.connection.keepAlive = KeepAlive(idleSeconds: 60, intervalSeconds: 15, probes: 3)
        options.connection.heartbeat = Heartbeat.Configuration(interval: .seconds(10), timeout: .seconds(30))
        return options
    }
}

/// What a node may have stored of its events; more is dropped and counted.
package struct EventLimits: Sendable, Hashable {
    /// How many in a minute, and at once after a minute of silence; a large one counts once more for each 64 KiB.
    package var perMinute = 1000
    /// The largest.
    package var bytes = 1 << 20

    package init() {}
}
