import MessagePack
import MusterCore
import MusterTestSupport
import SaltProtocol
import Synchronization
import Testing

@testable import Controller

@Suite struct PublishKeyRingTests {
    let directory: TestDirectory
    let path: String
    let controller = Make.keys[0]

    init() throws {
        directory = try TestDirectory()
        path = directory.file("publish.key")
    }

    private func ring(at now: Timestamp = TestClock.start) throws -> PublishKeyRing {
        try PublishKeyRing(file: path, controller: controller, lifetime: .seconds(1000), now: now)
    }

    /// The serial of the next publish.
    private func serial(_ ring: PublishKeyRing) throws -> Int64 {
        let serial = Shared<Int64>(0)
        _ = try ring.seal { next in
            serial.change { $0 = next }
            return [0x80]
        }
        return serial.value
    }

    @Test("a publish is sealed with the key of sign-ins, signed, and numbered from one")
    func seals() throws {
        let ring = try ring()
        for expected in Int64(1)...3 { #expect(try serial(ring) == expected) }
        let frame = try ring.seal { _ in [0x93, 1, 2, 3] }
        let envelope = try PublishEnvelope(frame)
        let sealed = Array(frame[envelope.load])
        #expect(try Container(ring.vouched.key).open(sealed) == [0x93, 1, 2, 3])
        let signature = Array(frame[try #require(envelope.signature)])
        #expect(controller.publicKey.isValid(signature, over: sealed, using: .saltDefault))
    }

    @Test("a restart keeps the key, and no serial comes twice, also after a crash")
    func restarts() throws {
        var last: Int64 = 0
        var key: KeyString?
        for round in 0..<5 {
            // Dropped without a word: what a crash does.
            let ring = try ring()
            #expect(key == nil || ring.vouched.key == key)
            key = ring.vouched.key
            for _ in 0..<(round == 2 ? 0 : 3) {
                let next = try serial(ring)
                #expect(next > last)
                last = next
            }
        }
        let ring = try ring()
        for _ in 0..<1005 {
            let next = try serial(ring)
            #expect(next > last)
            last = next
        }
        #expect(try serial(try self.ring()) > last)
    }

    @Test(
        "an old key and one from the future are replaced at the start",
        arguments: [
            (Duration.seconds(999), true), (.seconds(1000), false), (.seconds(-1), false),
        ])
    func age(_ passed: Duration, _ isKept: Bool) throws {
        let key = try ring().vouched.key
        let later = try ring(at: TestClock.start + passed)
        #expect((later.vouched.key == key) == isKept)
        #expect(!later.isExpired(at: TestClock.start + passed))
    }

    @Test("rotation makes a new key with serials of its own, and survives a restart")
    func rotation() throws {
        let ring = try ring()
        for _ in 0..<3 { _ = try serial(ring) }
        let old = ring.vouched.key
        #expect(ring.isExpired(at: TestClock.start + .seconds(1000)))
        try ring.rotate(at: TestClock.start + .seconds(1000))
        #expect(!ring.isExpired(at: TestClock.start + .seconds(1000)))
        let new = ring.vouched.key
        #expect(new != old)
        #expect(try serial(ring) == 1)
        #expect(try self.ring(at: TestClock.start + .seconds(1001)).vouched.key == new)
    }

    @Test(
        "a damaged file makes a new key",
        arguments: [
            "", "rubbish", "KEY", "KEY 5", "KEY -1 0", "KEY 9223372036854775807 0", "KEY five 0", "KEY 1 2 3", "x 1 0",
        ])
    func damaged(_ text: String) throws {
        let key = try KeyString.random()
        try Files.write(Array(text.replacing("KEY", with: key.secretText).utf8), to: path, mode: 0o600)
        let ring = try ring()
        #expect(ring.vouched.key != key)
        #expect(try serial(ring) == 1)
        #expect(Files.status(path).map { $0.mode & 0o777 } == 0o600)
    }

    @Test("nothing is published when the serial cannot be reserved")
    func cannotReserve() throws {
        let ring = try ring()
        try Files.remove(path)
        try Files.makeDirectory("\(path)/in-the-way")
        #expect(throws: FileError.self) { _ = try serial(ring) }
        #expect(throws: FileError.self) { try ring.rotate(at: TestClock.start) }
    }

    @Test("publishers on many threads share no serial")
    func concurrency() async throws {
        let ring = try ring()
        let serials = Shared<[Int64]>([])
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<50 {
                        _ = try ring.seal { serial in
                            serials.change { $0.append(serial) }
                            return [0x80]
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(serials.value == Array(1...200))
    }
}
