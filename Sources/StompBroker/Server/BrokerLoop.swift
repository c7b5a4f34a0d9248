import Logging
import MusterCore
import NIOCore
import STOMP

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The virtual hosts of a broker, and the connections that use them, on the one event loop that owns them all.
///
/// Frames go to their virtual host at once; what it wants done is written then and flushed at the end of the loop's tick,
/// so that many messages for a connection are one write.
final class BrokerLoop {
    let configuration: BrokerConfiguration
    let eventLoop: any EventLoop
    let logger: Logger
    private let logLimiter = LogLimiter()
    let now: () -> Timestamp
    private let makeSecretName: () -> String
    /// What `message-id` begins with in this run.
    private let idPrefix: String
    private let failed: (BrokerServerError) -> Void
    var hosts: [String: ServedHost] = [:]
    /// Virtual hosts that were deleted, until nothing is left of them.
    var removing: [String: ServedHost] = [:]
    /// Who may use the broker.
    let accounts: AccountDesk
    private(set) var connections: [ObjectIdentifier: BrokerConnection] = [:]
    private var connectionNumber = 0
    /// Clients that were not let in.
    private(set) var refusedClients = 0
    /// Writes and removes files, off the loop.
    let fileWork: PasswordDesk.Elsewhere
    /// Done when the last change that an operator wants is: they are made one after the other.
    var lastChange: EventLoopFuture<Void>
    let started: Timestamp
    /// As status shows them.
    private(set) var listeners: [String] = []
    private var unflushed: [BrokerConnection] = []
    private var isScheduled = false
    /// How many ticks have ended since the loop last looked at its sockets.
    private var ticksInARow = 0
    /// Connections that are not read from until a log has caught up.
    private var waiting: [BrokerConnection] = []
    private(set) var emptied: EventLoopPromise<Void>?

    /// Where the accounts are kept.
    var accountFile: AccountFile? { configuration.accountPath.map { AccountFile(path: $0) } }

    init(
        _ configuration: BrokerConfiguration, on eventLoop: any EventLoop, logger: Logger,
        now: @escaping () -> Timestamp, makeSecretName: @escaping () -> String,
        passwordWork: @escaping PasswordDesk.Elsewhere, fileWork: @escaping PasswordDesk.Elsewhere,
        failed: @escaping (BrokerServerError) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.now = now
        self.makeSecretName = makeSecretName
        self.fileWork = fileWork
        self.failed = failed
        accounts = AccountDesk(configuration, passwords: PasswordDesk(on: eventLoop, elsewhere: passwordWork))
        lastChange = eventLoop.makeSucceededVoidFuture()
        started = now()
        idPrefix = "muster-\(now().microseconds)-"
    }

    private static let mostTicksInARow = 8

    var moment: Moment { Moment(milliseconds: now().microseconds / 1000) }

    /// Reads the accounts and makes the virtual hosts, with what their logs have.
    ///
    /// - Throws: `AccountFileError`; `FileError` when a log cannot be read, `BrokerServerError` when it is another process's.
    func open() throws {
        if let file = accountFile { accounts.book = try file.read() }
        for name in configuredVirtualHosts.union(accounts.book.virtualHosts).sorted() {
            hosts[name] = try makeHost(name)
        }
    }

    /// Clients can connect.
    func begin(_ listeners: [String]) {
        self.listeners = listeners
        startTicking()
        guard accounts.hasNoUsers, !accounts.isOpen else { return }
        logger.warning("nobody is let in, because there is no user: 'muster broker users add NAME' makes one")
    }

    /// The virtual hosts that are always there.
    var configuredVirtualHosts: Set<String> {
        configuration.virtualHosts.union([BrokerConfiguration.defaultVirtualHost])
    }

    /// A virtual host with what its log has.
    func makeHost(_ name: String) throws -> ServedHost {
        let log = try configuration.dataDirectory.map { try openLog(of: name, in: $0) }
        let host = VirtualHost(
            name: name, limits: configuration.limits, log: log, idPrefix: idPrefix, makeSecretName: makeSecretName)
        return ServedHost(host, log)
    }

    private func openLog(of name: String, in directory: String) throws -> DiskLog {
        let broker = NIOLoopBound(self, eventLoop: eventLoop)
        let loop = eventLoop
        try Files.makeDirectory(directory, mode: 0o700)
        let storage: SegmentDirectory
        do throws(FileError) {
            storage = try SegmentDirectory("\(directory)/\(ServedHost.directoryName(name))")
        } catch {
            throw error.code == EWOULDBLOCK ? BrokerServerError.directoryInUse(directory) : error
        }
        let log = try DiskLog(storage, configuration: configuration.log) { event in
            loop.execute { broker.value.told(event, of: name) }
        }
        let (messages, damaged) = (log.recovery.messages.count, log.recovery.damagedBytes)
        if messages > 0 || damaged > 0 {
            logger.notice(
                "messages restored",
                metadata: ["stomp.vhost": "\(name)", "messages": "\(messages)", "bytes.unfinished": "\(damaged)"])
        }
        return log
    }

    // MARK: Connections

    func opened(_ connection: BrokerConnection) {
        connections[ObjectIdentifier(connection)] = connection
        connectionNumber += 1
        connection.number = connectionNumber
        guard connections.count > configuration.maxConnections else { return }
        note("connection refused", "more than \(configuration.maxConnections)", from: connection)
        connection.close()
    }

