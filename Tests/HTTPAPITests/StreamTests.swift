@testable import HTTPAPI
import MusterCore
import MusterTestSupport
import ServiceLifecycle
import Testing

@Suite("live job output and events")
struct StreamTests {
    @Test func followingAJobGivesEveryUpdateToItsEnd() async throws {
        try await withServer { client, controller async throws in
            var updates: [JobUpdate] = []
            for try await group in try await client.follow(Sample.jobID) { updates += group }
            #expect(updates == Sample.updates)
            #expect(controller.calls == [.follow(Sample.jobID)])
        }
    }

    @Test("what happens together arrives together, an error after all of it")
    func groups() async throws {
        let controller = FakeController()
        let error = ControllerError.storeUnavailable(reason: "disk full")
        let many = Array(repeating: Sample.updates[1], count: 1000)
        controller.give(.of([Array(Sample.updates[...0]), many], then: error))
        try await withServer(controller) { client, _ async throws in
            var iterator = try await client.follow(Sample.jobID).makeAsyncIterator()
            var (updates, groups) = ([JobUpdate](), 0)
            await #expect(throws: error) {
                while let group = try await iterator.next() {
                    updates += group
                    groups += 1
                }
            }
            #expect(updates == [Sample.updates[0]] + many)
            #expect(groups < 500)
        }
    }

    @Test("an update arrives while the job still runs")
    func updatesArriveLive() async throws {
        let controller = FakeController()
        let job = controller.giveUpdates()
        try await withServer(controller) { client, _ async throws in
            let updates = try await client.follow(Sample.jobID)
            var iterator = updates.makeAsyncIterator()
            for update in Sample.updates {
                job.yield([update])
                #expect(try await iterator.next() == [update])
            }
            job.finish()
            #expect(try await iterator.next() == nil)
        }
    }

    @Test func eventsComeWithTheirGaps() async throws {
        try await withServer { client, controller async throws in
            var batches: [EventBatch] = []
            let query = EventQuery(tag: "salt/job/*", after: 0, follows: false)
            for try await batch in try await client.events(query) { batches.append(batch) }
            #expect(batches == Sample.batches)
            #expect(controller.calls == [.events(query)])
        }
    }

    @Test("events carry their sequence as id, and gaps where to go on")
    func eventText() async throws {
        try await withServer { client, _ async throws in
            let text = try await RawConnection(client.socketPath).exchange(request("GET /v1/events?follow=false"))
            #expect(text.contains("text/event-stream"))
            #expect(text.contains("event: event\nid: 1\ndata: {\"sequence\":1,\"tag\":\"salt/job/"))
            #expect(text.contains("event: gap\nid: 42\ndata: {\"after\":2,\"count\":40}\n\n"))
        }
    }

    @Test("a client that reconnects goes on after the last event it saw", arguments: [nil, "after=3", "after=99"])
    func resume(parameter: String?) async throws {
        try await withServer { client, controller async throws in
            let line = "GET /v1/events?follow=false" + (parameter.map { "&" + $0 } ?? "")
            _ = try await RawConnection(client.socketPath).exchange(request(line, headers: ["Last-Event-ID: 17"]))
            #expect(controller.calls == [.events(EventQuery(after: 17, follows: false))])
        }
    }

    @Test("an idle stream shows that it is alive")
    func heartbeat() async throws {
        let controller = FakeController()
        let job = controller.giveUpdates()
        try await withServer(controller, heartbeat: .milliseconds(10)) { client, _ async throws in
            let text = try await RawConnection(client.socketPath)
                .exchange(request("GET /v1/jobs/\(Sample.jobID)/follow")) {
                    ServerSentEventCount.heartbeats(in: $0) >= 4
                }
            #expect(ServerSentEventCount.heartbeats(in: text) >= 4)
        }
        job.finish()
    }

    @Test("a client that goes away ends the controller's stream, without waiting for a write to fail")
    func disconnect() async throws {
        let controller = FakeController()
        let job = controller.giveUpdates()
        let (ended, signal) = AsyncStream<Void>.makeStream()
        job.onTermination = { _ in signal.finish() }
        try await withServer(controller) { client, _ async throws in
            job.yield([Sample.updates[0]])
            for try await group in try await client.follow(Sample.jobID) {
                #expect(group == [Sample.updates[0]])
                break
            }
            for await _ in ended {}
        }
    }

    @Test("cancelling the task that waits for an update ends the stream")
    func cancelledReader() async throws {
        let controller = FakeController()
        let job = controller.giveUpdates()
        let (ended, signal) = AsyncStream<Void>.makeStream()
        job.onTermination = { _ in signal.finish() }
        try await withServer(controller) { client, _ async throws in
            let updates = try await client.follow(Sample.jobID)
            let (reading, hasRead) = AsyncStream<Void>.makeStream()
            let reader = Task {
                for try await _ in updates { hasRead.finish() }
            }
            job.yield([Sample.updates[0]])
            for await _ in reading {}
            reader.cancel()
            _ = await reader.result
            for await _ in ended {}
        }
    }

    @Test("a stream that fails on the way ends with the controller's error")
    func failureInMidStream() async throws {
        let controller = FakeController()
        controller.give(.of([[Sample.updates[0]]], then: ControllerError.storeUnavailable(reason: "disk full")))
        try await withServer(controller) { client, _ async throws in
            var iterator = try await client.follow(Sample.jobID).makeAsyncIterator()
            #expect(try await iterator.next() == [Sample.updates[0]])
            await #expect(throws: ControllerError.storeUnavailable(reason: "disk full")) { try await iterator.next() }
        }
    }

    @Test("graceful shutdown ends open streams with an error event and then the server")
    func shutdown() async throws {
        let controller = FakeController()
        let job = controller.giveUpdates()
        try await withTemporaryFolder { folder async throws in
            let path = folder + "/control.sock"
            let (listening, signal) = AsyncStream<Void>.makeStream()
            let server = APIServer(serving: controller, configuration: .init(socketPath: path), logger: .quiet) {
                signal.finish()
            }
            let services = ServiceGroup(services: [server], logger: .quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await services.run() }
                for await _ in listening {}
                let client = ControllerClient(socketPath: path)
                var iterator = try await client.follow(Sample.jobID).makeAsyncIterator()
                job.yield([Sample.updates[0]])
                #expect(try await iterator.next() == [Sample.updates[0]])
                await services.triggerGracefulShutdown()
                await #expect(throws: ControllerError.shuttingDown) { try await iterator.next() }
                try await group.waitForAll()
                await #expect(throws: ClientError.noSocket(path: path)) { try await client.status() }
            }
        }
        job.finish()
    }

    @Test("a reader that stops reading stops the controller's stream instead of filling memory")
    func backPressure() async throws {
        let produced = Counter()
        let controller = FakeController()
        let big = NodeAnswer(
            node: Sample.web, function: "cmd.run", value: .string(String(repeating: "x", count: 32 << 10)),
            returnCode: 0,
            hasSucceeded: true, outputter: nil, received: Sample.time, isExpected: true)
        controller.give(
            AsyncThrowingStream { produced.next() <= 100 ? [.answered(big, .ok)] : nil })
        try await withServer(controller) { client, _ async throws in
            var iterator = try await client.follow(Sample.jobID).makeAsyncIterator()
            #expect(try await iterator.next() == [.answered(big, .ok)])
            // Another whole exchange passes through the same server while nobody reads the stream.
            for _ in 0..<100 { _ = try await client.status() }
            #expect(produced.value < 60)
            var rest = 0
            while let group = try await iterator.next() { rest += group.count }
            #expect(rest == 99)
        }
    }
}

private enum ServerSentEventCount {
    /// Counted in bytes: with CR LF around it a line feed is part of another character.
    static func heartbeats(in text: String) -> Int {
        text.utf8.split(separator: UInt8(ascii: "\n")).count { $0.elementsEqual(":".utf8) }
    }
}
