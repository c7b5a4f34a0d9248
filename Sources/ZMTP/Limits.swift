/// What we take from one peer before we close its connection; checked before the bytes are waited for.
public struct Limits: Sendable, Hashable {
    /// The largest body of one message frame.
    public var maxFrameBytes: Int
    /// The largest sum of the bodies of one message's frames.
    public var maxMessageBytes: Int
    /// The most frames of one message.
    public var maxFrames: Int
    /// The largest body of a command frame, READY included.
    public var maxCommandBytes: Int

    /// - Parameter maxMessageBytes: Nil for the same as `maxFrameBytes`.
    public init(
        maxFrameBytes: Int = 64 << 20,
        maxMessageBytes: Int? = nil,
        maxFrames: Int = 64,
        maxCommandBytes: Int = 8 << 10
    ) {
        self.maxFrameBytes = maxFrameBytes
        self.maxMessageBytes = maxMessageBytes ?? maxFrameBytes
        self.maxFrames = maxFrames
        self.maxCommandBytes = maxCommandBytes
    }
}
