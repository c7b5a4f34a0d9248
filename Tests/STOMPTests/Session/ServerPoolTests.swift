import MusterCore
import MusterTestSupport
import NIOCore
import STOMP
import Testing

struct ServerPoolTests {
    @Test func theHeadIsTriedAndMovesToTheTail() {
        var random = SeededRandom(seed: 1)
        var pool = ServerPool(["a", "b", "c"])
        let order = (0..<4).compactMap { _ in pool.next(using: &random)?.server }
        #expect(order == ["a", "b", "c", "a"])
        #expect(pool.servers == ["b", "c", "a"])
    }

    @Test func delaysDoubleUpToTheLimitAndStartAgainAfterASuccess() {
        var random = SeededRandom(seed: 1)
        var pool = ServerPool(["a"], policy: .init(maxDelay: .milliseconds(50), jitterPercent: 0))
        let delays = (0..<6).compactMap { _ in pool.next(using: &random)?.delay }
        #expect(delays == [0, 10, 20, 40, 50, 50].map { .milliseconds($0) })
        pool.connected()
        let again = pool.next(using: &random)
        #expect(again?.delay == .zero)
        #expect(again?.number == 1)
        #expect(pool.next(using: &random)?.delay == .milliseconds(10))
    }

    @Test func chanceTakesAwayNoMoreThanItsPart() {
        var random = SeededRandom(seed: 7)
        var delays: Set<TimeAmount> = []
        for _ in 0..<50 {
            var pool = ServerPool(["a"], policy: .init(initialDelay: .seconds(1), jitterPercent: 25))
            _ = pool.next(using: &random)
            if let delay = pool.next(using: &random)?.delay { delays.insert(delay) }
        }
        #expect(delays.count > 40)
        #expect(delays.allSatisfy { (.milliseconds(750) ... .seconds(1)).contains($0) })
    }

    @Test func thereIsAnEndToTheAttemptsWhenOneIsSet() {
        var random = SeededRandom(seed: 1)
        var pool = ServerPool(["a"], policy: .init(maxAttempts: 2))
        let attempts = (0..<3).map { _ in pool.next(using: &random)?.number }
        #expect(attempts == [1, 2, nil])
        var empty = ServerPool<String>([])
        #expect(empty.next(using: &random) == nil)
    }

    @Test func aShuffledPoolStillHasAllItsServers() {
        var random = SeededRandom(seed: 3)
        var pool = ServerPool(Array(0..<8), policy: .init(isShuffled: true))
        let order = (0..<8).compactMap { _ in pool.next(using: &random)?.server }
        #expect(order != Array(0..<8))
        #expect(pool.servers.sorted() == Array(0..<8))
    }
}
