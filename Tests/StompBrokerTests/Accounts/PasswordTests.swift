import MusterCore
import NIOEmbedded
import Synchronization
import Testing

@testable import StompBroker

@Suite struct PasswordTests {
    private let hash = PasswordHash(of: Array("secret".utf8), iterations: 10)

    @Test("PBKDF2 is what others make of the same salt")
    func agreesWithOthers() {
        // Python: hashlib.pbkdf2_hmac("sha256", b"secret", bytes(range(16)), 1000).hex()
        let other: [UInt8] = [
            0x4e, 0xfb, 0x2b, 0xbb, 0x6d, 0x2e, 0xb5, 0x8e, 0xa8, 0xde, 0xae, 0xd5, 0x44, 0x17, 0xae, 0x2f,
            0xd8, 0x7f, 0xd5, 0x0a, 0x8a, 0x85, 0x68, 0x70, 0x93, 0x63, 0xda, 0x60, 0xd4, 0x56, 0x06, 0x06,
        ]
        let hash = PasswordHash(iterations: 1000, salt: Array(0..<16), bytes: other)
        #expect(hash.matches(Array("secret".utf8)))
        #expect(!hash.matches(Array("Secret".utf8)) && !hash.matches([]))
    }

    @Test("each hash has a salt of its own")
    func salts() { #expect(PasswordHash(of: [1], iterations: 1) != PasswordHash(of: [1], iterations: 1)) }

    /// Work that waits until the test has it done.
    private final class Pool: Sendable {
        private let works = Mutex<[@Sendable (Bool) -> Void]>([])
        var count: Int { works.withLock { $0.count } }
        func add(_ work: @escaping @Sendable (Bool) -> Void) { works.withLock { $0.append(work) } }
        func run() {
            let all = works.withLock { works in
                defer { works = [] }
                return works
            }
            for work in all { work(false) }
        }
    }

    @Test("a password is derived once, for those who wait together and for those who come later")
    func derivesOnce() {
        let (loop, pool) = (EmbeddedEventLoop(), Pool())
        let desk = PasswordDesk(on: loop, elsewhere: pool.add)
        let answers = Mutex<[PasswordDesk.Answer]>([])
        func ask(_ password: String) {
            desk.judge(password, of: "ann", hash) { answer in answers.withLock { $0.append(answer) } }
        }
        for _ in 0..<10_000 { ask("secret") }
        #expect(pool.count == 1)
        pool.run()
        loop.run()
        #expect(answers.withLock { $0 } == Array(repeating: .right, count: 10_000))
        ask("secret")
        ask("wrong")
        #expect(pool.count == 1)
        pool.run()
        loop.run()
        ask("wrong")
        #expect(pool.count == 0)
        #expect(answers.withLock { Array($0.suffix(3)) } == [.right, .wrong, .wrong])
    }

    @Test("a new password makes the old one wrong, and the new one right")
    func changes() {
        let loop = EmbeddedEventLoop()
        let desk = PasswordDesk(on: loop, elsewhere: { $0(false) })
        func answer(_ password: String, _ hash: PasswordHash?) -> PasswordDesk.Answer? {
            let answer = Mutex<PasswordDesk.Answer?>(nil)
            desk.judge(password, of: "ann", hash) { given in answer.withLock { $0 = given } }
            loop.run()
            return answer.withLock { $0 }
        }
        let new = PasswordHash(of: Array("new".utf8), iterations: 10)
        #expect(answer("secret", hash) == .right)
        #expect(answer("new", hash) == .wrong)
        #expect(answer("secret", new) == .wrong)
        #expect(answer("new", new) == .right)
        #expect(answer("secret", nil) == .wrong)
    }

    @Test("what waits is bounded, and takes a user that is not there as seriously as one that is")
    func isBounded() {
        let (loop, pool) = (EmbeddedEventLoop(), Pool())
        let desk = PasswordDesk(on: loop, elsewhere: pool.add)
        let busy = Mutex(0)
        for number in 0..<(PasswordDesk.maxPending + 5) {
            desk.judge("guess \(number)", of: "nobody", nil) { answer in
                if answer == .busy { busy.withLock { $0 += 1 } }
            }
        }
        #expect(pool.count == PasswordDesk.maxPending)
        #expect(busy.withLock { $0 } == 5)
    }
}
