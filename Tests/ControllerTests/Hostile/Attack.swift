import BusTransport
import MusterCore
import SaltProtocol
import Testing

@testable import Controller

/// One row of the security table: a fault, the bytes, what must be answered, and what is counted.
struct Attack: Sendable, CustomTestStringConvertible {
    /// What comes back.
    enum Answer: Sendable, Equatable {
        /// A text instead of a sealed reply: a node takes it for an end of its session.
        case refused(String)
        /// An unsealed empty map: nothing of that name is served.
        case nothing
        /// A reply under the session of the sender.
        case sealed(Value)
        /// The pillar of the sender, sealed and signed as such.
        case pillar(Value)
        /// The reply to a sign-in, signed by the controller: its `ret`.
        case signIn(Value)
        /// The reply to a sign-in that nothing can be signed under.
        case unsigned(String)
    }

    /// What is sent, with the nonce that a sealed reply must bring back.
    struct Shot: Sendable {
        var frame: [UInt8]
        var nonce: Nonce?
    }

    /// The CVE or fault, and what this row tries of it.
    let fault: String
    let answer: Answer
    let counter: SaltCounter
    let make: @Sendable (HostileScene) async throws -> Shot

    var testDescription: String { fault }

    init(
        _ fault: String, _ answer: Answer, _ counter: SaltCounter,
        _ make: @escaping @Sendable (HostileScene) async throws -> Shot
    ) {
        (self.fault, self.answer, self.counter, self.make) = (fault, answer, counter, make)
    }
}

/// A controller with an accepted node that turns hostile, another one that wants to be served meanwhile, and a stranger.
final class HostileScene {
    let port: TestPort
    /// `web1`, accepted and signed in: holds a session, and the publish key.
    let insider: TestNode
    /// `web2`, which does nothing wrong.
    let bystander: TestNode
    /// Knows nobody's keys.
    let stranger: TestNode

    init(_ port: TestPort) async throws {
        self.port = port
        insider = try await port.signedIn("web1", key: Make.keys[0])
        bystander = try await port.signedIn("web2", key: Make.keys[1])
        stranger = try TestNode("web9", key: Make.keys[2], at: port)
    }

    // MARK: What is sent

    /// A clear request.
    func clear(_ load: ValueMap) -> Attack.Shot {
        .init(frame: RequestEnvelope.clear(load: Value.map(load).messagePack()))
    }

    /// A request of the insider with some fields changed; null takes a field away.
    func sealed(_ command: String, _ fields: ValueMap = [:], outer: String? = nil) throws -> Attack.Shot {
        let nonce = try Nonce.random()
        return .init(
            frame: try insider.envelope(Value.map(load(command, fields, nonce)).messagePack(), id: outer), nonce: nonce)
    }

    /// The same, sealed with any key.
    func sealed(_ command: String, under key: KeyString, as id: String) throws -> Attack.Shot {
        let load = try load(command, ["id": .string(id)], .random())
        return .init(
            frame: RequestEnvelope.sealed(load: try Container(key).seal(Value.map(load).messagePack()), id: id))
    }

    /// A request of the insider whose envelope is changed; null takes a field away.
    func enveloped(_ fields: ValueMap) throws -> Attack.Shot {
        let frame = try sealed("_mine_get").frame
        return .init(
            frame: Value.map(HostileScene.changed(try Value(messagePack: frame).map ?? [:], fields)).messagePack())
    }

    /// A return of the insider.
    func returning(_ job: Value, _ fields: ValueMap = [:]) throws -> Attack.Shot {
        try sealed(
            "_return",
            HostileScene.changed(
                ["jid": job, "return": true, "retcode": 0, "success": true, "fun": "test.ping", "fun_args": []], fields)
        )
    }

    /// One event in the single form, or in a list behind an optional prefix.
    func event(
        _ tag: String, inList: Bool = false, prefix: String? = nil, data: Value = [:]
    ) throws -> Attack.Shot {
        guard inList else {
            return try sealed("_minion_event", ["tag": .string(tag), "data": data, "pretag": .null])
        }
        return try sealed(
            "_minion_event",
            ["events": [["tag": .string(tag), "data": data]], "pretag": prefix.map(Value.string) ?? .null])
    }

    /// A sign-in of the stranger, or of anybody else.
    func signIn(
        _ id: String, key: PrivateKey = Make.keys[2], _ change: (inout SignInRequest) -> Void = { _ in }
    ) throws -> Attack.Shot {
        var request = SignInRequest(id: id, nonce: try .random(), publicKey: key.publicKey)
        change(&request)
        return .init(frame: request.encoded(), nonce: request.nonce)
    }

    private func load(_ command: String, _ fields: ValueMap, _ nonce: Nonce) -> ValueMap {
        HostileScene.changed(insider.common(command, nonce: nonce), fields)
    }

    /// Fields replaced in their places or added; what is replaced by `absent` is left out.
    private static func changed(_ map: ValueMap, _ fields: ValueMap) -> ValueMap {
        var changed = map
        for field in fields {
            if field.value == Attack.absent { changed[field.key] = nil } else { changed[field.key] = field.value }
        }
        return changed
    }

    // MARK: What comes back

    /// The answer to a shot, as its sender understands it.
    func answer(to shot: Attack.Shot) async throws -> Attack.Answer {
        let reply = try await stranger.exchange(shot.frame)
        if reply == [0x80] { return .nothing }
        if let load = try? Value(messagePack: reply).map, load["enc"] == "clear" { return try signInAnswer(load, shot) }
        switch try RequestReply(reply) {
        case .sealed:
            guard let nonce = shot.nonce, case .value(let value) = try insider.open(reply, nonce) else {
                return .refused("a sealed reply that nobody can open")
            }
            return .sealed(value)
        case .refused(let text): return .refused(text)
        case .pillar:
            guard let nonce = shot.nonce else { return .refused("a pillar that nobody asked for") }
            let pillar = try PillarReply.open(
                reply, nonce: nonce, with: insider.key, from: port.keys.own.publicKey, encryption: .saltDefault,
                signature: .saltDefault)
            return .pillar(try Value(messagePack: pillar))
        }
    }

    private func signInAnswer(_ reply: ValueMap, _ shot: Attack.Shot) throws -> Attack.Answer {
        if let text = reply["load"]?["ret"]?.string { return .unsigned(text) }
        guard let load = reply["load"]?.data, let signature = reply["sig"]?.data,
            port.keys.own.publicKey.isValid(signature, over: load, using: .saltDefault)
        else { return .refused("a reply that the controller did not sign") }
        let inner = try Value(messagePack: load)
        #expect(inner["nonce"]?.string == shot.nonce?.description)
        return .signIn(inner["ret"] ?? "granted")
    }
}

extension Attack {
    /// Stands for a field that is to be left out.
    static let absent: Value = "\u{0}absent"
}

extension Value {
    /// Bytes, also those that arrived as text because they happen to be valid UTF-8.
    fileprivate var data: [UInt8]? {
        switch self {
        case .bytes(let bytes): bytes
        case .string(let text): Array(text.utf8)
        default: nil
        }
    }
}
