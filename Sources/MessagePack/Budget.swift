/// The account of one tree while it is built: keeps memory in proportion to the bytes that are there.
///
/// Checking each container alone is not enough: a hundred arrays inside each other could each claim all the rest of the
/// message. So what open containers still owe counts together.
public struct MessagePackBudget: Sendable {
    private let limits: MessagePackLimits
    /// Values that may still be promised.
    private var granted: Int
    /// Values promised by open containers and not read yet.
    private var owed = 0

    /// A fresh account for one tree.
    public init(_ limits: MessagePackLimits) {
        self.limits = limits
        granted = limits.maxValues
    }

    /// A container that begins at `offset` inside `depth` others promises `count` values; call it before reserving.
    ///
    /// - Parameter remaining: the bytes behind the head of the container.
    public mutating func open(_ count: Int, at offset: Int, depth: Int, remaining: Int) throws(MessagePackError) {
        guard depth < limits.maxDepth else { throw .tooDeep(offset: offset, limit: limits.maxDepth) }
        guard count <= granted else { throw .tooManyValues(offset: offset, limit: limits.maxValues) }
        granted -= count
        owed += count
        guard owed <= remaining else { throw .truncated(offset: offset, missingBytes: owed - remaining) }
    }

    /// One promised value is about to be read.
    public mutating func take() { owed -= 1 }
}
