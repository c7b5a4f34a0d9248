import STOMP

/// What a SUBSCRIBE says.
///
/// Tolerances: no `id` in 1.0, and in 1.1 (ruby-stomp; RabbitMQ takes it, too): the destination then stands for it. A
/// `reply-to`, which MCollective's rabbitmq connector sends, means nothing.
struct SubscriptionRequest {
    /// What the subscription goes by on its connection.
    let key: String
    /// What MESSAGE names as its subscription; nil for none.
    let shownID: String?
    let destination: Destination
    let ack: AckMode
    let selector: Selector?
    /// How many messages it may hold unacknowledged.
    let prefetch: Int

    init(_ frame: Frame, version: Version, limits: BrokerLimits) throws(BrokerError) {
        guard let text = frame.headers["destination"] else { throw .missingHeader("destination", in: .subscribe) }
        guard let destination = Destination(text) else { throw .invalidDestination(text) }
        let id = frame.headers["id"]
        guard id != nil || version < .v1_2 else { throw .missingHeader("id", in: .subscribe) }
        self.destination = destination
        key = id ?? text
        shownID = id
        guard let ack = AckMode(rawValue: frame.headers["ack"] ?? AckMode.auto.rawValue) else {
            throw .malformedHeader("ack", in: .subscribe)
        }
        self.ack = ack
        let prefetch = frame.headers["prefetch-count"] ?? frame.headers["activemq.prefetchSize"]
        let wanted = prefetch.flatMap { Int($0) } ?? 0
        self.prefetch = wanted > 0 ? min(wanted, limits.maxPrefetch) : limits.defaultPrefetch
        guard let condition = frame.headers["selector"] else {
            selector = nil
            return
        }
        do throws(SelectorError) {
            selector = try Selector(condition)
        } catch {
            throw .invalidSelector(condition, reason: error)
        }
    }

    /// The subscription that a `reply-to` to a temporary queue makes.
    init(temporaryQueue name: String) {
        destination = .tempQueue(name)
        key = destination.text
        shownID = key
        ack = .auto
        selector = nil
        prefetch = 1
    }
}
