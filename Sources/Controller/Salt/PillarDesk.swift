import BusTransport
import Logging
import MusterCore
import NIOCore
import NIOPosix
import SaltProtocol
import Synchronization

/// Answers `_pillar`: keeps the node's facts, finds its pillar, signs and encrypts the reply.
///
/// Facts are large and the reply takes RSA, so all of it happens on the pool. The queue is bounded; beyond it a request
/// is dropped and counted, and the node asks again.
final class PillarDesk: Sendable {
    /// A request that passed every check.
    struct Request: Sendable {
        var node: NodeID
        /// The node's accepted key.
        var key: PublicKey
        /// The opened load.
        var load: [UInt8]
        var nonce: Nonce
        var algorithms: PillarAlgorithms
        var received: Timestamp
        var connection: RouterConnection
        /// The sealed answer to a request that lacks what it needs.
        var refusal: ByteBuffer
    }

    private let tools: RequestDesk.Tools
    private let queued = Atomic<Int>(0)
    /// With facts of 30 KB each, 64 MB.
    private let queueLimit = 2048

    init(_ tools: RequestDesk.Tools) { self.tools = tools }

    /// Takes a request from its event loop; the reply goes to its connection later.
    func take(_ request: Request) {
        guard queued.load(ordering: .relaxed) < queueLimit else { return tools.counters.count(.pillarsDropped) }
        queued.add(1, ordering: .relaxed)
        tools.pool.submit { state in
            defer { self.queued.subtract(1, ordering: .relaxed) }
            guard case .active = state else { return }
            self.serve(request)
        }
    }

    private func serve(_ request: Request) {
        do {
            let wish = try PillarRequest(request.load.span.bytes)
            keep(wish.grains, of: request.node, at: request.received)
            let pillar = tools.pillar.pillar(for: request.node, facts: wish.grains)
            let reply = try PillarReply.encoded(
                Value.map(pillar).messagePack(), for: request.key, nonce: request.nonce, by: tools.keys.own,
                encryption: request.algorithms.encryption, signature: request.algorithms.signature)
            request.connection.reply(ByteBuffer(bytes: reply))
        } catch is MessageError {
            request.connection.reply(request.refusal)
        } catch {
            guard let left = tools.logLimiter.admit("pillar not given", at: request.received) else { return }
            tools.logger.error(
                "pillar not given",
                metadata: ["node.id": "\(request.node)", "error": "\(error)", "suppressed": "\(left)"])
        }
    }

    /// Facts that cannot be stored come again with the next request; the pillar is given all the same.
    private func keep(_ facts: ValueMap, of node: NodeID, at now: Timestamp) {
        let body = NodeReturn.Body(.messagePack, Value.map(facts).messagePack())
        let signal = tools.eventSignal
        tools.store.submit([.facts(node, body, at: now), .event(.factsRefreshed(node, at: now))]) { result in
            if case .success(let commit) = result { signal.advance(to: commit.newestSequence) }
        }
    }
}

extension Event {
    /// Salt's `minion/refresh/ID`.
    fileprivate static func factsRefreshed(_ node: NodeID, at time: Timestamp) -> Event {
        Event(
            tag: "minion/refresh/\(node)", time: time,
            data: ["Minion data cache refresh": .string(node.text), "_stamp": .string(time.iso8601)])
    }
}
