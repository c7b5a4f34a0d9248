import MusterCore
import MusterTestSupport
import SaltProtocol
import Testing

@testable import Controller

@Suite struct SessionSecretTests {
    let directory: TestDirectory
    let path: String

    init() throws {
        directory = try TestDirectory()
        path = directory.file("session.secret")
    }

    private func secret(_ length: Duration = .seconds(1000)) throws -> SessionSecret {
        try SessionSecret(file: path, epochLength: length)
    }

    @Test("the same key comes out of the same file, and another for each node, public key, epoch and secret")
    func keys() throws {
        let first = try secret()
        let (a, b) = (Make.node("a"), Make.node("b"))
        let (one, two) = (KeptPublicKey(Make.keys[0].publicKey), KeptPublicKey(Make.keys[1].publicKey))
        let key = try first.key(of: a, publicKey: one, epoch: 1)
        #expect(try secret().key(of: a, publicKey: one, epoch: 1) == key)
        #expect(try first.key(of: b, publicKey: one, epoch: 1) != key)
        #expect(try first.key(of: a, publicKey: two, epoch: 1) != key)
        #expect(try first.key(of: a, publicKey: one, epoch: 2) != key)
        try Files.remove(path)
        #expect(try secret().key(of: a, publicKey: one, epoch: 1) != key)
        #expect(Files.status(path).map { $0.mode & 0o777 } == 0o600)
    }

    @Test("each node's epoch lasts as long as it should, and they do not begin together")
    func epochs() throws {
        let secret = try secret()
        var beginnings: Set<Int64> = []
        for node in Make.numbered(50) {
            let changes = (0..<2000).filter { second in
                let (now, next) = (TestClock.start + .seconds(second), TestClock.start + .seconds(second + 1))
                return secret.epoch(of: node, at: now) != secret.epoch(of: node, at: next)
            }
            #expect(changes.count == 2 && changes[1] - changes[0] == 1000)
            beginnings.insert(Int64(changes[0]))
        }
        #expect(beginnings.count > 30)
    }

    @Test("without a length there is one epoch", arguments: [Duration.zero, .seconds(-1)])
    func forEver(_ length: Duration) throws {
        let secret = try secret(length)
        let node = Make.node("a")
        #expect(
            secret.epoch(of: node, at: TestClock.start) == secret.epoch(of: node, at: Timestamp(seconds: 9_000_000_000))
        )
    }

    @Test("a file of another size, or that others can read, is refused with the remedy")
    func refused() throws {
        for count in [0, 63, 65] {
            try Files.write([UInt8](repeating: 1, count: count), to: path, mode: 0o600)
            #expect(throws: SessionSecretError.damaged(path)) { _ = try secret() }
        }
        try Files.write([UInt8](repeating: 1, count: 64), to: path, mode: 0o640)
        #expect(throws: SessionSecretError.exposed(path)) { _ = try secret() }
    }
}
