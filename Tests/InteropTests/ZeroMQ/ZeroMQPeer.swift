import BusTransport
import Foundation
import NIOCore
import Testing
import ZMTP

/// A libzmq socket in a process of its own (`peer.py`), told what to do line by line.
///
/// Used by one test at a time, which takes turns with it: the state is only touched between a line and its answer.
final class ZeroMQPeer: Sendable {
    static let executable = "pyzmq/bin/python"
    static let script = "scripts/peers/install-pyzmq.sh"

    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    private let process: Process
    private let input: FileHandle
    private let output: FileHandle

    /// Starts a socket that connects to one of ours.
    convenience init(_ type: String, connectingTo endpoint: Endpoint, _ options: String...) throws {
        try self.init([type, "connect", "tcp://\(endpoint)"] + options)
    }

    /// Starts a socket that listens on a free port of loopback.
    static func bound(_ type: String, _ options: String...) async throws -> (ZeroMQPeer, Endpoint) {
        let peer = try ZeroMQPeer([type, "bind", "tcp://127.0.0.1:0"] + options)
        let line = try await peer.answer()
        guard line.hasPrefix("bound "), let endpoint = Endpoint(String(line.dropFirst(6))) else {
            throw Unexpected(description: line)
        }
        return (peer, endpoint)
    }

    private init(_ arguments: [String]) throws {
        let peer = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "peer.py")
        let standardInput = Pipe()
        let standardOutput = Pipe()
        process = Process()
        process.executableURL = try Peers.executable(ZeroMQPeer.executable, installedBy: ZeroMQPeer.script)
        process.arguments = [peer.path] + arguments
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        input = standardInput.fileHandleForWriting
        output = standardOutput.fileHandleForReading
        try process.run()
    }

    deinit {
        // The script ends with its input.
        try? input.close()
    }

    /// Stops the process where it stands: its socket stays connected and says nothing more.
    func freeze() {
        kill(process.processIdentifier, SIGSTOP)
    }

    func end() {
        kill(process.processIdentifier, SIGKILL)
    }

    /// Has a message sent.
    func send(_ frames: String...) async throws {
        try await expect(
            "sent", from: (["send"] + frames.map { ZeroMQPeer.hex(Array($0.utf8)) }).joined(separator: " "))
    }

    /// Has a message sent.
    func send(_ message: Message) async throws {
        let frames = message.frames.map { ZeroMQPeer.hex(Array($0.readableBytesView)) }
        try await expect("sent", from: (["send"] + frames).joined(separator: " "))
    }

    /// The next message that it received.
    func receive() async throws -> [String] {
        try await receiveBytes().map { String(decoding: $0, as: UTF8.self) }
    }

    func receiveBytes() async throws -> [[UInt8]] {
        let line = try await command("recv")
        guard line.hasPrefix("frames ") else { throw Unexpected(description: line) }
        return line.dropFirst(7).split(separator: " ").map(ZeroMQPeer.bytes)
    }

    /// Gives a command whose only good answer is known.
    func expect(_ answer: String, from line: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let given = try await command(line)
        #expect(given == answer, sourceLocation: sourceLocation)
    }

    func command(_ line: String) async throws -> String {
        try input.write(contentsOf: Data((line + "\n").utf8))
        return try await answer()
    }

    private func answer() async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            let output = self.output
            // Reading blocks, so it must not be done by a thread of the tasks.
            Thread.detachNewThread { continuation.resume(with: Result { try ZeroMQPeer.readLine(from: output) }) }
        }
    }

    private static func readLine(from handle: FileHandle) throws -> String {
        var line = Data()
        while true {
            guard let bytes = try handle.read(upToCount: 1), !bytes.isEmpty else {
                throw Unexpected(description: "the peer has ended")
            }
            guard bytes[0] != UInt8(ascii: "\n") else { return String(decoding: line, as: UTF8.self) }
            line.append(bytes)
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        guard !bytes.isEmpty else { return "-" }
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bytes(_ text: Substring) -> [UInt8] {
        guard text != "-" else { return [] }
        let digits = text.utf8.map { UInt8($0 < 58 ? $0 - 48 : $0 - 87) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
