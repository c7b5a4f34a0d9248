import BusTransport
import Logging
import MessagePack
import MusterCore
import NIOCore
import SaltProtocol
import ServiceLifecycle
import Synchronization

/// What the links of a node share.
struct LinkResources: Sendable {
    let configuration: NodeConfiguration
    let runner: JobRunner
    let facts: any FactsProvider
    let seenJobs: SeenJobsFile
    let eventLoop: any EventLoop
    /// Who functions ask: all links of the node.
    let masters: any MasterActions
}

/// The node's membership with one master: signs in, subscribes, runs what is published for it, and returns.
///
/// Owned by the task that runs it; functions reach it through `MasterActions`. Publishes are looked at one after the
/// other; each job then has its own task. `ReturnSender` brings the returns to the master.
final class MasterLink: Sendable {
    private let master: NodeConfiguration.Master
    private let shared: LinkResources
    private let channel: MasterChannel
    private let returns: ReturnSender
    private let logger: Logger
    private let logLimiter = LogLimiter()
    private let state = Mutex(State())

    private struct State {
        var pillar: ValueMap?
        var hasAnnounced = false
    }

    init(_ master: NodeConfiguration.Master, shared: LinkResources, keys: NodeKeys, logger: Logger) throws {
        var logger = logger
        logger[metadataKey: "master"] = "\(master)"
        self.master = master
        self.shared = shared
        self.logger = logger
        channel = try MasterChannel(master, shared.configuration, keys: keys, on: shared.eventLoop, logger: logger)
        let host = String(master.host.map { $0 == "/" || $0 == "%" ? "_" : $0 })
        let settings = shared.configuration.returns
        let spool = try ReturnSpool(
            directory: "\(shared.configuration.cacheDirectory)/returns/\(host)_\(master.requestPort)",
            limitBytes: settings.spoolBytes, logger: logger)
        returns = ReturnSender(
            of: shared.configuration.id, settings, over: channel, spool: spool, logger: logger)
    }

    /// Belongs to the master until shutdown.
    ///
    /// - Throws: `NodeError.stopped` when the master will not have the node.
    func run() async throws {
        let first = try await cancelWhenGracefulShutdown { try await self.channel.established() }
        let inbox = PublishInbox()
        let subscriber = subscriber(port: master.publishPort ?? Int(first.session.publishPort), inbox)
        subscriber.start()
        do {
            try await serve(first, inbox)
        } catch {
            await subscriber.shutdown()
            await channel.shutdown()
            throw error
        }
        await subscriber.shutdown()
        // Those of jobs that were ended at the drain limit, and whatever else the master did not take so far.
        await returns.sendLast(within: shared.configuration.returns.lastTry)
        await channel.shutdown()
    }

    private func subscriber(port: Int, _ inbox: PublishInbox) -> SubscriberClient {
        var options = SubscriberOptions()
        options.connection.keepAlive = KeepAlive(idleSeconds: 300)
        let delay = TimeAmount.microseconds(shared.configuration.reconnectDelay.microseconds)
        options.reconnect = ReconnectPolicy(
            first: delay...(delay * 2),
            maximum: .microseconds(shared.configuration.longestReconnectDelay.microseconds))
        if shared.configuration.filtersTopics, let own = try? DigestAlgorithm.sha1.hex(shared.configuration.id.text) {
            // A library without SHA-1 (FIPS) leaves the topics out: then everything comes, and nothing is lost.
            options.topics = [ByteBuffer(string: "broadcast"), ByteBuffer(string: own)]
        }
        return SubscriberClient(
            connectingTo: Endpoint(host: master.host, port: port), options: options, on: shared.eventLoop,
            delegate: inbox)
    }

