import BusTransport
import MusterCore
import SaltProtocol
import Testing

@testable import Controller

/// Requests as Salt sent them before 3006.12, on a listener that takes them: sealed with the publish key, without `ts`, and
/// mostly without `tok`.
@Suite(.timeLimit(.minutes(1))) struct RequestDeskVersion2Tests {
    private func load(of node: TestNode, _ nonce: Nonce, token: Value? = nil) -> ValueMap {
        var load: ValueMap = [
            "cmd": "_return", "id": .string(node.id.text), "jid": .string(Make.jobID(1).text), "return": true,
            "retcode": 0,
            "success": true, "fun": "test.ping", "nonce": .string(nonce.description),
        ]
        load["tok"] = token
        return load
    }

    private func frame(_ load: ValueMap, _ key: KeyString) throws -> [UInt8] {
        let sealed = try Container(key).seal(Value.map(load).messagePack())
        return Value.map(["enc": "aes", "load": .bytes(sealed), "version": 2]).messagePack()
    }

    private func open(_ reply: [UInt8], _ nonce: Nonce, _ key: KeyString) throws -> TestNode.Answer {
        switch try RequestReply(reply) {
        case .sealed(let range):
            let value = try Container(key).open(Array(reply[range]), expecting: nonce)
            return .value(try Value(messagePack: value))
        case .refused(let text): return .refused(text)
        case .pillar: return .refused("a pillar")
        }
    }

    @Test("a return is taken, acknowledged under the publish key, and not taken twice from a recording")
    func returns() async throws {
        try await TestPort.with(acceptsVersion2: true) { port in
            let node = try await port.signedIn("web1")
            let key = try #require(node.session).publishKey
            let nonce = try Nonce.random()
            let frame = try frame(load(of: node, nonce), key)
            #expect(try open(try await node.exchange(frame), nonce, key) == .value(.null))
            #expect(try open(try await node.exchange(frame), nonce, key) == .refused("bad load"))
            #expect(try await port.store.returnedNodes(of: Make.jobID(1)) == [node.id])
            // Version 3 goes on beside it.
            #expect(try await node.ask(.mineGet) == .value([:]))
            // A rotated key is learnt by signing in.
            try port.ring.rotate(at: port.clock.now)
            let second = try Nonce.random()
            let late = try self.frame(load(of: node, second), key)
            #expect(try open(try await node.exchange(late), second, key) == .refused("bad load"))
            #expect(try await node.signInFailure() == nil)
            let fresh = try #require(node.session).publishKey
            let again = try self.frame(load(of: node, second), fresh)
            #expect(try open(try await node.exchange(again), second, fresh) == .value(.null))
        }
    }

    @Test("an id without an accepted key, and a wrong token, are refused")
    func refused() async throws {
        try await TestPort.with(acceptsVersion2: true) { port in
            let node = try await port.signedIn("web1")
            let other = try await port.signedIn("web2", key: Make.keys[1])
            let key = try #require(node.session).publishKey
            let stranger = try TestNode("web3", at: port)
            var nonce = try Nonce.random()
            #expect(
                try open(try await node.exchange(frame(load(of: stranger, nonce), key)), nonce, key)
                    == .refused("bad load"))
            nonce = try Nonce.random()
            let token = other.common("", nonce: nonce)["tok"]
            #expect(
                try open(try await node.exchange(frame(load(of: node, nonce, token: token), key)), nonce, key)
                    == .refused("bad load"))
            nonce = try Nonce.random()
            let own = node.common("", nonce: nonce)["tok"]
            #expect(
                try open(try await node.exchange(frame(load(of: node, nonce, token: own), key)), nonce, key)
                    == .value(.null))
        }
    }

    @Test("without the opt-in it is refused before anything is opened")
    func off() async throws {
        try await TestPort.with { port in
            let node = try await port.signedIn("web1")
            let key = try #require(node.session).publishKey
            let nonce = try Nonce.random()
            let reply = try await node.exchange(frame(load(of: node, nonce), key))
            #expect(try open(reply, nonce, key) == .refused("bad load"))
        }
    }
}
