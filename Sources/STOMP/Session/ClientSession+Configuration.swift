public import NIOCore

extension ClientSession {
    /// How we present ourselves.
    public struct Configuration: Sendable, Equatable {
        /// What we would speak; the server chooses. Only 1.0 sends no `accept-version`.
        public var versions: [Version]
        /// The virtual host.
        public var host: String?
        public var login: String?
        public var passcode: String?
        public var heartBeat: HeartBeatOffer
        public var limits: Limits
        /// How long the server may take for CONNECTED, and for the receipt of DISCONNECT.
        public var answerTimeout: TimeAmount
        public var maxPendingReceipts: Int

        public init(
            versions: [Version] = Version.allCases,
            host: String? = nil,
            login: String? = nil,
            passcode: String? = nil,
            heartBeat: HeartBeatOffer = .none,
            limits: Limits = Limits(),
            answerTimeout: TimeAmount = .seconds(30),
            maxPendingReceipts: Int = 65_536
        ) {
            self.versions = versions
            self.host = host
            self.login = login
            self.passcode = passcode
            self.heartBeat = heartBeat
            self.limits = limits
            self.answerTimeout = answerTimeout
            self.maxPendingReceipts = maxPendingReceipts
        }
    }

    /// As whom we connect, where that differs from one server of a pool to the next.
    public struct Credentials: Sendable, Equatable {
        public var login: String?
        public var passcode: String?

        public init(login: String? = nil, passcode: String? = nil) {
            self.login = login
            self.passcode = passcode
        }
    }

    public enum Event: Sendable, Equatable {
        /// The session is open. `resumption`, which may be empty, must be sent: it subscribes to what was subscribed to.
        case connected(ServerProperties, resumption: ByteBuffer)
        case message(Delivery)
        /// The server has done what the frame with this receipt asked for, and all before it.
        case receipt(String)
        /// The server has taken our DISCONNECT: close.
        case disconnected
    }

    /// What `timerFired(at:)` asks for.
    public enum Action: Sendable, Equatable {
        case send(ByteBuffer)
        case wait
        /// The server is gone: close.
        case close(STOMPError)
    }
}
