import NIOCore

/// What the floor's server is told to publish: `publish MESSAGES BYTES`, in a request of at most 64 bytes.
struct FloorOrder: Sendable, Hashable {
    /// None at all to ask only for the number of subscribers.
    var messages: Int
    /// The size of each.
    var bytes: Int

    init(messages: Int, bytes: Int) {
        self.messages = messages
        self.bytes = bytes
    }

    /// - Returns: nil for any other request.
    init?(_ payload: ByteBuffer) {
        guard payload.readableBytes <= 64 else { return nil }
        let words = String(buffer: payload).split(separator: " ")
        guard words.count == 3, words[0] == "publish", let messages = Int(words[1]), let bytes = Int(words[2]),
            messages >= 0, bytes >= 0
        else { return nil }
        self.init(messages: messages, bytes: bytes)
    }

    var payload: ByteBuffer { ByteBuffer(string: "publish \(messages) \(bytes)") }
}
