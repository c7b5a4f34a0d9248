import Glibc
import MusterCore
import MusterTestSupport
import NIOCore
import STOMP
import Testing

@testable import StompBroker

struct DiskLogTests {
    /// A log with what it tells.
    private struct Opened {
        let log: DiskLog
        private var events: AsyncStream<DiskLogEvent>.Iterator
        private(set) var told: [DiskLogEvent] = []

        init(_ storage: any SegmentStorage, _ configuration: DiskLog.Configuration = .init()) throws {
            let (stream, continuation) = AsyncStream<DiskLogEvent>.makeStream()
            log = try DiskLog(storage, configuration: configuration) { continuation.yield($0) }
            events = stream.makeAsyncIterator()
        }

        /// Waits for an event; those before it are kept in `told`.
        mutating func wait(_ isAwaited: (DiskLogEvent) -> Bool) async {
            while let event = await events.next(isolation: #isolation) {
                told.append(event)
                if isAwaited(event) { return }
            }
        }

        mutating func waitForCommit(of position: LogPosition) async {
            await wait { event in
                guard case .committed(let upTo) = event else { return false }
                return upTo >= position
            }
        }

        mutating func close() async {
            log.close()
            await wait { $0 == .closed }
        }
    }

    @Test func whatWasCommittedIsThereAgain() async throws {
        let directory = try TestDirectory()
        let path = directory.file("log")
        do {
            var first = try Opened(try SegmentDirectory(path))
            #expect(first.log.recovery.messages.isEmpty)
            _ = try first.log.append([LogFixtures.stored(1), LogFixtures.stored(2), LogFixtures.stored(3)])
            _ = try first.log.append([.done(id: 2)])
            let last = try first.log.append([.moved(id: 3, queue: "DLQ")])
            await first.waitForCommit(of: last)
            #expect(throws: FileError.self) { _ = try SegmentDirectory(path) }
            await first.close()
        }
        var second = try Opened(try SegmentDirectory(path))
        #expect(second.log.recovery.messages.map { "\($0.message.id) \($0.queue)" } == ["1 q", "3 DLQ"])
        #expect(second.log.recovery.lastID == 3)
        #expect(second.log.recovery.damagedBytes == 0)
        await second.close()
        #expect((Files.status(path + "/lock")?.mode ?? 0o777) & 0o077 == 0)
    }

    @Test func aTornEndCostsOnlyWhatWasNotCommitted() async throws {
        let storage = MemoryStorage()
        var log = try Opened(storage)
        var ends: [Int] = []
        for id in 1...3 {
            let position = try log.log.append([LogFixtures.stored(UInt64(id)), LogFixtures.stored(UInt64(id + 10))])
            await log.waitForCommit(of: position)
            ends.append(storage.segments[1]?.count ?? 0)
        }
        await log.close()
        let whole = try #require(storage.segments[1])
        for length in 0..<whole.count {
            let torn = MemoryStorage([1: Array(whole[..<length])])
            var again = try Opened(torn)
            let complete = ends.count { $0 <= length }
            #expect(again.log.recovery.messages.count == complete * 2)
            #expect(again.log.recovery.damagedBytes == length - (complete == 0 ? 0 : ends[complete - 1]))
            #expect(torn.segments[1]?.count == (complete == 0 ? 0 : ends[complete - 1]))
            await again.close()
        }
    }

    @Test func aReceiptIsNeverAheadOfTheDisk() async throws {
        let storage = MemoryStorage()
        var log = try Opened(storage)
        for id in 1...50 {
            let position = try log.log.append([LogFixtures.stored(UInt64(id))])
            guard id.isMultiple(of: 10) else { continue }
            await log.waitForCommit(of: position)
            var bytes = ByteBuffer(bytes: storage.segments[1] ?? [])
            var count = 0
            while LogRecord.decode(from: &bytes) != nil { count += 1 }
            #expect(count >= id)
        }
        await log.close()
        #expect(log.told.last == .closed)
        #expect(storage.synchronizations <= 51)
    }

    @Test func oldSegmentsGoAndLongLivedMessagesStay() async throws {
        let storage = MemoryStorage()
        var configuration = DiskLog.Configuration()
        configuration.segmentBytes = 2000
        var log = try Opened(storage, configuration)
        _ = try log.log.append([LogFixtures.stored(1, in: "old")])
        for id in 2...400 {
            _ = try log.log.append([LogFixtures.stored(UInt64(id))])
            if id > 5 { _ = try log.log.append([.done(id: UInt64(id - 3))]) }
        }
        #expect(log.log.bytes < 20_000)
        await log.close()
        #expect(storage.deleted.count > 10)
        #expect(storage.segments.count < 8)
        var again = try Opened(storage, configuration)
        #expect(Set(again.log.recovery.messages.map(\.message.id)) == [1, 2, 398, 399, 400])
        #expect(again.log.recovery.messages.first { $0.message.id == 1 }?.queue == "old")
        await again.close()
    }

