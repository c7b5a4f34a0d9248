import DequeModule

/// Which messages of the log are not done with, and in which segments they are: decides what may be deleted.
///
/// Segments are only deleted from the front. What is deleted before a message's last `stored` is never missed, and its
/// `done` always comes after: so no record outlives one that it refers to. Messages that live long in an old segment are
/// written once more at the end, and then it goes.
struct LiveMessages {
    private struct Place {
        let message: StoredMessage
        var queue: String
        var segment: Int
    }

    private struct Segment {
        let number: Int
        var bytes = 0
        var liveBytes = 0
        var liveCount = 0
        /// All ids that were stored here, in order; some have left.
        var ids: [UInt64] = []
    }

    private var places: [UInt64: Place] = [:]
    /// Oldest first; the last one is being written.
    private var segments: Deque<Segment> = []

    /// The bytes of all segments.
    private(set) var totalBytes = 0
    /// Those of what is not done with.
    private var liveBytes = 0

    var count: Int { places.count }
    /// The segment that is being written.
    var current: Int { segments.last?.number ?? 0 }
    var currentBytes: Int { segments.last?.bytes ?? 0 }

    /// What is not done with, in the order of the log.
    var messages: [(message: StoredMessage, queue: String)] {
        segments.flatMap { segment in
            segment.ids.compactMap { id in
                places[id].flatMap { $0.segment == segment.number ? ($0.message, $0.queue) : nil }
            }
        }
    }

    /// A new segment begins.
    mutating func began(segment number: Int) { segments.append(Segment(number: number)) }

    /// A record was written to the current segment.
    mutating func wrote(_ entries: [LogEntry], bytes: Int) {
        segments[segments.count - 1].bytes += bytes
        totalBytes += bytes
        for entry in entries {
            switch entry {
            case .stored(let message, let queue):
                let isHere = places[message.id]?.segment == current
                leave(message.id)
                places[message.id] = Place(message: message, queue: queue, segment: current)
                if !isHere { segments[segments.count - 1].ids.append(message.id) }
                segments[segments.count - 1].liveCount += 1
                segments[segments.count - 1].liveBytes += message.bytes
                liveBytes += message.bytes
            case .moved(let id, let queue): places[id]?.queue = queue
            case .done(let id): leave(id)
            }
        }
    }

    /// The oldest segment, when nothing in it is alive; it is forgotten here, and must be deleted.
    mutating func takeObsolete() -> Int? {
        guard segments.count > 1, let first = segments.first, first.liveCount == 0 else { return nil }
        segments.removeFirst()
        totalBytes -= first.bytes
        return first.number
    }

    /// What should be written once more, so that the oldest segment can go; empty when that is not worth it.
    ///
    /// It is when less than half of it lives, or when it keeps so much from going that the log is over three times what
    /// lives in it.
    func worthMoving() -> [LogEntry] {
        guard segments.count > 1, let first = segments.first, first.liveCount > 0 else { return [] }
        guard first.liveBytes < first.bytes / 2 || totalBytes - currentBytes > 3 * liveBytes + first.bytes else {
            return []
        }
        return first.ids.compactMap { id in
            guard let place = places[id], place.segment == first.number else { return nil }
            return .stored(place.message, queue: place.queue)
        }
    }

    private mutating func leave(_ id: UInt64) {
        guard let place = places.removeValue(forKey: id), let first = segments.first else { return }
        // Numbers are consecutive.
        let index = place.segment - first.number
        segments[index].liveCount -= 1
        segments[index].liveBytes -= place.message.bytes
        liveBytes -= place.message.bytes
    }
}
