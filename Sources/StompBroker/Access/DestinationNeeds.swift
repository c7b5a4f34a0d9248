import MusterCore
import STOMP

/// A permission that is needed, and the name that it is about.
struct AccessNeed: Hashable {
    let permission: BrokerPermissionKind
    let name: String

    init(_ permission: BrokerPermissionKind, _ name: String) {
        self.permission = permission
        self.name = name
    }
}

extension Destination {
    /// What a user must be allowed for a use of this destination, as RabbitMQ's STOMP adapter needs it.
    ///
    ///     /exchange/NAME/KEY   SEND: write on NAME              SUBSCRIBE: read on NAME
    ///     /topic/KEY           SEND: write on amq.topic         SUBSCRIBE: read on amq.topic
    ///     /queue/NAME          SEND: configure on NAME,         SUBSCRIBE: configure and read on NAME
    ///                          write on amq.default
    ///     /amq/queue/NAME      SEND: write on amq.default       SUBSCRIBE: read on NAME
    ///     /temp-queue/NAME,    SEND to one's own: write on      SUBSCRIBE, or naming it in reply-to:
    ///     /temp-topic/NAME     amq.default                      configure and read on amq.gen-NAME
    ///     /reply-queue/SECRET  SEND: write on amq.default
    ///     anything else        as an exchange of that name, which RabbitMQ does not have
    ///
    /// The key of a topic or exchange also needs topic-write or topic-read. RabbitMQ has a queue for each subscription to a
    /// topic or exchange (`stomp-subscription-…`) and asks for all three permissions on it; here there is none, and nothing
    /// is asked for.
    ///
    /// Sources: RabbitMQ 3.10 `rabbit_stomp_processor.erl`, `rabbit_routing_util.erl`, `rabbit_channel.erl`
    /// (`check_configure_permitted`, `check_write_permitted`, `check_read_permitted`, `check_topic_authorisation`).
    func needs(for use: DestinationUse) -> [AccessNeed] {
        switch use {
        case .send: needsForSending
        case .subscribe: needsForSubscribing
        }
    }

    private static let defaultExchange = "amq.default"
    private static let topicExchange = "amq.topic"

    private var needsForSending: [AccessNeed] {
        switch self {
        case .exchange(let name, let key): [AccessNeed(.write, name), AccessNeed(.topicWrite, key ?? "")]
        case .topic(let key): [AccessNeed(.write, Destination.topicExchange), AccessNeed(.topicWrite, key)]
        case .queue(let name): [AccessNeed(.configure, name), AccessNeed(.write, Destination.defaultExchange)]
        case .amqQueue, .tempQueue, .tempTopic, .replyQueue: [AccessNeed(.write, Destination.defaultExchange)]
        case .plain(let name): [AccessNeed(.write, name), AccessNeed(.topicWrite, name)]
        }
    }

    private var needsForSubscribing: [AccessNeed] {
        switch self {
        case .exchange(let name, let key): [AccessNeed(.read, name), AccessNeed(.topicRead, key ?? "")]
        case .topic(let key): [AccessNeed(.read, Destination.topicExchange), AccessNeed(.topicRead, key)]
        case .queue(let name): [AccessNeed(.configure, name), AccessNeed(.read, name)]
        case .amqQueue(let name): [AccessNeed(.read, name)]
        case .tempQueue(let name), .tempTopic(let name):
            [AccessNeed(.configure, "amq.gen-" + name), AccessNeed(.read, "amq.gen-" + name)]
        case .replyQueue: []
        case .plain(let name): [AccessNeed(.read, name), AccessNeed(.topicRead, name)]
        }
    }
}