    /// Looks at publishes until shutdown, then lets the jobs that run come to their end within the drain limit.
    private func serve(_ first: MasterChannel.Established, _ inbox: PublishInbox) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.refreshPillarAtStart()
                try await withThrowingDiscardingTaskGroup { jobs in
                    try await self.follow(inbox, first, jobs: &jobs)
                }
            }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: self.shared.configuration.drainLimit)
                self.logger.warning("jobs still run at the drain limit, ending them")
            }
            group.addTask { try await self.channel.untilStopped() }
            group.addTask { try await self.replayRegularly() }
            group.addTask { try await self.pingRegularly() }
            try await group.next()
            group.cancelAll()
        }
    }

    private func follow(
        _ inbox: PublishInbox, _ first: MasterChannel.Established, jobs: inout ThrowingDiscardingTaskGroup<any Error>
    ) async throws {
        var generation = first.generation
        let verifier = try PublishVerifier(first.session, minimumAlgorithm: shared.configuration.signIn.signature)
        for await event in inbox.events.cancelOnGracefulShutdown() {
            switch event {
            case .connected(let address):
                logger.info("subscribed", metadata: ["peer.address": "\(address)"])
                jobs.addTask {
                    await self.announce()
                    await self.returns.replay()
                }
            case .disconnected(let reason):
                logger.notice("publish connection lost", metadata: ["reason": "\(reason)"])
            case .received(let frame):
                let dropped = inbox.dropped.exchange(0, ordering: .relaxed)
                if dropped > 0 { logger.error("publishes dropped, too many waited", metadata: ["count": "\(dropped)"]) }
                var actions = [verifier.received(frame.readableBytesSpan)]
                if case .signInAgain = actions[0] {
                    let established = try await cancelWhenGracefulShutdown { [generation] in
                        try await self.channel.signIn(after: generation)
                    }
                    generation = established.generation
                    actions = try verifier.established(established.session)
                }
                for action in actions { take(action, jobs: &jobs) }
            }
        }
    }

    private func take(_ action: PublishVerifier.Action, jobs: inout ThrowingDiscardingTaskGroup<any Error>) {
        switch action {
        case .deliver(let load):
            let publish: PublishLoad
            do {
                publish = try PublishLoad(messagePack: load.span.bytes)
            } catch {
                refused("\(error)", isSuspicious: false)
                return
            }
            jobs.addTask { await self.run(publish) }
        case .drop(let refusal):
            refused("\(refusal)", isSuspicious: refusal.isSuspicious)
        case .signInAgain, .wait:
            break
        }
    }

    /// Anybody on the way can send these at will: a line of each kind a minute, with how many were left out.
    private func refused(_ reason: String, isSuspicious: Bool) {
        let level: Logger.Level = isSuspicious ? .error : .warning
        guard let left = logLimiter.admit("publish refused: \(level)", at: .now) else { return }
        logger.log(
            level: level, "publish refused", metadata: ["reason": "\(reason.loggable)", "suppressed": "\(left)"])
    }

    // MARK: Jobs

    private func run(_ publish: PublishLoad) async {
        guard await isTarget(publish) else { return }
        do {
            guard try await shared.seenJobs.admit(publish.job) else {
                logger.notice("job seen before, not run again", metadata: ["job.id": "\(publish.job)"])
                return
            }
        } catch {
            logger.error("memory of jobs not written", metadata: ["error": "\(error)"])
        }
        let surroundings = JobRunner.Surroundings(pillar: pillar, masters: shared.masters)
        let answers = await shared.runner.run(NodeJob(publish), in: surroundings)
        let load = ReturnLoad(
            publish,
            answers: answers.map { ReturnLoad.Answer($0.value, code: $0.returnCode, isSuccess: $0.isSuccess) },
            outputter: answers.lazy.compactMap(\.outputter).first)
        await returns.deliver(load.request(from: shared.configuration.id, finished: .now).fields, of: publish.job)
    }

    private func isTarget(_ publish: PublishLoad) async -> Bool {
        guard let target = publish.target else {
            logger.debug("target of an unknown type", metadata: ["job.id": "\(publish.job)"])
            return false
        }
        // Salt: nodegroups are expanded by the master; the type itself never matches on a node.
        guard target.kind != .nodegroup else { return false }
        do {
            let matcher = try TargetMatcher(target, nodegroups: shared.configuration.nodegroups)
            let facts = matcher.needsFacts ? await shared.facts.facts() : [:]
            return try TargetMatcher(target, nodegroups: shared.configuration.nodegroups)
                .matches(shared.configuration.id, facts: facts, pillar: pillar)
        } catch {
            logger.notice("target not understood", metadata: ["job.id": "\(publish.job)", "reason": "\(error)"])
            return false
        }
    }

    // MARK: Events and pillar

    private func replayRegularly() async throws {
        while true {
            try await Task.sleep(for: shared.configuration.returns.replayInterval)
            await returns.replay()
            if state.withLock({ $0.pillar == nil }) { await refreshPillarAtStart() }
        }
    }

    /// Says that the node is there: once, since Salt's nodes do not announce themselves after a reconnect either.
    private func announce() async {
        guard
            state.withLock({ state in
                defer { state.hasAnnounced = true }
                return !state.hasAnnounced
            })
        else { return }
        let configuration = shared.configuration
        let facts = configuration.startEventFacts.isEmpty ? [:] : await shared.facts.facts()
        let chosen = ValueMap(
            configuration.startEventFacts.compactMap { name in facts[name].map { (key: .string(name), value: $0) } })
        let data = Value.string("Minion \(configuration.id) started at \(Timestamp.now.asctime)")
        let tags = (configuration.firesLegacyStart ? ["minion_start"] : []) + ["salt/minion/\(configuration.id)/start"]
        for tag in tags {
            do {
                _ = try await channel.request(
                    .event(tag, data: data, from: configuration.id, grains: chosen.isEmpty ? nil : chosen))
            } catch {
                logger.warning("start event not taken", metadata: ["event.tag": "\(tag)", "error": "\(error)"])
            }
        }
    }

    private func pingRegularly() async throws {
        guard let interval = shared.configuration.pingInterval else {
            return try await Task.sleep(for: .seconds(1 << 40))
        }
        while true {
            try await Task.sleep(for: interval)
            do {
                try await fire(.string("ping"), tag: "minion_ping")
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                logger.warning("ping not taken", metadata: ["error": "\(error)"])
            }
        }
    }

    /// A node without its pillar is a node still; it is asked for again with the replays.
    private func refreshPillarAtStart() async {
        do {
            try await refreshPillar()
        } catch {
            logger.warning("no pillar yet", metadata: ["error": "\(error)"])
        }
    }

    private var pillar: ValueMap { state.withLock { $0.pillar ?? [:] } }
}

