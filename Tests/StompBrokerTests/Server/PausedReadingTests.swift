import Dispatch
import MusterCore
import NIOCore
import NIOEmbedded
import STOMP
import Testing

@testable import StompBroker

/// Clients that are not read from for a while.
@Suite struct PausedReadingTests {
    /// A disk that has not answered yet.
    private let storage = StandingStorage()
    private let test: TestBroker
    private let log: DiskLog

    init() throws {
        test = try TestBroker()
        log = try DiskLog(storage, tell: { _ in })
        let host = VirtualHost(name: "/", log: log, idPrefix: "t-", makeSecretName: { "secret" })
        test.broker.hosts["/"] = ServedHost(host, log)
    }

    @Test("a publisher that waits for the log is not given up for its silence, and is when it is read from again")
    func waitsForTheLog() throws {
        defer { storage.goOn() }
        let channel = try test.channel()
        try test.say("CONNECT\naccept-version:1.1\nheart-beat:1000,1000\n\n\0", on: channel)
        // Each takes a megabyte of the log, which may be sixteen behind.
        let body = String(repeating: "x", count: 1 << 20)
        for _ in 0..<20 where log.pendingBytes <= 16 << 20 {
            try test.say("SEND\ndestination:/queue/q\npersistent:true\n\n\(body)\0", on: channel)
        }
        #expect(log.pendingBytes > 16 << 20)
        // What a socket's channel does by itself after it has read.
        channel.read()
        test.loop.advanceTime(by: .seconds(120))
        #expect(channel.isActive)
        let connection = try #require(test.broker.connections.values.first)
        connection.readOn()
        test.loop.advanceTime(by: .seconds(5))
        #expect(channel.isActive)
        log.close()
    }

    @Test("a client that says nothing while it is read from is given up")
    func silence() throws {
        defer { storage.goOn() }
        let channel = try test.channel()
        try test.say("CONNECT\naccept-version:1.1\nheart-beat:1000,1000\n\n\0", on: channel)
        test.loop.advanceTime(by: .seconds(120))
        #expect(!channel.isActive)
    }
}

/// A disk whose writes wait until the test is over.
private final class StandingStorage: SegmentStorage {
    private let memory = MemoryStorage()
    private let gate = DispatchSemaphore(value: 0)

    /// Lets all writes through, those to come too.
    func goOn() { gate.signal() }

    func create(_ number: Int) throws(FileError) { try memory.create(number) }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        gate.wait()
        gate.signal()
        try memory.write(bytes)
    }

    func synchronize() throws(FileError) { try memory.synchronize() }
    func delete(_ number: Int) throws(FileError) { try memory.delete(number) }
    func list() throws(FileError) -> [Int] { try memory.list() }
    func read(_ number: Int) throws(FileError) -> [UInt8] { try memory.read(number) }
    func truncate(_ number: Int, to bytes: Int) throws(FileError) { try memory.truncate(number, to: bytes) }
}
