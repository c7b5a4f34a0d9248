import STOMP

/// The subscribers of one name.
final class Topic {
    let name: String
    private(set) var consumers: [Consumer] = []
    /// Nobody subscribes any more, and the table has forgotten it.
    fileprivate(set) var isGone = false

    init(name: String) {
        self.name = name
    }

    fileprivate func add(_ consumer: Consumer) { consumers.append(consumer) }
    fileprivate func remove(_ consumer: Consumer) { consumers.removeAll { $0 === consumer } }
}

/// A space of names in which messages are copied to all who asked for the name: `/topic`, or one exchange.
final class TopicTable {
    private var exact: [String: Topic] = [:]
    /// Names with wildcards; few, and all of them are tried.
    private(set) var patterns: [(pattern: TopicPattern, topic: Topic)] = []

    var isEmpty: Bool { exact.isEmpty && patterns.isEmpty }

    /// All of them, in no order.
    var topics: [Topic] { Array(exact.values) + patterns.map(\.topic) }

    /// The subscribers of exactly this name.
    subscript(name: String) -> Topic? { exact[name] }

    /// The subscribers of a name or pattern, to be added to.
    func topic(for name: String) -> Topic {
        let pattern = TopicPattern(name)
        if pattern.hasWildcards {
            if let known = patterns.first(where: { $0.pattern == pattern }) { return known.topic }
            let topic = Topic(name: name)
            patterns.append((pattern, topic))
            return topic
        }
        if let known = exact[name] { return known }
        let topic = Topic(name: name)
        exact[name] = topic
        return topic
    }

    func add(_ consumer: Consumer, to topic: Topic) { topic.add(consumer) }

    /// - Complexity: O(subscribers of the name).
    func remove(_ consumer: Consumer, from topic: Topic) {
        topic.remove(consumer)
        guard topic.consumers.isEmpty else { return }
        topic.isGone = true
        if exact[topic.name] === topic { exact[topic.name] = nil }
        patterns.removeAll { $0.topic === topic }
    }
}
