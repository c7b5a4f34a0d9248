import NIOCore
import STOMP
import Testing

@testable import StompBroker

struct LogRecordTests {
    private let entries: [LogEntry] = [
        LogFixtures.stored(1), .moved(id: 1, queue: "DLQ"), .done(id: 1),
        .stored(LogFixtures.message(.max, "", escaping: .none), queue: ""),
    ]

    @Test func recordsAreReadAsTheyWereWritten() throws {
        var buffer = ByteBuffer(string: "before")
        LogRecord.encode(entries, into: &buffer)
        LogRecord.encode([.done(id: 2)], into: &buffer)
        buffer.moveReaderIndex(forwardBy: 6)
        let first = try #require(LogRecord.decode(from: &buffer))
        #expect(first.map(LogFixtures.summary) == entries.map(LogFixtures.summary))
        #expect(LogRecord.decode(from: &buffer)?.map(LogFixtures.summary) == ["done 2"])
        #expect(buffer.readableBytes == 0)
        #expect(LogRecord.decode(from: &buffer) == nil)
    }

    @Test func aRecordIsThereAsAWholeOrNotAtAll() {
        var whole = ByteBuffer()
        LogRecord.encode(entries, into: &whole)
        for length in 0..<whole.readableBytes {
            var torn = whole.getSlice(at: 0, length: length) ?? ByteBuffer()
            #expect(LogRecord.decode(from: &torn) == nil)
            #expect(torn.readableBytes == length)
        }
        for index in 0..<whole.readableBytes {
            var bytes = Array(whole.readableBytesView)
            bytes[index] ^= 0x10
            var flipped = ByteBuffer(bytes: bytes)
            #expect(LogRecord.decode(from: &flipped) == nil)
        }
        var zeros = ByteBuffer(repeating: 0, count: 100)
        #expect(LogRecord.decode(from: &zeros) == nil)
    }

    @Test func theChecksumIsThatOfTheStandard() {
        let bytes = Array("123456789".utf8)
        for cut in 0...bytes.count {
            var checksum = Checksum()
            bytes[..<cut].withUnsafeBytes { checksum.update($0) }
            bytes[cut...].withUnsafeBytes { checksum.update($0) }
            #expect(checksum.value == 0xcbf4_3926)
        }
    }
}
