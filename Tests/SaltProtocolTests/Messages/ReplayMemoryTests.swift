import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

struct ReplayMemoryTests {
    private func nonce(_ number: Int) throws -> Nonce { try #require(Nonce(number.digits(32))) }
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_000_000 + seconds) }

    @Test("remembers a nonce for as long as its request could pass the window")
    func remembersLongEnough() throws {
        var memory = ReplayMemory(window: .seconds(300))
        // Made by a clock that is as far ahead as is tolerated.
        #expect(memory.admit(try nonce(1), madeAt: 1_000_300, now: at(0)) == .fresh)
        for second in stride(from: Int64(1), through: 600, by: 1) {
            #expect(memory.admit(try nonce(1), madeAt: 1_000_300, now: at(second)) == .repeated)
            #expect(memory.admit(try nonce(1000 + Int(second)), madeAt: 1_000_000 + second, now: at(second)) == .fresh)
        }
        #expect(memory.admit(try nonce(1), madeAt: 1_000_300, now: at(601)) == .stale(seconds: 301))
    }

    @Test func theWindowIsClosedOnBothSides() throws {
        var memory = ReplayMemory(window: .seconds(10))
        #expect(memory.admit(try nonce(1), madeAt: 999_990, now: at(0)) == .fresh)
        #expect(memory.admit(try nonce(2), madeAt: 999_989, now: at(0)) == .stale(seconds: 11))
        #expect(memory.admit(try nonce(3), madeAt: 1_000_010, now: at(0)) == .fresh)
        #expect(memory.admit(try nonce(4), madeAt: 1_000_011, now: at(0)) == .fromTheFuture(seconds: 11))
    }

    @Test("a flood is bounded, and what was forgotten cannot be replayed")
    func flood() throws {
        var memory = ReplayMemory(window: .seconds(300), capacity: 100)
        var admitted: [(number: Int, made: Int64)] = []
        for number in 0..<1000 {
            let made = 1_000_000 + Int64(number / 10)
            if memory.admit(try nonce(number), madeAt: made, now: at(Int64(number / 10))) == .fresh {
                admitted.append((number, made))
            }
        }
        #expect(admitted.count == 1000)
        for (number, made) in admitted {
            let verdict = memory.admit(try nonce(number), madeAt: made, now: at(99))
            #expect(verdict != .fresh, "\(number): \(verdict)")
        }
        #expect(memory.admit(try nonce(5000), madeAt: 1_000_099, now: at(99)) == .fresh)
    }

    @Test(
        "what is kept over a restart refuses what was served, and lets in what was not", arguments: [1, 32, 33, 4000])
    func record(_ count: Int) throws {
        var memory = ReplayMemory(window: .seconds(300))
        #expect(memory.record(now: at(0)) == nil)
        for number in 0..<count {
            #expect(memory.admit(try nonce(number), madeAt: 1_000_000, now: at(0)) == .fresh)
        }
        let record = try #require(memory.record(now: at(1)))
        #expect(record.marks.count == (count > 32 ? 0 : count))
        var second = ReplayMemory(record, window: .seconds(300), now: at(2))
        for number in 0..<count { #expect(second.admit(try nonce(number), madeAt: 1_000_000, now: at(300)) != .fresh) }
        #expect(second.admit(try nonce(9000), madeAt: 1_000_001, now: at(2)) == .fresh)
        // A second restart forgets nothing that could still pass, and keeps nothing that could not.
        let third = try #require(second.record(now: at(3)))
        #expect(third.newest == 1_000_001)
        #expect(second.record(now: at(302)) == nil)
    }

    @Test func withoutATimeOnlyTheNonceCounts() throws {
        var memory = ReplayMemory()
        #expect(memory.admit(try nonce(1), madeAt: nil, now: at(0)) == .fresh)
        #expect(memory.admit(try nonce(1), madeAt: nil, now: at(1)) == .repeated)
    }

    @Test("without a time a flood makes nobody stale: many nodes share the memory in version 2")
    func floodWithoutTimes() throws {
        var memory = ReplayMemory(capacity: 10)
        for number in 0..<100 { #expect(memory.admit(try nonce(number), madeAt: nil, now: at(0)) == .fresh) }
        #expect(memory.admit(try nonce(99), madeAt: nil, now: at(0)) == .repeated)
    }

    @Test func aClockThatIsSetBackForgetsNothingEarly() throws {
        var memory = ReplayMemory(window: .seconds(300))
        #expect(memory.admit(try nonce(1), madeAt: 1_000_000, now: at(0)) == .fresh)
        for second in stride(from: Int64(-100), to: -400, by: -100) {
            #expect(memory.admit(try nonce(Int(1000 - second)), madeAt: 1_000_000 + second, now: at(second)) == .fresh)
        }
        #expect(memory.admit(try nonce(1), madeAt: 1_000_000, now: at(-300)) == .repeated)
        #expect(memory.admit(try nonce(1), madeAt: 1_000_000, now: at(200)) == .repeated)
    }

    @Test func marksOfDifferentNoncesDiffer() throws {
        var random = SeededRandom(seed: 3)
        var memory = ReplayMemory(capacity: 1 << 20)
        for _ in 0..<20_000 {
            let text = (0..<4).map { _ in (String(random.next(), radix: 16)).padded(16) }.joined().prefix(32)
            #expect(memory.admit(try #require(Nonce(String(text))), madeAt: 1_000_000, now: at(0)) == .fresh)
        }
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String { String(repeating: "0", count: max(0, width - count)) + self }
}
