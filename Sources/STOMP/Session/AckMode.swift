/// How a subscriber says that it has done with messages: the `ack` header of SUBSCRIBE.
public enum AckMode: String, Sendable, Hashable {
    /// Not at all: what was sent is done.
    case auto
    /// An ACK covers all messages of the subscription up to the one it names.
    case client
    /// An ACK covers the one message it names.
    case clientIndividual = "client-individual"
}
