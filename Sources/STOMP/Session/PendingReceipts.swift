/// Receipts that were asked for and have not come, in the order in which they were asked for.
///
/// Servers confirm in order but for the receipts of messages that go to disk, so the oldest is nearly always the next.
public struct PendingReceipts: Sendable, Equatable {
    private var ids: [String] = []
    private var first = 0

    init() {}

    /// How many there are.
    public var count: Int { ids.count - first }

    /// The ids, oldest first.
    public var all: ArraySlice<String> { ids[first...] }

    mutating func append(_ id: String) { ids.append(id) }

    /// - Returns: False when there was none of this id.
    mutating func remove(_ id: String) -> Bool {
        guard let index = ids[first...].firstIndex(of: id) else { return false }
        if index == first {
            first += 1
            if first > 64, first > ids.count / 2 {
                ids.removeFirst(first)
                first = 0
            }
        } else {
            ids.remove(at: index)
        }
        return true
    }
}
