/// A message in a queue, or on its way from there.
struct QueueEntry {
    let message: StoredMessage
    /// How often it came back.
    var redeliveries = 0
}
