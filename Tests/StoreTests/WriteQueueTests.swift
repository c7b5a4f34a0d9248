import Testing

@testable import Store

@Suite struct WriteQueueTests {
    private func queue(writes: Int = 10, bytes: Int = 1000) -> WriteQueue<Int> {
        WriteQueue(limit: .init(writes: writes, bytes: bytes))
    }

    @Test func takesInOrderUpToTheLimit() {
        let queue = queue()
        for number in 1...5 { #expect(queue.add(number, weight: .init(writes: 1, bytes: 10)) == .accepted) }
        #expect(queue.take(upTo: .init(writes: 2, bytes: 1000)) == [1, 2])
        #expect(queue.take(upTo: .init(writes: 10, bytes: 25)) == [3, 4])
        #expect(queue.take(upTo: .init(writes: 10, bytes: 1)) == [5])
    }

    @Test func countsWhatIsTakenUntilTheNextTake() {
        let queue = queue(writes: 3)
        for number in 1...3 { #expect(queue.add(number, weight: .init(writes: 1, bytes: 0)) == .accepted) }
        #expect(queue.take(upTo: .init(writes: 2, bytes: 0)) == [1, 2])
        #expect(queue.pendingWrites == 3)
        #expect(queue.add(4, weight: .init(writes: 1, bytes: 0)) == .overloaded(pendingWrites: 3))
        #expect(queue.take(upTo: .init(writes: 2, bytes: 0)) == [3])
        #expect(queue.add(5, weight: .init(writes: 1, bytes: 0)) == .accepted)
        #expect(queue.pendingWrites == 2)
    }

    @Test func boundsBytesToo() {
        let queue = queue(bytes: 100)
        #expect(queue.add(1, weight: .init(writes: 1, bytes: 60)) == .accepted)
        #expect(queue.add(2, weight: .init(writes: 1, bytes: 60)) == .overloaded(pendingWrites: 1))
        #expect(queue.add(3, weight: .init(writes: 1, bytes: 40)) == .accepted)
    }

    @Test func letsInWhatIsLargerThanTheBoundWhenNothingWaits() {
        let queue = queue(writes: 3)
        #expect(queue.add(1, weight: .init(writes: 50, bytes: 0)) == .accepted)
        #expect(queue.add(2, weight: .init(writes: 1, bytes: 0)) == .overloaded(pendingWrites: 50))
        #expect(queue.take(upTo: .init(writes: 1, bytes: 0)) == [1])
    }

    @Test func letsInTheLastElementAtTheBoundAndNothingAfterIt() {
        let queue = queue(writes: 1)
        #expect(queue.add(1, weight: .init(writes: 1, bytes: 0)) == .accepted)
        #expect(queue.close(with: 2))
        #expect(!queue.close(with: 3))
        #expect(queue.add(4, weight: .none) == .closed)
        #expect(queue.take(upTo: .init(writes: 9, bytes: 9)) == [1, 2])
    }
}
