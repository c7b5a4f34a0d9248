import DaemonSupport
import Foundation
import MusterTestSupport
import Testing

/// A broker that is killed while it takes persistent messages has every one that it gave a receipt for, once.
@Suite(.timeLimit(.minutes(2))) struct BrokerKillTests {
    private static let batch = 200

    @Test func whatHadAReceiptIsDeliveredAfterTheNextStart() async throws {
        try await TestSite.with { site in
            let killed = try await start(site)
            let sender = try client(site)
            var receipts: Set<Int> = []
            var sent = 0
            for _ in 0..<5 {
                send(sent..<sent + Self.batch, on: sender)
                sent += Self.batch
                var rest = Reader(sender)
                while receipts.count < sent, let frame = rest.next() {
                    receipts.formUnion(Self.number("receipt-id:r", frame))
                }
            }
            #expect(receipts.count == sent)
            // In the middle of the next: some of it is on disk, some is not, and nobody waits.
            send(sent..<sent + Self.batch, on: sender)
            sent += Self.batch
            killed.signal(SIGKILL)
            var rest = Reader(sender)
            while let frame = rest.next() { receipts.formUnion(Self.number("receipt-id:r", frame)) }
            try await poll("the broker is gone", within: .seconds(10)) { !killed.isRunning }

            let again = try await start(site)
            var found: [Int] = []
            var reader = Reader(try client(site))
            reader.connection.send(Array("SUBSCRIBE\ndestination:/queue/kept\n\n\0".utf8))
            while !receipts.isSubset(of: found), let frame = reader.next() {
                found += Self.number("number:", frame)
            }
            #expect(receipts.isSubset(of: found))
            #expect(Set(found).count == found.count)
            #expect(found == found.sorted())
            try await again.stop()

            // What was delivered is done with.
            try await start(site)
            let last = try client(site)
            last.send(
                Array("SUBSCRIBE\ndestination:/queue/kept\n\n\0SEND\ndestination:/queue/kept\nnumber:-1\n\n\0".utf8))
            var end = Reader(last)
            #expect(end.next().map { Self.number("number:", $0) } == [-1])
        }
    }

    @discardableResult
    private func start(_ site: TestSite) async throws -> ChildProcess {
        let process = try site.start(
            "broker-\(site.startedCount)", Program.musterExecutable(),
            [
                "serve", "broker", "--stomp", "127.0.0.1:\(site.publishPort)", "--data", site.file("data").path,
            ])
        try await poll("the broker listens", within: .seconds(30), every: .milliseconds(20)) {
            guard process.isRunning else { throw SiteError("the broker ended") }
            return LoopbackPorts.isAnswered(site.publishPort)
        }
        return process
    }

    private func client(_ site: TestSite) throws -> RawConnection {
        let connection = try RawConnection(port: site.publishPort)
        connection.send(Array("CONNECT\n\n\0".utf8))
        var reader = Reader(connection)
        guard let answer = reader.next(), answer.contains("CONNECTED") else { throw SiteError("not connected") }
        return connection
    }

    private func send(_ numbers: Range<Int>, on connection: RawConnection) {
        let body = String(repeating: "x", count: 1000)
        let frames = numbers.map {
            "SEND\ndestination:/queue/kept\npersistent:true\nreceipt:r\($0)\nnumber:\($0)\n\n\(body)\0"
        }
        connection.send(Array(frames.joined().utf8))
    }

    /// The number behind a word in a frame.
    private static func number(_ word: String, _ frame: String) -> [Int] {
        guard let start = frame.range(of: "\n\(word)")?.upperBound else { return [] }
        return Int(frame[start...].prefix { $0.isNumber || $0 == "-" }).map { [$0] } ?? []
    }
}

/// The frames of a connection whose bodies have no NUL, as texts.
private struct Reader {
    let connection: RawConnection
    private var bytes: [UInt8] = []
    private var start = 0

    init(_ connection: RawConnection) { self.connection = connection }

    /// Nil at the end of the connection, and after half a minute of silence.
    mutating func next() -> String? {
        while true {
            if let end = bytes[start...].firstIndex(of: 0) {
                defer { start = end + 1 }
                return String(decoding: bytes[start..<end], as: UTF8.self)
            }
            bytes = Array(bytes[start...])
            start = 0
            let more = connection.receive(64 << 10)
            guard !more.isEmpty else { return nil }
            bytes += more
        }
    }
}