/// What functions ask of this master.
extension MasterLink: MasterActions {
    var isReady: Bool { get async { await channel.isReady } }

    func refreshPillar() async throws {
        let pillar = try await channel.pillar(facts: await shared.facts.facts())
        state.withLock { $0.pillar = pillar }
        logger.debug("pillar received", metadata: ["keys": "\(pillar.count)"])
    }

    func revokeKey(preservingCache: Bool) async throws -> Bool {
        let reply = try await channel.request(
            NodeRequest(
                .revokeAuthentication, from: shared.configuration.id,
                fields: ["preserve_minion_cache": .bool(preservingCache)]))
        return reply == true
    }

    func fire(_ data: Value, tag: String) async throws {
        _ = try await channel.request(.event(tag, data: data, from: shared.configuration.id))
    }

    func file(_ path: String, environment: String) async throws -> [UInt8]? {
        var content: [UInt8] = []
        while true {
            let reply = try await channel.request(
                NodeRequest(
                    .serveFile, from: shared.configuration.id,
                    fields: [
                        "path": .string(path), "saltenv": .string(environment), "loc": .int(Int64(content.count)),
                    ]))
            guard let destination = reply["dest"]?.string, !destination.isEmpty else { return nil }
            let chunk: [UInt8] =
                switch reply["data"] ?? .null {
                case .bytes(let bytes): bytes
                case .string(let text): Array(text.utf8)
                case .null, .bool, .int, .uint, .double, .array, .map: []
                }
            guard !chunk.isEmpty else { return content }
            content += chunk
            guard content.count <= 64 << 20 else {
                throw FunctionError.failed(reason: "salt://\(path) is larger than 64 MiB")
            }
        }
    }
}

extension NodeJob {
    /// The job of a publish. Texts of the form `name=value` among the arguments are keyword arguments, as for Salt's
    /// nodes: clients that do not parse them themselves rely on it.
    init(_ publish: PublishLoad) {
        let calls = publish.calls.map { call in
            var parsed = FunctionCall(call.function, keywords: call.keywords)
            for argument in call.arguments {
                if let (name, value) = argument.string.flatMap(NodeJob.keyword) {
                    parsed.keywords[name] = .string(value)
                } else {
                    parsed.arguments.append(argument)
                }
            }
            return parsed
        }
        var publication = publish.fields
        publication["serial"] = nil
        self.init(id: publish.job, calls: calls, publication: publication)
    }

    /// `name=value` in one line, nil when the text is something else; `==` is no assignment.
    static func keyword(_ text: String) -> (String, String)? {
        guard let equals = text.firstIndex(of: "="), !text.contains("\n") else { return nil }
        let name = text[..<equals]
        let value = text[text.index(after: equals)...]
        guard let first = name.unicodeScalars.first, first == "_" || first.properties.isAlphabetic,
            !value.hasPrefix("="),
            name.unicodeScalars.allSatisfy({
                $0 == "_" || $0 == "." || $0 == "-" || $0.properties.isAlphabetic || ("0"..."9").contains($0)
            })
        else { return nil }
        return (String(name), String(value))
    }
}
