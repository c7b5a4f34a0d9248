package import MusterCore

/// The requests that a node served lately, so that none is served twice. MCollective has no such memory: the bytes of a
/// request, sent again within its ttl, are executed again there.
///
/// A request is known by its caller, its id and its sealed body; with the aes provider, whose bodies never repeat, by caller
/// and body alone. No provider proves the id: with psk and ssl whoever can alter it on the way makes another request of it. It is remembered until it could no longer pass the time
/// rules. The memory is bounded: when it is full the oldest quarter is forgotten, and from then on what was made at their
/// time or before is refused, so that a flood shortens the time for which requests are served and lets nothing through.
///
/// Keep one for each node. A full one takes about 200 KB by default.
package struct RequestMemory: Sendable {
    /// Whether a request may be served.
    package enum Verdict: Hashable, Sendable {
        case fresh
        case repeated
        /// As old as requests that had to be forgotten.
        case forgotten
    }

    private struct Mark: Sendable {
        var time: Timestamp
        var forgetAt: Timestamp
    }

    private let capacity: Int
    private var marks: [UInt64: Mark] = [:]
    /// What was made at this time or before is refused.
    private var horizon: Timestamp?

    /// - Parameter capacity: How many requests are remembered at most.
    package init(capacity: Int = 4096) { self.capacity = max(4, capacity) }

    /// How many requests are remembered.
    package var count: Int { marks.count }

    /// Judges a request and remembers it if it is fresh. Call it last, when everything else has been checked.
    ///
    /// - Parameter forgetAt: When the request can no longer pass the time rules.
    package mutating func admit(_ request: SealedRequest, forgetAt: Timestamp, now: Timestamp) -> Verdict {
        let mark = RequestMemory.mark(of: request)
        guard marks[mark] == nil else { return .repeated }
        if let horizon, request.time <= horizon { return .forgotten }
        if marks.count >= capacity { makeRoom(now) }
        marks[mark] = Mark(time: request.time, forgetAt: forgetAt)
        return .fresh
    }

    /// 64 bits that are equal for equal requests, and that a sender cannot foresee: the hash is seeded in each process.
    private static func mark(of request: SealedRequest) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(request.callerID)
        // An aes body is another one each time, and nothing around it is proved. The others repeat within a second.
        if case .sealedSecret = request.proof {
            // The same ciphertext can be written in many ways.
            hasher.combine(LineBase64.decode(request.body.bytes) ?? request.body.bytes)
        } else {
            hasher.combine(request.requestID)
            hasher.combine(request.body.bytes)
        }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    private mutating func makeRoom(_ now: Timestamp) {
        marks = marks.filter { $0.value.forgetAt >= now }
        guard marks.count > capacity * 3 / 4 else { return }
        let oldest = marks.sorted { $0.value.time < $1.value.time }.prefix(capacity / 4)
        for (mark, _) in oldest { marks[mark] = nil }
        // Times that are still to come must not keep out what is made now.
        if let newest = oldest.last.map({ min($0.value.time, now) }) { horizon = max(horizon ?? newest, newest) }
    }
}
