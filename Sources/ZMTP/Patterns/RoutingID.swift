public import NIOCore

/// What a ROUTER calls one of its peers: the identity the peer announced, or five bytes beginning with zero.
public struct RoutingID: Sendable, Hashable {
    public let bytes: [UInt8]

    /// The identity a peer announced.
    public init(_ identity: ByteBuffer) {
        bytes = Array(identity.readableBytesView)
    }

    /// The `number`-th identity that a ROUTER invents, as libzmq forms them.
    public init(invented number: UInt32) {
        bytes = [0] + withUnsafeBytes(of: number.bigEndian, Array.init)
    }

    /// Whether the ROUTER invented it.
    public var isInvented: Bool { bytes.first == 0 }
}

extension RoutingID: CustomStringConvertible {
    /// Text made safe for a log line; invented ids in hexadecimal.
    public var description: String {
        guard isInvented else { return ZMTPError.printable(bytes) }
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
