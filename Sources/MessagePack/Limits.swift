/// What a reader grants to its input.
///
/// Counts and lengths are always checked against the bytes that are really there, so a short message can never claim
/// much memory; these limits bound what a long one can.
public struct MessagePackLimits: Hashable, Sendable {
    /// The longest str, bin or ext, in bytes. Raising it lets a peer send larger single values.
    public var maxLength: Int
    /// How deep arrays and maps may lie inside each other when a tree is built; a flat array has depth 1.
    /// Trees are built by recursion: every level costs stack.
    public var maxDepth: Int
    /// How many values one tree or one skipped value may hold, keys and containers included. A value in memory takes
    /// up to about fifty times its single byte on the wire.
    public var maxValues: Int

    /// Limits for network messages: 64 MiB a value, 128 levels, a million values.
    public init(maxLength: Int = 64 << 20, maxDepth: Int = 128, maxValues: Int = 1 << 20) {
        self.maxLength = maxLength
        self.maxDepth = maxDepth
        self.maxValues = maxValues
    }

    /// The limits of `init()`.
    public static let standard = MessagePackLimits()
}
