/// What a virtual host has done since it was made.
package struct BrokerStatistics: Sendable, Hashable {
    /// Messages taken from publishers.
    package var published: UInt64 = 0
    /// Messages handed to consumers, each copy of a topic's counted.
    package var delivered: UInt64 = 0
    /// Deliveries that their consumers have done with.
    package var acknowledged: UInt64 = 0
    /// Deliveries that came back.
    package var returned: UInt64 = 0
    /// Messages whose time was over.
    package var expired: UInt64 = 0
    package var deadLettered: UInt64 = 0
    /// Messages that nobody was there for: no subscriber, or a reply queue that is gone.
    package var unroutable: UInt64 = 0
    /// Copies that a slow subscriber of a topic lost.
    package var droppedForSlowSubscriber: UInt64 = 0
    /// Transient messages that a full queue did not take.
    package var droppedForFullQueue: UInt64 = 0
    /// Frames that were answered with ERROR.
    package var refused: UInt64 = 0
    /// Those among them that the user may not send.
    package var denied: UInt64 = 0

    package init() {}
}
