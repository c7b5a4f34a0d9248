/// What a virtual host keeps, and for whom; every queue in it is bounded.
package struct BrokerLimits: Sendable, Hashable {
    /// The most messages of one queue, those under way to consumers included.
    package var maxQueueMessages = 1_000_000
    /// The most bytes of one queue, those under way to consumers included.
    package var maxQueueBytes = 256 << 20
    /// The most bytes of all queues together.
    package var maxStoredBytes = 1 << 30
    /// The most queues, those of single connections included.
    package var maxQueues = 100_000
    /// The most messages that wait for one slow subscriber of a topic; more are dropped and counted.
    package var maxBacklogMessages = 10_000
    /// The most bytes that wait for one slow subscriber of a topic.
    package var maxBacklogBytes = 16 << 20
    /// The most bytes that wait for all slow subscribers of topics together, each copy counted.
    package var maxBacklogsBytes = 256 << 20
    /// How many bytes may be on their way to one connection before its consumers must wait.
    package var maxPendingBytes = 256 << 10
    /// The most unacknowledged messages of a consumer that names no number, and the most that any may name.
    package var defaultPrefetch = 1000
    package var maxPrefetch = 65_535
    /// How often a message is delivered again before it goes to the dead-letter queue.
    package var maxRedeliveries = 10
    /// The name of the dead-letter queue.
    package var deadLetterQueue = "DLQ"
    package var maxSubscriptions = 4096
    package var maxTemporaryQueues = 256
    package var maxTransactions = 16
    /// The most operations of one transaction.
    package var maxTransactionOperations = 10_000
    /// The most bytes in the open transactions of one connection, and of all together.
    package var maxTransactionBytes = 16 << 20
    package var maxTransactionsBytes = 256 << 20
    /// The longest time to live that is kept to, in milliseconds; a year.
    package var maxTimeToLive: Int64 = 365 * 86_400_000

    package init() {}
}