    func closed(_ connection: BrokerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        endIfDone()
    }

    /// Says why a client is not let in, and counts it.
    func noteRefusal(_ reason: String, of connection: BrokerConnection) {
        refusedClients += 1
        note("client refused", reason, from: connection)
    }

    /// Whether a client may be listened to; if not, it is told when it may.
    func mayRead(_ connection: BrokerConnection, of served: ServedHost) -> Bool {
        guard served.isBehind else { return true }
        waiting.append(connection)
        return false
    }

    // MARK: What virtual hosts want done

    /// Does what the virtual host wants by now.
    func perform(_ host: VirtualHost) {
        for action in host.takeActions() {
            switch action {
            case .deliver(let head, let tail, let peer):
                guard let connection = connection(of: peer) else { continue }
                connection.deliver(head)
                connection.deliver(tail)
            case .confirm(let receipt, let peer): connection(of: peer)?.write(receipt)
            case .close(let peer): connection(of: peer)?.closeWhenSent()
            case .fail(let error, let frame, let peer):
                guard let connection = connection(of: peer) else { continue }
                if case .accessRefused = error {
                    note("access refused", "\(error)", from: connection)
                } else {
                    note("frame refused", "\(error)", from: connection)
                }
                connection.fail(error, about: frame)
            }
        }
    }

    private func connection(of peer: Peer) -> BrokerConnection? { peer.owner as? BrokerConnection }

    /// Something was written to a connection, which asks once: it is flushed at the end of the tick.
    func noteUnflushed(_ connection: BrokerConnection) {
        unflushed.append(connection)
        guard !isScheduled else { return }
        isScheduled = true
        ticksInARow += 1
        guard ticksInARow > BrokerLoop.mostTicksInARow else {
            return eventLoop.assumeIsolated().execute { self.endTick() }
        }
        // What is executed by something that is executed comes before the sockets: a fast reader of a long queue would
        // keep everybody else waiting until the queue is empty.
        ticksInARow = 0
        eventLoop.assumeIsolated().scheduleTask(in: .microseconds(50)) { self.endTick() }
    }

    /// The loop looks at its sockets.
    func noteRead() { ticksInARow = 0 }

    private func endTick() {
        isScheduled = false
        let flushing = unflushed
        unflushed = []
        for connection in flushing { connection.flush() }
    }

    // MARK: Time

    /// Removes what is over, once a second, until the broker ends.
    func startTicking() {
        guard emptied == nil else { return }
        eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) {
            for served in self.hosts.values {
                served.host.tick(at: self.moment)
                served.tick()
                self.perform(served.host)
                self.tellDrops(of: served)
            }
            self.startTicking()
        }
    }

    /// Says what was lost since it was last said.
    private func tellDrops(of served: ServedHost) {
        let (host, told) = (served.host, served.toldDrops)
        let (slow, full) = (host.statistics.droppedForSlowSubscriber, host.statistics.droppedForFullQueue)
        guard slow > told.slow || full > told.full, logLimiter.admit("messages dropped", at: now()) != nil else {
            return
        }
        served.toldDrops = (slow, full)
        logger.warning(
            "messages dropped",
            metadata: [
                "stomp.vhost": "\(host.name)", "slow.subscribers": "\(slow - told.slow)",
                "full.queues": "\(full - told.full)",
            ])
    }

    /// Lets clients have what they are owed, and closes.
    func drain() -> EventLoopFuture<Void> {
        let promise = emptied ?? eventLoop.makePromise()
        emptied = promise
        for connection in connections.values { connection.closeWhenSent() }
        endIfDone()
        eventLoop.assumeIsolated().scheduleTask(in: configuration.grace) {
            for connection in self.connections.values { connection.close() }
        }
        return promise.futureResult
    }

    /// When the last client has gone, what is not on disk yet is brought there.
    func endIfDone() {
        guard let emptied, connections.isEmpty else { return }
        for served in hosts.values { served.close() }
        if hosts.values.allSatisfy(\.isClosed), removing.isEmpty { emptied.succeed() }
    }

    // MARK: What logs say

    func told(_ event: DiskLogEvent, of name: String) {
        guard let served = hosts[name] else {
            if event == .closed { removed(name) }
            return
        }
        switch event {
        case .committed(let position):
            served.host.committed(upTo: position)
            perform(served.host)
            guard served.hasCaughtUp, !waiting.isEmpty else { return }
            let rested = waiting
            waiting = []
            for connection in rested { connection.readOn() }
        case .stalled(let error):
            logger.error(
                "the disk takes no messages", metadata: ["stomp.vhost": "\(name)", "error": "\(error)"])
        case .resumed: logger.notice("the disk takes messages again", metadata: ["stomp.vhost": "\(name)"])
        case .failed(let error): failed(.cannotKeep("\(name)", reason: "\(error)"))
        case .closed:
            served.isClosed = true
            endIfDone()
        }
    }

    // MARK: Telling the operator

    /// A peer can trigger this at will: one line a minute and kind, with the count of those left out.
    func note(_ phrase: Logger.Message, _ reason: String, from connection: BrokerConnection) {
        guard let left = logLimiter.admit("\(phrase)", at: now()) else { return }
        logger.warning(
            phrase,
            metadata: [
                "reason": "\(reason.loggable)", "peer.address": "\(connection.address)", "suppressed": "\(left)",
            ])
    }
}
