import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

/// A request of a peer as captured, with its reply where there is one.
struct CapturedRequest: Sendable, CustomTestStringConvertible {
    var name: String
    var frame: [UInt8]
    var session: KeyString
    var publicKey: PublicKey
    /// The decoded load, in wire order.
    var load: ValueMap
    var reply: [UInt8]?
    var testDescription: String { name }

    /// Every request under a session key that the vectors hold.
    static let all: [CapturedRequest] = {
        do { return try loadAll() } catch { preconditionFailure("\(error)") }
    }()

    static func all(_ command: String) -> [CapturedRequest] { all.filter { $0.load["cmd"]?.string == command } }

    private static func loadAll() throws -> [CapturedRequest] {
        var all: [CapturedRequest] = []
        for name in [
            "aes-file-hash", "aes-file-list", "aes-minion-event", "aes-serve-file", "return-client",
            "return-real-minion",
            "return-signed",
        ] {
            for vector in try Vector.saltOfEachRelease(name) { all.append(try CapturedRequest(vector, vector.value)) }
        }
        for vector in try Vector.saltOfEachRelease("syndic-return-real-syndic") {
            all.append(try CapturedRequest(vector, try vector.value("syndic_return")))
            all.append(try CapturedRequest(vector, try vector.value("events")))
        }
        return all
    }

    private init(_ vector: Vector, _ part: Value) throws {
        func bytes(_ key: String) -> [UInt8]? { part[key]?.string.flatMap { [UInt8](hex: $0) } }
        let session = try KeyString(vector.text("session_key_string"))
        let frame = bytes("request_hex") ?? []
        if let pem = vector.value["minion_public_pem"]?.string {
            publicKey = try PublicKey(pem: pem)
        } else {
            let pem = vector.value["minion_private_pem"]?.string ?? vector.value["syndic_private_pem"]?.string
            publicKey = try PrivateKey(pem: pem ?? "").publicKey
        }
        let load: ValueMap
        if let map = (part["request_load_clear"] ?? part["load"])?.map {
            load = map
        } else {
            // The vector spells only the signed bytes out: open it here, the tests compare with those.
            let envelope = try RequestEnvelope(frame)
            let opened = try Container(session).open(Array(frame[envelope.load]))
            load = try Value(messagePack: opened).map ?? [:]
        }
        self.session = session
        self.frame = frame
        self.load = load
        reply = bytes("reply_hex")
        name = "\(vector.name) \(load["cmd"]?.string ?? "")"
    }

    /// The load as it travelled, opened.
    func opened() throws -> [UInt8] {
        let envelope = try RequestEnvelope(frame)
        return try Container(session).open(Array(frame[envelope.load]))
    }

    /// When the request was made.
    var time: Timestamp { Timestamp(seconds: load["ts"]?.int ?? 0) }

    /// Runs every check a controller makes.
    func check(
        rules: RequestRules = RequestRules(), now: Timestamp? = nil, replays: inout ReplayMemory
    ) throws -> (request: CheckedRequest, opened: [UInt8]) {
        let envelope = try RequestEnvelope(frame)
        let key = try rules.key(of: envelope, in: frame)
        let opened = try opened()
        let load = try RequestLoad(opened)
        var proof = ProofToken(for: publicKey)
        let request = try rules.check(
            load, in: opened, openedWith: key, now: now ?? time, replays: &replays
        ) { _, range in proof.accepts(Array(opened[range])) }
        return (request, opened)
    }

    func check() throws -> (request: CheckedRequest, opened: [UInt8]) {
        var replays = ReplayMemory()
        return try check(replays: &replays)
    }
}
