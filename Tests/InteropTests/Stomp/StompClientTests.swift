import Foundation
import MusterTestSupport
import Testing

/// An independent client, stomp.py, in each version of the protocol, at our broker.
@Suite("stomp.py at our broker", Peers.needed(StompClient.executable, installedBy: StompClient.script), .serialized)
struct StompClientTests {
    @Test("every call has its effect", arguments: StompClient.Version.allCases)
    func calls(version: StompClient.Version) async throws {
        try await TestSite.with { site async throws in
            let broker = try await CollectiveBroker.ours.start(in: site, port: site.publishPort)
            for call in StompClient.calls(in: version) {
                let output = try await StompClient.program(version, port: broker.port).run([call])
                #expect(output.status == 0, "\(output)")
            }
        }
    }
}

/// `client.py`, which makes the calls.
enum StompClient {
    static let executable = "stomp/bin/python"
    static let script = "scripts/peers/install-stomp.sh"
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "client.py").path

    enum Version: String, CaseIterable {
        case v1_0 = "1.0"
        case v1_1 = "1.1"
        case v1_2 = "1.2"
    }

    /// To be run with a call and what belongs to it.
    static func program(_ version: Version, port: Int) throws -> Program {
        Program(
            executable: try Peers.executable(executable, installedBy: script),
            prefix: [file, "\(port)", version.rawValue])
    }

    /// What exists in that version.
    static func calls(in version: Version) -> [String] {
        let always = [
            "topic", "queue_keeps", "unsubscribed", "ack_client", "transaction", "transaction_ack", "receipts",
            "reply_queue", "temporary_queue", "selector", "bad_selector", "odd_bodies", "priority", "expired",
            "wrong_password",
        ]
        guard version != .v1_0 else { return always }
        return always + ["ack_individual", "nack", "heart_beats", "odd_headers"]
    }
}
