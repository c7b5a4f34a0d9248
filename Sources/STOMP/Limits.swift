/// What we take from one peer before we close its connection; checked before the bytes are waited for.
public struct Limits: Sendable, Hashable {
    /// The longest line of a head: a command, or a header with its name and value.
    public var maxLineBytes: Int
    /// The most header lines of one frame.
    public var maxHeaders: Int
    /// The largest head of one frame: command, headers, the empty line.
    public var maxHeadBytes: Int
    /// The largest body of one frame.
    public var maxBodyBytes: Int

    public init(
        maxLineBytes: Int = 16 << 10,
        maxHeaders: Int = 256,
        maxHeadBytes: Int = 64 << 10,
        maxBodyBytes: Int = 64 << 20
    ) {
        self.maxLineBytes = maxLineBytes
        self.maxHeaders = maxHeaders
        self.maxHeadBytes = maxHeadBytes
        self.maxBodyBytes = maxBodyBytes
    }

    /// For a peer that has not yet shown who it is: room for CONNECT, and no body to speak of.
    public static let beforeConnect = Limits(
        maxLineBytes: 4 << 10, maxHeaders: 32, maxHeadBytes: 8 << 10, maxBodyBytes: 1 << 10)
}
