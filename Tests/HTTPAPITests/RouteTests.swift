@testable import HTTPAPI
import MusterCore
import Testing

@Suite("every route, through the client and back")
struct RouteTests {
    /// What the server puts in the place of the name the client claims.
    private let user = LoginName.current.hasPrefix("sudo_") ? "root" : LoginName.current

    @Test("publishing hands the request on with the peer's own name")
    func publish() async throws {
        try await withServer { client, controller async throws in
            #expect(try await client.publish(Sample.request) == Sample.receipt)
            var expected = Sample.request
            expected.user = user
            #expect(controller.calls == [.publish(expected)])
        }
    }

    @Test("a minimal request gets the defaults")
    func publishMinimal() async throws {
        try await withServer { client, controller async throws in
            let body = #"{"calls": [{"function": "test.ping"}], "target": {"expression": "web*"}}"#
            let answer = try await RawConnection(client.socketPath).exchange(request("POST /v1/jobs", body: body))
            #expect(answer.hasPrefix("HTTP/1.1 201 Created\r\n"))
            #expect(
                controller.calls == [
                    .publish(JobRequest(calls: [FunctionCall("test.ping")], target: Target(.glob, "web*"), user: user))
                ])
        }
    }

    @Test func jobsAndTheirDetails() async throws {
        try await withServer { client, controller async throws in
            let query = JobQuery(limit: 7, before: Sample.jobID, onlyOpen: true, function: "cmd.run")
            #expect(try await client.jobs(query) == [Sample.storedJob])
            #expect(try await client.jobs(JobQuery()) == [Sample.storedJob])
            #expect(try await client.job(Sample.jobID) == Sample.report)
            #expect(try await client.why(Sample.jobID, Sample.odd) == Sample.timeline)
            #expect(try await client.cancel(Sample.jobID, by: "mallory") == Sample.report)
            #expect(
                controller.calls == [
                    .jobs(query), .jobs(JobQuery()), .job(Sample.jobID), .why(Sample.jobID, Sample.odd),
                    .cancel(Sample.jobID, user: user),
                ])
        }
    }

    @Test func answersOfAllOrSomeNodes() async throws {
        try await withServer { client, controller async throws in
            #expect(try await client.answers(of: Sample.jobID, nodes: nil) == Sample.answers)
            #expect(try await client.answers(of: Sample.jobID, nodes: [Sample.odd]) == [Sample.answers[1]])
            #expect(try await client.answers(of: Sample.jobID, nodes: []) == [])
            #expect(controller.calls == [.answers(Sample.jobID, nil), .answers(Sample.jobID, [Sample.odd])])
        }
    }

    @Test("a node list too long for a request line narrows in the client")
    func manyNodes() async throws {
        try await withServer { client, controller async throws in
            let crowd = (0..<5000).map { NodeID("node\($0)")! }
            #expect(try await client.answers(of: Sample.jobID, nodes: crowd + [Sample.web]) == [Sample.answers[0]])
            #expect(controller.calls == [.answers(Sample.jobID, nil)])
        }
    }

    @Test func keys() async throws {
        try await withServer { client, controller async throws in
            #expect(try await client.keys() == Sample.keys)
            let change = KeyChange(action: .accept, match: ["web*"], states: [.pending, .rejected], user: "mallory")
            #expect(try await client.change(change) == Sample.keys)
            #expect(try await client.ownFingerprint() == "a1:b2")
            var expected = change
            expected.user = user
            #expect(controller.calls == [.keys, .change(expected), .fingerprint])
        }
    }

    @Test func nodesAndTargets() async throws {
        try await withServer { client, controller async throws in
            #expect(try await client.nodes(nil) == [Sample.summary])
            #expect(try await client.nodes(Sample.target) == [Sample.summary])
            #expect(try await client.node(Sample.odd) == Sample.detail)
            #expect(try await client.preview(Sample.target) == Sample.preview)
            #expect(
                controller.calls == [
                    .nodes(nil), .nodes(Sample.target), .node(Sample.odd), .preview(Sample.target),
                ])
        }
    }

    @Test func status() async throws {
        try await withServer { client, _ async throws in #expect(try await client.status() == Sample.status) }
    }

    @Test("health is 200 while the store works and 503 while it does not")
    func health() async throws {
        try await withServer { client, controller async throws in
            let well = try await RawConnection(client.socketPath).exchange(request("GET /v1/health"))
            #expect(well.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(well.contains(#"{"status":"ok""#))
            controller.failStore("disk full")
            let ill = try await RawConnection(client.socketPath).exchange(request("GET /v1/health"))
            #expect(ill.hasPrefix("HTTP/1.1 503 "))
            #expect(ill.contains(#"{"status":"failing","store":{"failure":"disk full""#))
        }
    }

    @Test("several calls at the same time do not disturb each other")
    func parallelCalls() async throws {
        try await withServer { client, controller async throws in
            try await withThrowingTaskGroup(of: JobReport.self) { group in
                for _ in 0..<50 { group.addTask { try await client.job(Sample.jobID) } }
                for try await report in group { #expect(report == Sample.report) }
            }
            #expect(controller.calls.count == 50)
        }
    }
}
