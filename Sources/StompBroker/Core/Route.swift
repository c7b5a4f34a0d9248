/// Where a destination leads; kept by a connection for its next SEND.
enum Route {
    case queue(MessageQueue)
    case topic(name: String, exact: Topic?, TopicTable)
    /// Nobody is there, and nothing is kept.
    case nowhere

    /// Whether it still leads there: names are resolved again when there was nothing, or when what was there is gone.
    var isCurrent: Bool {
        switch self {
        case .queue(let queue): !queue.isGone
        case .topic(_, let exact, _): exact.map { !$0.isGone } ?? false
        case .nowhere: false
        }
    }
}
