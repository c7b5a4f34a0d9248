import BusTransport
import Logging
import MusterCore
import SaltProtocol

/// Brings a node's returns to one master: each is on disk before it is sent, and stays there until the master has it.
///
/// Owns which returns are on their way, and which the master does not take. One that is refused again and again is moved
/// aside on disk; a short failure takes its place, so that the operator learns the outcome with its reason.
actor ReturnSender {
    /// What a master said, with the reason where it did not take the return.
    private struct Reply {
        var answer: ReturnTroubles.Answer
        var reason = ""
    }

    private let node: NodeID
    private let settings: NodeConfiguration.Returns
    private let channel: MasterChannel
    private let spool: ReturnSpool
    private let logger: Logger
    private var sending: Set<JobID> = []
    private var troubles = ReturnTroubles()

    init(
        of node: NodeID, _ settings: NodeConfiguration.Returns, over channel: MasterChannel, spool: ReturnSpool,
        logger: Logger
    ) {
        self.node = node
        self.settings = settings
        self.channel = channel
        self.spool = spool
        self.logger = logger
    }

    /// Keeps the return on disk and sends it; what the master does not take stays there.
    func deliver(_ fields: ValueMap, of job: JobID) async {
        await keep(fields, of: job)
        await send(fields, of: job, tries: settings.tries)
    }

    /// Sends what waits on disk, oldest first and what had troubles last, until the master seems to be away.
    func replay() async { await replay(tries: settings.tries) }

    /// Sends what waits once more before the node ends, each once, for at most `limit`.
    func sendLast(within limit: Duration) async {
        await withTaskGroup { group in
            group.addTask { await self.replay(tries: 1) }
            // Throws when everything is sent earlier.
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        let count = await spool.waiting.count
        if count > 0 {
            logger.warning("returns not taken, sent at the next start", metadata: ["count": "\(count)"])
        }
    }

    private func replay(tries: Int) async {
        for job in troubles.round(of: await spool.waiting) where !sending.contains(job) {
            guard !Task.isCancelled, !troubles.isMasterAway else { return }
            if let fields = await spool.fields(of: job) { await send(fields, of: job, tries: tries) }
        }
    }

    private func keep(_ fields: ValueMap, of job: JobID) async {
        do {
            do {
                try await spool.store(fields, of: job)
            } catch let error as SpoolError {
                logger.error("return too large to be kept", metadata: ["job.id": "\(job)", "error": "\(error)"])
                try await spool.store(fields.failedReturn(because: "\(error)"), of: job)
            }
        } catch {
            logger.error("return not kept on disk", metadata: ["job.id": "\(job)", "error": "\(error)"])
        }
    }

    private func send(_ fields: ValueMap, of job: JobID, tries: Int) async {
        guard sending.insert(job).inserted else { return }
        defer { sending.remove(job) }
        guard let reply = await reply(to: fields, of: job, tries: tries) else { return }
        if reply.answer == .taken {
            await spool.acknowledged(job)
        } else {
            logger.log(
                level: troubles.isTroubled(job) ? .debug : .warning, "return not taken, kept for later",
                metadata: ["job.id": "\(job)", "reason": "\(reply.reason)"])
        }
        for hopeless in troubles.note(reply.answer, to: job) {
            await giveUp(hopeless, hopeless == job ? reply.reason : "it is silent to this return, and takes others")
        }
    }

    /// Nil when the node is ending, or the master will not have it: then nothing is known of the return.
    private func reply(to fields: ValueMap, of job: JobID, tries: Int) async -> Reply? {
        let request = NodeRequest(.returned, from: node, fields: fields)
        var reason = ""
        for attempt in 1...max(1, tries) {
            do {
                // Salt and Muster answer nil; an empty text or false means that the command failed or was refused.
                switch try await channel.request(request, timeout: .random(in: settings.timeout)) {
                case "": return Reply(answer: .refused, reason: "the master could not process it")
                case false: return Reply(answer: .refused, reason: "the master refuses it")
                default: return Reply(answer: .taken)
                }
            } catch NodeError.unexpectedReply(_, let text) {
                return Reply(answer: .refused, reason: text)
            } catch NodeError.stopped {
                return nil
            } catch {
                if Task.isCancelled { return nil }
                reason = "\(error)"
                logger.debug(
                    "return not answered", metadata: ["job.id": "\(job)", "attempt": "\(attempt)", "error": "\(error)"])
            }
        }
        return Reply(answer: .silence, reason: reason)
    }

    /// Moves a return aside, and lets a failure that says so take its place; when that is what is not taken, it ends.
    private func giveUp(_ job: JobID, _ reason: String) async {
        let fields = await spool.fields(of: job)
        let aside = await spool.moveToRefused(job)
        logger.error(
            "return given up, the master does not take it",
            metadata: ["job.id": "\(job)", "reason": "\(reason)", "file": "\(aside ?? "none")"])
        guard let fields, let aside else { return }
        await keep(
            fields.failedReturn(
                because: "the controller did not take this node's answer (\(reason)); it is kept in \(aside)"),
            of: job)
    }
}
