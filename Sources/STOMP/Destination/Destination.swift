/// Where a message goes, as RabbitMQ, ActiveMQ and StompServer name it.
///
///     /topic/NAME          every subscriber gets a copy; NAME may be a pattern in SUBSCRIBE (``TopicPattern``)
///     /queue/NAME          one subscriber gets it; kept while there is none
///     /amq/queue/NAME      RabbitMQ: a queue that exists already, by its own name
///     /exchange/NAME[/KEY] RabbitMQ: everybody whose key matches gets a copy
///     /temp-queue/NAME     a queue of one connection: ActiveMQ's clients subscribe to it, RabbitMQ's name it in `reply-to`
///     /temp-topic/NAME     ActiveMQ: a topic of one connection
///     /reply-queue/NAME    RabbitMQ: what `reply-to` became on its way
///     anything else        StompServer: a topic of that whole name, unless it begins with `/queue`
///
/// Names are taken as they are: no percent escapes are undone (RabbitMQ does; since all sides use the same spelling that
/// makes no difference but to who also speaks AMQP), and ActiveMQ's lists (`a,b`) and options (`a?x=y`) have no meaning.
///
/// Sources: RabbitMQ 3.10 `rabbit_routing_util.erl`; ActiveMQ 5.17 `LegacyFrameTranslator.java`; StompServer 0.9.9
/// `stomp_server.rb`.
public enum Destination: Sendable, Hashable {
    case topic(String)
    case queue(String)
    case amqQueue(String)
    case exchange(String, key: String?)
    case tempQueue(String)
    case tempTopic(String)
    case replyQueue(String)
    /// A name that no prefix explains.
    case plain(String)

    /// The longest text that is taken.
    public static let maxBytes = 1024

    /// Reads the value of a `destination` or `reply-to` header.
    ///
    /// - Returns: Nil when it is empty, too long, has control characters in it, or a prefix and no name.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Destination.maxBytes else { return nil }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { return nil }
        for (prefix, make) in Destination.prefixes where text.hasPrefix(prefix) {
            let name = text.dropFirst(prefix.count)
            guard !name.isEmpty, let destination = make(String(name)) else { return nil }
            self = destination
            return
        }
        self = text.hasPrefix("/queue") ? .queue(String(text.dropFirst("/queue".count))) : .plain(text)
        if case .queue(let name) = self, name.isEmpty { return nil }
    }

    /// The text that means this.
    public var text: String {
        switch self {
        case .topic(let name): "/topic/" + name
        case .queue(let name): "/queue/" + name
        case .amqQueue(let name): "/amq/queue/" + name
        case .exchange(let name, nil): "/exchange/" + name
        case .exchange(let name, let key?): "/exchange/\(name)/\(key)"
        case .tempQueue(let name): "/temp-queue/" + name
        case .tempTopic(let name): "/temp-topic/" + name
        case .replyQueue(let name): "/reply-queue/" + name
        case .plain(let name): name
        }
    }

    /// Whether one subscriber gets a message, and it waits for one.
    public var isQueue: Bool {
        switch self {
        case .queue, .amqQueue, .tempQueue, .replyQueue: true
        case .topic, .exchange, .tempTopic, .plain: false
        }
    }

    private static let prefixes: [(String, @Sendable (String) -> Destination?)] = [
        ("/topic/", { .topic($0) }),
        ("/queue/", { .queue($0) }),
        ("/exchange/", exchange),
        ("/amq/queue/", { .amqQueue($0) }),
        ("/temp-queue/", { .tempQueue($0) }),
        ("/temp-topic/", { .tempTopic($0) }),
        ("/reply-queue/", { .replyQueue($0) }),
    ]

    private static func exchange(_ rest: String) -> Destination? {
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { return nil }
        // RabbitMQ takes `/exchange/NAME/` for the empty key, which is the same as none.
        guard parts.count == 2, !parts[1].isEmpty else { return .exchange(String(name), key: nil) }
        return .exchange(String(name), key: String(parts[1]))
    }
}

extension Destination: CustomStringConvertible {
    public var description: String { text }
}
