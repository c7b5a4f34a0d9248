/// What a client says about itself in CONNECT or STOMP.
public struct ConnectRequest: Sendable, Equatable {
    /// What will be spoken: the best version that both sides know.
    public let version: Version
    /// The virtual host; nil when it names none (1.0).
    public let host: String?
    public let login: String?
    public let passcode: String?
    public let heartBeat: HeartBeatOffer

    init(_ frame: Frame, ours: [Version]) throws(STOMPError) {
        let accepted = frame.headers["accept-version"]
        guard let version = Version.highest(accepted: accepted, ours: ours) else {
            throw .noCommonVersion(peer: STOMPError.printable((accepted ?? "1.0").utf8))
        }
        self.version = version
        host = frame.headers["host"]
        login = frame.headers["login"]
        passcode = frame.headers["passcode"]
        if let offer = frame.headers["heart-beat"], version > .v1_0 {
            guard let heartBeat = HeartBeatOffer(offer) else {
                throw .malformedHeader("heart-beat", in: frame.command)
            }
            self.heartBeat = heartBeat
        } else {
            heartBeat = .none
        }
    }
}

extension ConnectRequest: CustomStringConvertible {
    /// Without the passcode, which must not get into a log.
    public var description: String {
        "\(version.rawValue) \(login ?? "anonymous") at \(host ?? "no host"), heart-beats \(heartBeat.text)"
    }
}
