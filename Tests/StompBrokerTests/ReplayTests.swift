import Foundation
import MusterCore
import NIOCore
import STOMP
import StompBroker
import Testing

/// Captured sessions of unchanged clients, with our core in the place of the broker: they hear what they heard then.
struct ReplayTests {
    /// One thing that a client said, or heard.
    struct Step {
        let peer: String
        let isSaid: Bool
        let bytes: [UInt8]
    }

    struct Session: Sendable, CustomTestStringConvertible {
        let name: String
        let frames: Value

        var testDescription: String { name }

        func steps() throws -> [Step] {
            try (frames.array ?? []).compactMap { frame in
                guard let raw = frame["raw_base64"]?.string, let peer = frame["peer"]?.string else { return nil }
                let bytes = [UInt8](try #require(Data(base64Encoded: raw)))
                return Step(peer: peer, isSaid: frame["direction"]?.string == "to broker", bytes: bytes)
            }
        }
    }

    static func sessions() throws -> [Session] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/mcollective")
        func load(_ file: String) throws -> Value {
            try JSON.value([UInt8](try Data(contentsOf: folder.appending(path: file))))
        }
        var sessions = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix("session-") }.sorted()
            .map { Session(name: $0, frames: try load($0)["frames"] ?? .null) }
        for session in try load("client-sessions.json")["sessions"]?.array ?? [] {
            let (client, broker) = (session["client"]?.string ?? "", session["broker"]?.string ?? "")
            // The other two brokers answered some of this with errors.
            guard ["rabbitmq", "activemq"].contains(broker) else { continue }
            sessions.append(Session(name: "\(client), \(broker)", frames: session["frames"] ?? .null))
        }
        return sessions
    }

    @Test("unchanged clients hear what they heard from their broker", arguments: try sessions())
    func replays(_ session: Session) throws {
        let steps = try session.steps()
        let stage = Stage(secrets: try secrets(in: steps))
        var clients: [String: Stage.Client] = [:]
        var heard: [String: [Frame]] = [:]
        for step in steps where step.isSaid {
            guard let client = clients[step.peer] else {
                clients[step.peer] = stage.client(version(of: step.peer, in: steps))
                continue
            }
            let then = try frames(heardBy: step.peer, in: steps, as: client.peer.version)
            for (peer, client) in clients { heard[peer, default: []] += client.frames() }
            client.say(renamed(try frame(step, as: client.peer.version), then: then, now: heard[step.peer] ?? []))
            #expect(client.error == nil)
        }
        for (peer, client) in clients {
            let now = ((heard[peer] ?? []) + client.frames()).compactMap(summary)
            let then = try frames(heardBy: peer, in: steps, as: client.peer.version).compactMap(summary)
            // The capture leaves some nodes out, whose answers nobody gives here.
            let said = try bodiesSaid(in: steps)
            #expect(now.sorted() == then.filter { said.contains($0.body) }.sorted(), "\(peer)")
        }
    }

    struct Summary: Comparable {
        let subscription: String
        let body: String

        static func < (left: Summary, right: Summary) -> Bool {
            (left.subscription, left.body) < (right.subscription, right.body)
        }
    }

    /// What a client heard, without what brokers call differently.
    private func summary(_ frame: Frame) -> Summary? {
        switch frame.command {
        case .message: Summary(subscription: frame.headers["subscription"] ?? "", body: "\(frame.body)")
        case .receipt: Summary(subscription: "receipt", body: frame.headers["receipt-id"] ?? "")
        default: nil
        }
    }

    private func frames(heardBy peer: String, in steps: [Step], as version: Version) throws -> [Frame] {
        try steps.filter { $0.peer == peer && !$0.isSaid }.map { try frame($0, as: version) }
    }

    /// All bodies that were sent in the capture, and all receipts that were asked for.
    private func bodiesSaid(in steps: [Step]) throws -> Set<String> {
        let frames = try steps.filter(\.isSaid).map { try frame($0, as: .v1_0) }
        return Set(frames.flatMap { ["\($0.body)", $0.headers["receipt"] ?? ""] })
    }

    /// An ACK with the id that we gave the message, in the place of the one that it had then.
    private func renamed(_ frame: Frame, then: [Frame], now: [Frame]) -> Frame {
        guard frame.command == .ack else { return frame }
        var headers = frame.headers
        for (name, source) in [("id", "ack"), ("message-id", "message-id")] {
            guard let id = frame.headers[name], let old = then.first(where: { $0.headers[source] == id }),
                let new = now.first(where: { $0.body == old.body })?.headers[source]
            else { continue }
            headers.remove(name)
            headers.append(name, new)
        }
        return Frame(asRead: .ack, headers: headers)
    }

    private func frame(_ step: Step, as version: Version) throws -> Frame {
        var decoder = FrameDecoder(version: version)
        decoder.received(ByteBuffer(bytes: step.bytes))
        return try #require(try decoder.next())
    }

    private func version(of peer: String, in steps: [Step]) -> Version {
        let connected = steps.first { $0.peer == peer && !$0.isSaid }.map { String(decoding: $0.bytes, as: UTF8.self) }
        return Version.allCases.last { connected?.contains("\nversion:\($0.rawValue)\n") == true } ?? .v1_0
    }

    /// The names that the broker gave to reply queues, in the order in which they were asked for: replies in the capture are
    /// sent to them.
    private func secrets(in steps: [Step]) throws -> [String] {
        var asked: Set<String> = []
        var names: [String] = []
        let frames = try steps.map { (step: $0, frame: try frame($0, as: .v1_0)) }
        for (step, request) in frames where step.isSaid && request.command == .send {
            guard let replyTo = request.headers["reply-to"], replyTo.hasPrefix("/temp-queue/"),
                asked.insert(step.peer + replyTo).inserted
            else { continue }
            let received = frames.first { !$0.step.isSaid && $0.frame.body == request.body }?.frame
            let shown = received?.headers["reply-to"]?.split(separator: "/").last
            names.append(shown.map(String.init) ?? "unseen\(names.count)")
        }
        return names
    }
}
