import MCollectiveProtocol
import MusterCore
import Testing

/// One frame that a client or a node of a recorded session sent to its broker.
struct CapturedFrame: Sendable {
    var peer: String
    var command: String
    /// Without what every frame carries.
    var headers: [FrameHeader]

    var isClient: Bool { peer.hasPrefix("client") }

    subscript(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    static let sessions = [
        "ping-rabbitmq", "ping-activemq", "ping-stomp", "rabbithb", "amqhb", "rabbitre", "amqmx",
    ]

    static func session(_ name: String) throws -> [CapturedFrame] {
        let frames = try #require(try MCollectiveVector.file("session-\(name)-psk")["frames"]?.array)
        return frames.compactMap { frame in
            guard frame["direction"]?.string == "to broker", let command = frame["command"]?.string,
                let peer = frame["peer"]?.string
            else { return nil }
            let headers = (frame["headers"]?.array ?? []).compactMap { header -> FrameHeader? in
                guard let name = header.array?.first?.string, let value = header.array?.last?.string,
                    !name.hasPrefix("content-")
                else { return nil }
                return FrameHeader(name, value)
            }
            return CapturedFrame(peer: peer, command: command, headers: headers)
        }
    }
}
