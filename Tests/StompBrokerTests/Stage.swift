import NIOCore
import STOMP
import StompBroker

/// A virtual host with clients, without sockets: clients say frames and hear frames.
final class Stage {
    let host: VirtualHost
    let log: MemoryLog?
    var now = Moment(milliseconds: 1_700_000_000_000)
    private var secrets: [String]
    private var clients: [WeakClient] = []

    /// - Parameter secrets: The names that reply queues get, first to last.
    init(limits: BrokerLimits = BrokerLimits(), log: MemoryLog? = nil, secrets: [String] = ["s1", "s2", "s3"]) {
        self.log = log
        self.secrets = secrets
        var names = secrets[...]
        host = VirtualHost(
            name: "/", limits: limits, log: log, idPrefix: "t-", makeSecretName: { names.popFirst() ?? "exhausted" })
    }

    func client(_ version: Version = .v1_2, access: any AccessRules = FullAccess()) -> Client {
        let client = Client(host.connect(version: version, access: access), stage: self)
        clients.append(WeakClient(client: client))
        return client
    }

    /// Lets time pass.
    func pass(milliseconds: Int64) {
        now.milliseconds += milliseconds
        host.tick(at: now)
        deliver()
    }

    /// Performs the actions.
    func deliver() {
        for action in host.takeActions() {
            switch action {
            case .deliver(let head, let tail, let peer): client(of: peer)?.hear(head, tail)
            case .confirm(let bytes, let peer): client(of: peer)?.hear(bytes)
            case .close(let peer): client(of: peer)?.isClosed = true
            case .fail(let error, _, let peer): client(of: peer)?.error = error
            }
        }
    }

    private func client(of peer: Peer) -> Client? { clients.first { $0.client?.peer === peer }?.client }

    private struct WeakClient {
        weak var client: Client?
    }

    /// One connection.
    final class Client {
        let peer: Peer
        private let stage: Stage
        private var decoder: FrameDecoder
        private var unflushed = 0
        /// Whether what it is sent leaves the machine at once.
        var reads = true
        var isClosed = false
        var error: BrokerError?
        private var heard: [Frame] = []

        init(_ peer: Peer, stage: Stage) {
            self.peer = peer
            self.stage = stage
            decoder = FrameDecoder(version: peer.version)
        }

        /// Sends frames; NULs are added where they are not.
        func say(_ text: String) {
            var decoder = FrameDecoder(version: peer.version)
            decoder.received(ByteBuffer(string: text.hasSuffix("\0") ? text : text + "\0"))
            while let frame = try? decoder.next() { say(frame) }
        }

        func say(_ frame: Frame) {
            stage.host.received(frame, from: peer, at: stage.now)
            stage.deliver()
        }

        func leave() {
            stage.host.disconnected(peer, at: stage.now)
            stage.deliver()
        }

        /// Lets what was sent leave the machine.
        func flush() {
            let bytes = unflushed
            unflushed = 0
            stage.host.flushed(peer, bytes: bytes, at: stage.now)
            stage.deliver()
        }

        func hear(_ head: ByteBuffer, _ tail: ByteBuffer = ByteBuffer()) {
            var bytes = head
            bytes.writeImmutableBuffer(tail)
            if tail.readableBytes > 0 { unflushed += bytes.readableBytes }
            decoder.received(bytes)
            while let frame = try? decoder.next() { heard.append(frame) }
            if reads, unflushed > 0 { flush() }
        }

        /// What it heard since the last call.
        func frames() -> [Frame] {
            defer { heard = [] }
            return heard
        }

        /// The bodies, and `!ID` for receipts, that it heard since the last call.
        func bodies() -> [String] {
            frames().map { frame in
                frame.command == .receipt ? "!" + (frame.headers["receipt-id"] ?? "") : String(buffer: frame.body)
            }
        }
    }
}

/// A log in memory, which is on disk when the test says so.
final class MemoryLog: MessageLog {
    private(set) var entries: [String] = []
    private(set) var appends = 0
    var isFull = false

    func append(_ entries: [LogEntry]) throws(BrokerError) -> LogPosition {
        if isFull { throw .storageFull }
        appends += 1
        for entry in entries {
            switch entry {
            case .stored(let message, let queue): self.entries.append("stored \(message.id) in \(queue)")
            case .moved(let id, let queue): self.entries.append("moved \(id) to \(queue)")
            case .done(let id): self.entries.append("done \(id)")
            }
        }
        return LogPosition(UInt64(appends))
    }
}