    @Test func aFullDiskRefusesStoresAndLosesNothing() async throws {
        let storage = MemoryStorage()
        var log = try Opened(storage)
        await log.waitForCommit(of: try log.log.append([LogFixtures.stored(1)]))
        storage.fill(for: .max)
        let waiting = try log.log.append([LogFixtures.stored(2)])
        await log.wait { if case .stalled = $0 { true } else { false } }
        #expect(throws: BrokerError.storageFull) { _ = try log.log.append([LogFixtures.stored(3)]) }
        storage.fill(for: 0)
        // What makes room is taken, and wakes the thread to try again.
        _ = try log.log.append([.done(id: 1)])
        await log.waitForCommit(of: waiting)
        #expect(log.told.contains(.resumed))
        #expect(throws: Never.self) { _ = try log.log.append([LogFixtures.stored(3)]) }
        await log.close()
        var again = try Opened(storage)
        #expect(again.log.recovery.messages.map(\.message.id) == [2, 3])
        await again.close()
    }

    @Test func aFullDiskDoesNotKeepTheLogFromClosing() async throws {
        let storage = MemoryStorage()
        var log = try Opened(storage)
        storage.fill(for: .max)
        _ = try log.log.append([LogFixtures.stored(1)])
        await log.wait { if case .stalled = $0 { true } else { false } }
        await log.close()
        #expect(log.told.contains(.failed(FileError(.write, "segment", ENOSPC))))
    }

    @Test func theLogHasABound() async throws {
        var configuration = DiskLog.Configuration()
        configuration.maxBytes = 200
        var log = try Opened(MemoryStorage(), configuration)
        for id in 1...3 { _ = try? log.log.append([LogFixtures.stored(UInt64(id))]) }
        #expect(throws: BrokerError.storageFull) { _ = try log.log.append([LogFixtures.stored(4)]) }
        #expect(throws: Never.self) { _ = try log.log.append([.done(id: 1)]) }
        await log.close()
    }

    @Test func aDiskThatFailsIsNotTrustedAgain() async throws {
        let storage = MemoryStorage()
        var log = try Opened(storage)
        storage.breakDown()
        _ = try log.log.append([LogFixtures.stored(1)])
        await log.wait { $0 == .closed }
        let isFailed = log.told.contains { if case .failed = $0 { true } else { false } }
        let isCommitted = log.told.contains { if case .committed = $0 { true } else { false } }
        #expect(isFailed && !isCommitted)
        #expect(throws: BrokerError.storageFull) { _ = try log.log.append([LogFixtures.stored(2)]) }
    }

    @Test func aVirtualHostComesBackWithItsMessages() async throws {
        let storage = MemoryStorage()
        let send = "SEND\ndestination:/queue/q\npersistent:true\nreceipt:r\nx:a\\cb\n\nkeep"
        var first = try Opened(storage)
        let host = VirtualHost(name: "/", log: first.log, idPrefix: "1-", makeSecretName: { "s" })
        let writer = host.connect(version: .v1_2, access: FullAccess())
        var decoder = FrameDecoder(version: .v1_2)
        decoder.received(ByteBuffer(string: send + "\0"))
        let frame = try #require(try decoder.next())
        host.received(frame, from: writer, at: Moment(milliseconds: 1))
        #expect(host.takeActions().isEmpty)
        await first.waitForCommit(of: LogPosition(1))
        host.committed(upTo: LogPosition(1))
        #expect(host.takeActions().count == 1)
        await first.close()

        var second = try Opened(storage)
        let again = VirtualHost(name: "/", log: second.log, idPrefix: "2-", makeSecretName: { "s" })
        for (message, queue) in second.log.recovery.messages { again.restore(message, to: queue) }
        again.reserveIDs(upTo: second.log.recovery.lastID)
        let reader = again.connect(version: .v1_1, access: FullAccess())
        let subscribe = Frame(.subscribe, headers: Headers(["id": "1", "destination": "/queue/q"]))
        again.received(subscribe, from: reader, at: Moment(milliseconds: 2))
        guard case .deliver(let head, let tail, _) = again.takeActions().first else {
            Issue.record("nothing delivered")
            return
        }
        #expect(String(buffer: head) == "MESSAGE\nsubscription:1\n")
        #expect(String(buffer: tail).hasPrefix("destination:/queue/q\npersistent:true\nx:a\\cb\nmessage-id:1-1\n"))
        await second.close()
    }

    /// The log is over three times what lives in it: all of it is due to be moved, and the disk takes its time.
    @Test func whatIsMovedRefusesNobody() async throws {
        let storage = MemoryStorage()
        var configuration = DiskLog.Configuration()
        (configuration.segmentBytes, configuration.maxPendingBytes) = (1000, 16_000)
        var log = try Opened(storage, configuration)
        var position = LogPosition.start
        for id in 1...200 as ClosedRange<UInt64> {
            position = try log.log.append([LogFixtures.stored(id)])
            await log.waitForCommit(of: position)
        }
        let living = (1...200 as ClosedRange<UInt64>).reduce(0) { $0 + LogFixtures.message($1).bytes }
        var next: UInt64 = 1000
        while log.log.bytes < 3 * living {
            _ = try log.log.append([LogFixtures.stored(next)])
            position = try log.log.append([.done(id: next)])
            await log.waitForCommit(of: position)
            next += 1
        }
        try storage.whileHeld {
            for id in next..<(next + 30) {
                _ = try log.log.append([LogFixtures.stored(id)])
                _ = try log.log.append([.done(id: id)])
            }
        }
        await log.close()
    }
}
