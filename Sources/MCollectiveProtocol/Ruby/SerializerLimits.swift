/// What a reader of Marshal or YAML grants to its input.
///
/// Counts and lengths are always checked against the bytes that are there; these limits bound what a long input can do.
/// Source: the security review in the protocol reference (section 16); Ruby itself has no such limits.
package struct SerializerLimits: Hashable, Sendable {
    /// The longest input, and how many bytes its links may stand for besides. Raising it lets a peer send larger replies, and costs memory for each of them.
    package var maxBytes: Int
    /// How deep arrays and hashes may lie inside each other; a flat array has depth 1. Each level costs stack.
    package var maxDepth: Int
    /// How many values an input may hold. A linked object counts each time with all that it holds, so that few bytes
    /// cannot mean many values.
    package var maxValues: Int
    /// The longest integer, in bytes: printing one takes time in the square of its length.
    package var maxIntegerBytes: Int

    package init(
        maxBytes: Int = 1 << 20, maxDepth: Int = 32, maxValues: Int = 100_000, maxIntegerBytes: Int = 512
    ) {
        self.maxBytes = maxBytes
        self.maxDepth = maxDepth
        self.maxValues = maxValues
        self.maxIntegerBytes = maxIntegerBytes
    }

    /// The limits of `init()`.
    package static let standard = SerializerLimits()
}
