import NIOCore
import Testing

@testable import BusTransport

@Suite struct SendQueueTests {
    private func message(_ bytes: Int) -> ByteBuffer { ByteBuffer(repeating: 7, count: bytes) }

    @Test func refusesWhatIsTooManyOrTooMuch() {
        var few = SendQueue(SendQueueLimits(messages: 2, bytes: 1000))
        let first = [1, 1, 1].map { few.append(message($0)) }
        #expect(first == [true, true, false])
        #expect(few.count == 2 && few.bytes == 2 && few.isBehind && !few.hasRoom)
        var small = SendQueue(SendQueueLimits(messages: 100, bytes: 10))
        let second = [6, 5, 4].map { small.append(message($0)) }
        #expect(second == [true, false, true])
        #expect(small.count == 2 && small.bytes == 10)
    }

    @Test func oneMessageAlwaysFits() {
        var queue = SendQueue(SendQueueLimits(messages: 1, bytes: 1))
        let taken = [100, 1].map { queue.append(message($0)) }
        #expect(taken == [true, false])
    }

    @Test func givesMessagesOutInOrderAndTogetherWhereTheyAreSmall() {
        var queue = SendQueue(SendQueueLimits(messages: 100, bytes: 1000))
        for size in [1, 2, 3, 50, 4] { _ = queue.append(ByteBuffer(repeating: UInt8(size), count: size)) }
        let first = queue.popChunk(upTo: 6)
        #expect(first.map { Array(buffer: $0) } == [1, 2, 2, 3, 3, 3])
        #expect(queue.bytes == 54)
        // Larger than a chunk, the next one goes alone.
        let others = (0..<3).map { _ in queue.popChunk(upTo: 6)?.readableBytes }
        #expect(others == [50, 4, nil])
        #expect(queue.bytes == 0 && queue.isEmpty)
    }

    @Test func isBehindUntilAllThatWaitedIsGone() {
        var queue = SendQueue(SendQueueLimits(messages: 2, bytes: 1000))
        for _ in 0..<3 { _ = queue.append(message(5)) }
        _ = queue.popChunk(upTo: 5)
        #expect(queue.isBehind)
        _ = queue.popChunk(upTo: 5)
        #expect(!queue.isBehind)
    }
}
