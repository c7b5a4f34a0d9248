/// What a server says about itself in CONNECTED.
public struct ServerProperties: Sendable, Equatable {
    /// 1.0 when it does not say.
    public let version: Version
    public let heartBeat: HeartBeatOffer
    public let session: String?
    /// Name and version of the program, as `RabbitMQ/3.10.8`.
    public let server: String?

    init(connected frame: Frame) throws(STOMPError) {
        let spelt = frame.headers["version"]
        guard let version = spelt.map({ Version(rawValue: $0) }) ?? .v1_0 else {
            throw .noCommonVersion(peer: STOMPError.printable((spelt ?? "").utf8))
        }
        self.version = version
        if let offer = frame.headers["heart-beat"] {
            guard let heartBeat = HeartBeatOffer(offer) else { throw .malformedHeader("heart-beat", in: .connected) }
            self.heartBeat = version == .v1_0 ? .none : heartBeat
        } else {
            heartBeat = .none
        }
        session = frame.headers["session"]
        server = frame.headers["server"]
    }
}
