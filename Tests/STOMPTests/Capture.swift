import Foundation
import MusterCore
import STOMP
import Testing

/// One direction of a captured connection: what one peer said, and which version was agreed upon.
struct Capture: Sendable, CustomTestStringConvertible {
    let name: String
    /// Nil when the stream begins before a version is agreed upon and none is announced.
    let version: Version?
    /// The bytes, with the LF between frames.
    var bytes: [UInt8] = []
    /// The frames as captured, each with its NUL.
    var frames: [[UInt8]] = []

    var testDescription: String { name }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Vectors")

    static func load(_ file: String) throws -> Value {
        try JSON.value([UInt8](try Data(contentsOf: folder.appending(path: "mcollective/\(file).json"))))
    }

    /// The streams of `session-*.json` and `client-sessions.json`.
    static func sessions() throws -> [Capture] {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "mcollective").path)
            .filter { $0.hasPrefix("session-") }.sorted().map { String($0.dropLast(5)) }
        var captures = try files.flatMap { try streams(of: try load($0), name: $0) }
        let clients = try load("client-sessions")
        for (index, session) in (clients["sessions"]?.array ?? []).enumerated() {
            let client = session["client"]?.string ?? ""
            captures += try streams(of: session, name: "\(index) \(client), \(session["broker"]?.string ?? "")")
        }
        return captures
    }

    private static func streams(of session: Value, name: String) throws -> [Capture] {
        let captured = session["frames"]?.array ?? []
        var streams: [String: Capture] = [:]
        for frame in captured {
            guard let peer = frame["peer"]?.string, let direction = frame["direction"]?.string else { continue }
            let key = "\(name): \(peer) \(direction)"
            var stream = streams[key] ?? Capture(name: key, version: version(of: peer, in: captured))
            if frame["eol"] != nil { stream.bytes.append(0x0a) }
            if let raw = frame["raw_base64"]?.string {
                let bytes = [UInt8](try #require(Data(base64Encoded: raw)))
                stream.bytes += bytes
                stream.frames.append(bytes)
            }
            if !stream.bytes.isEmpty { streams[key] = stream }
        }
        return streams.values.sorted { $0.name < $1.name }
    }

    /// What CONNECTED says; 1.0 when it does not.
    private static func version(of peer: String, in frames: [Value]) -> Version? {
        let connected = frames.first { $0["peer"]?.string == peer && $0["command"]?.string == "CONNECTED" }
        let header = connected?["headers"]?.array?.first { $0.array?.first?.string == "version" }
        return header?.array?.last?.string.flatMap { Version(rawValue: $0) } ?? .v1_0
    }

    /// Both directions of each scenario of `broker-behaviour.json`, as far as they are frames at all.
    static func scenarios() throws -> [Capture] {
        var captures: [Capture] = []
        for result in try load("broker-behaviour")["results"]?.array ?? [] {
            let name = "\(result["scenario"]?.string ?? ""), \(result["broker"]?.string ?? "")"
            let log = result["log"]?.array ?? []
            let text = { (entry: Value) in entry.array.map { $0.count > 1 ? $0[1].string ?? "" : "" } ?? "" }
            let received = log.filter { $0.array?.first?.string == "recv" }.map(text).joined()
            let version = Version.allCases.last { received.contains("\nversion:\($0.rawValue)\n") } ?? .v1_0
            for direction in ["send", "recv"] {
                let said = log.filter { $0.array?.first?.string == direction }.map(text).joined()
                // The file has bytes as Latin-1.
                let bytes = said.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
                captures.append(Capture(name: "\(name), \(direction)", version: version, bytes: bytes))
            }
        }
        return captures
    }

    /// The frames of `puppet/stomp`.
    static func puppet() throws -> [Capture] {
        let root = folder.appending(path: "puppet/stomp")
        return try FileManager.default.contentsOfDirectory(atPath: root.path).sorted().map { file in
            let bytes = [UInt8](try Data(contentsOf: root.appending(path: file)))
            let version: Version = file.contains("1.2") ? .v1_2 : .v1_0
            return Capture(name: file, version: version, bytes: bytes, frames: [bytes])
        }
    }
}
