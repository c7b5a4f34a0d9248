@testable import HTTPAPI
import MusterCore
import Testing

@Suite("what the server says to bad requests")
struct ServerErrorTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        var line: String
        var body: String?
        var status: Int
        var code: String
        var says: String
        var testDescription: String { "\(line) \(body ?? "")" }

        init(_ line: String, _ body: String? = nil, _ status: Int, _ code: String, says: String) {
            (self.line, self.body, self.status, self.code, self.says) = (line, body, status, code, says)
        }
    }

    @Test(
        "says what is wrong and where",
        arguments: [
            Bad("POST /v1/jobs", "{nope", 400, "bad-json", says: "at byte 1: a key in quotes"),
            Bad("POST /v1/jobs", "", 400, "bad-json", says: "at byte 0"),
            Bad("POST /v1/jobs", "[]", 400, "bad-field", says: "expected a map, found a list"),
            Bad("POST /v1/jobs", #"{"target":{"expression":"*"}}"#, 400, "bad-field", says: "'calls': is missing"),
            Bad(
                "POST /v1/jobs", #"{"calls":[{"function":5}],"target":{"expression":"*"}}"#, 400, "bad-field",
                says: ".function': expected text, found an integer"),
            Bad(
                "POST /v1/jobs", #"{"calls":[],"target":{"expression":"*","kind":"moon"}}"#, 400, "bad-field",
                says: "'target.kind'"),
            Bad(
                "POST /v1/jobs", #"{"calls":[],"target":{"expression":"*"},"batch":"0%"}"#, 400, "bad-field",
                says: "'0%' is no batch size"),
            Bad("POST /v1/keys", #"{"action":"eat","match":["*"]}"#, 400, "bad-field", says: "'action'"),
            Bad("POST /v1/preview", #"{"kind":"glob"}"#, 400, "bad-field", says: "'expression': is missing"),
            Bad("GET /v1/jobs?limit=0", nil, 400, "bad-parameter", says: "a number from 1 to 10000"),
            Bad("GET /v1/jobs?limt=5", nil, 400, "bad-parameter", says: "'limt': this route takes limit, before"),
            Bad("GET /v1/jobs?function=%zz", nil, 400, "bad-parameter", says: "percent-encoding"),
            Bad("GET /v1/jobs/123", nil, 400, "bad-parameter", says: "'123' is not a job id"),
            Bad("GET /v1/nodes/%2e%2e", nil, 400, "bad-parameter", says: "is not a node id"),
            Bad("GET /v1/nodes/a%2fb", nil, 400, "bad-parameter", says: "is not a node id"),
            Bad("GET /v1/nodes?target=*&kind=moon", nil, 400, "bad-parameter", says: "is none of glob, pcre"),
            Bad("GET /v1/nodes?kind=glob", nil, 400, "bad-parameter", says: "'target': is missing"),
            Bad("GET /v1/events?follow=perhaps", nil, 400, "bad-parameter", says: "true or false"),
            Bad("GET /v1/events?after=-1", nil, 400, "bad-parameter", says: "a number from 0"),
            Bad("GET /", nil, 404, "no-such-route", says: "there is no GET / here"),
            Bad("GET /v1/moon", nil, 404, "no-such-route", says: "there is no GET /v1/moon here"),
            Bad("DELETE /v1/jobs", nil, 404, "no-such-route", says: "there is no DELETE /v1/jobs here"),
        ])
    func refuses(_ bad: Bad) async throws {
        try await withServer { client, controller async throws in
            let answer = try await RawConnection(client.socketPath).exchange(request(bad.line, body: bad.body))
            #expect(answer.hasPrefix("HTTP/1.1 \(bad.status) "))
            let body = try JSON.value(String(answer.split(separator: "\r\n\r\n", maxSplits: 1)[1]))
            #expect(body["error"]?["code"] == .string(bad.code))
            #expect(body["error"]?["message"]?.string?.contains(bad.says) == true, "\(body)")
            #expect(controller.calls == [])
        }
    }

    @Test("a body over the limit is refused before it is read", arguments: [true, false])
    func oversizedBody(declaresLength: Bool) async throws {
        try await withServer(maxBodyBytes: 1000) { client, controller async throws in
            let padding = String(repeating: " ", count: 2000)
            let text =
                declaresLength
                ? request("POST /v1/jobs", body: padding)
                : request("POST /v1/jobs", headers: ["Transfer-Encoding: chunked"]) + "7d0\r\n\(padding)\r\n0\r\n\r\n"
            let answer = try await RawConnection(client.socketPath).exchange(text)
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.contains(#""code":"body-too-large","message":"the request body is larger than 1000 bytes""#))
            #expect(controller.calls == [])
        }
    }

    @Test(
        "garbage on a connection harms nobody else",
        arguments: [
            "\u{0}\u{1}\u{2}garbage\r\n\r\n", "GET\r\n\r\n", "POST /v1/jobs HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
            "GET / HTTP/9.9\r\n\r\n",
            "GET /v1/status HTTP/1.1\r\n" + String(repeating: "x: y\r\n", count: 2000) + "\r\n",
        ])
    func garbage(text: String) async throws {
        try await withServer { client, controller async throws in
            let answer = try await RawConnection(client.socketPath).exchange(text)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 "))
            #expect(controller.calls == [])
            #expect(try await client.status() == Sample.status)
        }
    }

    @Test("root and the controller's own user are let in, nobody else")
    func peers() {
        #expect(Peer(uid: 0).isAllowed)
        #expect(!Peer(uid: 4_000_000_000).isAllowed)
    }

    @Test(
        "only root is believed, and only for whom it acts",
        arguments: [
            (0, "sudo_ann", "sudo_ann"), (0, "ann", "root"), (0, "", "root"), (0, "sudo_a b", "root"),
            (0, "sudo_../x", "root"), (4_000_000_000, "sudo_ann", "uid-4000000000"),
            (4_000_000_000, "root", "uid-4000000000"),
        ] as [(UInt32, String, String)])
    func users(uid: UInt32, claimed: String, user: String) {
        #expect(Peer(uid: uid).user(claimed: claimed) == user)
    }
}
