import FoundationEssentials
import HTTPAPI
import MusterTestSupport
import Testing

@Suite("the socket file")
struct SocketFileTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("belongs to its owner only, in a folder that does too, and goes at the end")
    func permissions() async throws {
        try await withTemporaryFolder { folder async throws in
            let path = folder + "/a/b/control.sock"
            try await withRunning(.init(socketPath: path), FakeController()) { () async throws in
                #expect(try mode(path) == 0o600)
                #expect(try mode(folder + "/a/b") == 0o700)
                #expect(try mode(folder + "/a") == 0o700)
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("that nobody listens at any more is replaced")
    func stale() async throws {
        try await withTemporaryFolder { folder async throws in
            let path = folder + "/control.sock"
            try leaveStaleSocket(at: path)
            try await withRunning(.init(socketPath: path), FakeController()) { () async throws in
                #expect(try await ControllerClient(socketPath: path).status() == Sample.status)
            }
        }
    }

    @Test("of a living controller is left alone")
    func live() async throws {
        try await withServer { client, _ async throws in
            let second = APIServer(
                serving: FakeController(), configuration: .init(socketPath: client.socketPath), logger: .quiet)
            await #expect(throws: APIServerError.inUse(path: client.socketPath)) { try await second.run() }
            #expect(try await client.status() == Sample.status)
        }
    }

    @Test("never takes the place of another file")
    func otherFile() async throws {
        try await withTemporaryFolder { folder async throws in
            let path = folder + "/precious"
            try "data".write(toFile: path, atomically: true, encoding: .utf8)
            let server = APIServer(serving: FakeController(), configuration: .init(socketPath: path), logger: .quiet)
            await #expect(throws: APIServerError.notASocket(path: path)) { try await server.run() }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "data")
        }
    }

    @Test func pathTooLong() async throws {
        let path = "/tmp/" + String(repeating: "x", count: 200)
        let server = APIServer(serving: FakeController(), configuration: .init(socketPath: path), logger: .quiet)
        await #expect(throws: APIServerError.pathTooLong(path: path, limitBytes: 107)) { try await server.run() }
    }
}
