/// The first line of a frame.
public enum Command: String, Sendable, Hashable, CaseIterable {
    case connect = "CONNECT"
    /// CONNECT by its 1.1 name, which no HTTP proxy takes for its own.
    case stomp = "STOMP"
    case connected = "CONNECTED"
    case send = "SEND"
    case subscribe = "SUBSCRIBE"
    case unsubscribe = "UNSUBSCRIBE"
    case ack = "ACK"
    case nack = "NACK"
    case begin = "BEGIN"
    case commit = "COMMIT"
    case abort = "ABORT"
    case disconnect = "DISCONNECT"
    case message = "MESSAGE"
    case receipt = "RECEIPT"
    case error = "ERROR"

    /// The length of the longest name.
    static let maxBytes = 11

    /// Whether header lines are left as they are in every version, because no version is agreed upon yet.
    public var isConnecting: Bool {
        switch self {
        case .connect, .stomp, .connected: true
        case .send, .subscribe, .unsubscribe, .ack, .nack, .begin, .commit, .abort, .disconnect: false
        case .message, .receipt, .error: false
        }
    }

    /// Whether it is the server that sends such frames.
    public var isFromServer: Bool {
        switch self {
        case .connected, .message, .receipt, .error: true
        case .connect, .stomp, .send, .subscribe, .unsubscribe, .ack, .nack, .begin, .commit, .abort: false
        case .disconnect: false
        }
    }

    /// The command that these bytes spell; capitals only.
    init?(_ bytes: UnsafeRawBufferPointer) {
        // By frequency: on the connections of a broker nearly all frames are one of the first three.
        if bytes.equals("SEND") {
            self = .send
        } else if bytes.equals("MESSAGE") {
            self = .message
        } else if bytes.equals("ACK") {
            self = .ack
        } else {
            guard bytes.count <= Command.maxBytes else { return nil }
            self.init(rawValue: String(decoding: bytes, as: UTF8.self))
        }
    }
}
