import CollectiveBus
import Logging
import MCollectiveProtocol
import MusterCore
import Synchronization

/// What becomes of the replies to a request.
extension CollectiveFabric {
    /// Takes in the replies to one request, until all who were asked have answered or late answers land no more.
    func collect(_ request: Open) async {
        defer {
            request.exchange.end()
            counters.withLock { $0.refusedReplies += request.exchange.refusedReplies }
        }
        let deadline = ContinuousClock.now + request.window
        var missing = request.asked
        do {
            while !missing.isEmpty, let replies = try await request.exchange.next(until: deadline) {
                // Who was not asked has no answer to give: it may speak in the name of others. The first of each counts.
                let wanted = replies.filter { missing.remove($0.reply.senderID) != nil }
                counters.withLock { $0.refusedReplies += replies.count - wanted.count }
                if !wanted.isEmpty { await store(wanted, of: request) }
            }
        } catch {
            // Cancelled: the controller ends.
        }
    }

    /// Stored before it is told. What the store refuses is tried again: there is nobody else who still has it.
    private func store(_ replies: [ReceivedReply], of request: Open) async {
        let now = parts.now()
        var returns: [NodeReturn] = []
        var writes: [StoreWrite] = []
        for one in replies {
            // Only ids were asked.
            guard let node = NodeID(one.reply.senderID) else { continue }
            if let contact = parts.nodes.heardOverBus(node, at: now) { writes.append(.contact(node, contact)) }
            let nodeReturn = CollectiveFabric.nodeReturn(one.reply, of: request, from: node, at: now)
            returns.append(nodeReturn)
            writes.append(.nodeReturn(nodeReturn))
        }
        counters.withLock { $0.replies += returns.count }
        await store(writes)
    }

    /// What cannot be stored together for a reason that will stay is tried one by one, so that it costs no other node.
    private func store(_ writes: [StoreWrite]) async {
        repeat {
            do {
                let commit = try await parts.store.commit(writes)
                parts.eventSignal.advance(to: commit.newestSequence)
                return tell(writes, commit)
            } catch let error as StoreError where error.isOutage {
                // Told once, by the store's owner.
                try? await Task.sleep(for: .seconds(1))  // cancellation ends the loop
            } catch {
                guard writes.count == 1 else {
                    for write in writes { await store([write]) }
                    return
                }
                return parts.logger.error("answer not stored", metadata: ["error": "\(error)"])
            }
        } while !Task.isCancelled
    }

    private func tell(_ writes: [StoreWrite], _ commit: StoreCommit) {
        var fresh: [JobEngine.StoredReturn] = []
        for (write, result) in zip(writes, commit.results) {
            switch (write, result) {
            case (.nodeReturn(let nodeReturn), .stored), (.nodeReturn(let nodeReturn), .unasked):
                fresh.append(JobEngine.StoredReturn(nodeReturn))
            default: break
            }
        }
        if !fresh.isEmpty { parts.report(.stored(fresh)) }
    }

    private static func nodeReturn(
        _ reply: CollectiveReply, of request: Open, from node: NodeID, at now: Timestamp
    ) -> NodeReturn {
        let result: FunctionResult
        do throws(RPCError) { result = try RPCReply(body: reply.body).functionResult } catch {
            result = FunctionResult(.string("an answer that cannot be read: \(error)"), returnCode: 5)
        }
        return NodeReturn(
            job: request.job, node: node, function: request.function,
            body: .init(.json, Array(JSON.text(result.value).utf8)),
            returnCode: result.returnCode, isSuccess: result.returnCode == 0, received: now)
    }
}
