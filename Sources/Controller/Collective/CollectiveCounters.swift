import MusterCore

/// What happened on the collective, counted since the start.
struct CollectiveCounters {
    var discoveries = 0
    var requests = 0
    var replies = 0
    /// Unproved, repeated, or of who was not asked.
    var refusedReplies = 0

    var snapshot: ValueMap {
        [
            "muster_collective_discoveries_total": .int(Int64(discoveries)),
            "muster_collective_requests_total": .int(Int64(requests)),
            "muster_collective_replies_total": .int(Int64(replies)),
            "muster_collective_replies_refused_total": .int(Int64(refusedReplies)),
        ]
    }
}
