public import NIOCore

/// The topics of a SUB socket, counted: what to tell a publisher now, and each publisher that is connected later.
///
/// As in libzmq, a topic subscribed to twice must be cancelled twice, and publishers hear of the first and the last
/// only. Spec: RFC 29 (SUB).
public struct TopicList: Sendable {
    private var counts: [ByteBuffer: Int] = [:]
    /// Each topic once, in the order of subscription.
    public private(set) var topics: [ByteBuffer] = []

    public init(_ topics: [ByteBuffer] = []) {
        for topic in topics { _ = subscribe(to: topic) }
    }

    /// - Returns: Whether publishers must be told.
    public mutating func subscribe(to topic: ByteBuffer) -> Bool {
        counts[topic, default: 0] += 1
        guard counts[topic] == 1 else { return false }
        topics.append(topic)
        return true
    }

    /// - Returns: Whether publishers must be told.
    public mutating func cancel(_ topic: ByteBuffer) -> Bool {
        guard let count = counts[topic] else { return false }
        guard count == 1 else {
            counts[topic] = count - 1
            return false
        }
        counts[topic] = nil
        topics.removeAll { $0 == topic }
        return true
    }

    /// Whether a message with this first frame is wanted: a publisher may still send what was cancelled just now.
    public func wants(_ topic: ByteBuffer) -> Bool {
        topics.contains { topic.readableBytesView.starts(with: $0.readableBytesView) }
    }
}
