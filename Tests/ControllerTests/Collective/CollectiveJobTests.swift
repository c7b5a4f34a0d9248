import CollectiveBus
import CollectiveTestSupport
import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

@testable import Controller

/// Jobs of a controller whose nodes stand behind a broker.
@Suite(.timeLimit(.minutes(1)))
struct CollectiveJobTests {
    @Test("a job expects whom discovery finds, and ends with an answer of each", arguments: Connector.allCases)
    func runs(connector: Connector) async throws {
        try await with(connector, nodes: ["web1", "web2", "db1"]) { controller, _, _ in
            let receipt = try await controller.publish(request(.init(.glob, "web*"), "rpcutil.ping"))
            #expect(receipt.expected.map(\.text) == ["web1", "web2"])
            let report = try await ended(receipt.job, controller)
            #expect(report.nodes.map(\.outcome) == [.ok, .ok])
            #expect(report.unexpected == [])
            let answers = try await controller.answers(of: receipt.job, nodes: nil)
            #expect(answers.allSatisfy { $0.value == .map(["pong": .int(7)]) })
            #expect(answers.allSatisfy { $0.function == "rpcutil.ping" })
        }
    }

    @Test("facts, lists and names with other words choose as on Salt's wire")
    func targets() async throws {
        let table: [(Target, [String])] = [
            (Target(.glob, "*"), ["db1", "web1"]), (Target(.glob, "db1"), ["db1"]),
            (Target(.glob, "?eb[0-9]"), ["web1"]),
            (Target(.pcre, "w.*1"), ["web1"]), (Target(.list, "web1,db1"), ["db1", "web1"]),
            (Target(.facts, "os:Deb*"), ["db1", "web1"]), (Target(.facts, "os:RedHat"), []),
            (Target(.factsPCRE, "os:D.bian"), ["db1", "web1"]), (Target(.pillar, "a:b"), []),
        ]
        try await with(.rabbitmq, nodes: ["web1", "db1"]) { controller, _, _ in
            for (target, expected) in table {
                let preview = try await controller.preview(target)
                #expect(preview.nodes.map(\.node.text) == expected, "\(target)")
            }
        }
    }

    @Test("a list names those that nobody knows on either wire")
    func names() async throws {
        try await with(.activemq, nodes: ["web1"]) { controller, _, _ in
            let preview = try await controller.preview(Target(.list, "web1,nobody"))
            #expect(preview.missing == ["nobody"])
            await #expect(throws: ControllerError.unknownNodes(["nobody"])) {
                try await controller.publish(request(Target(.list, "web1,nobody"), "rpcutil.ping"))
            }
        }
    }

    @Test("an answer that says no is a failure with its code and words")
    func fails() async throws {
        try await with(.rabbitmq, nodes: ["web1"]) { controller, _, _ in
            let receipt = try await controller.publish(request(.init(.glob, "*"), "rpcutil.inventory"))
            let report = try await ended(receipt.job, controller)
            #expect(report.nodes.map(\.outcome) == [.failed(code: 1)])
            let answers = try await controller.answers(of: receipt.job, nodes: nil)
            #expect(answers.map(\.value) == [.string("inventory is nothing for web1")])
        }
    }

    @Test("silence ends as timed out, and says that nobody there can be asked")
    func silence() async throws {
        try await with(.rabbitmq, nodes: ["web1", "web2"]) { controller, nodes, _ in
            nodes[1].fallSilent()
            var request = request(.init(.glob, "*"), "rpcutil.ping")
            request.timeout = .milliseconds(200)
            let receipt = try await controller.publish(request)
            let report = try await ended(receipt.job, controller)
            #expect(report.nodes.map(\.outcome) == [.ok, .timedOut])
            let web2 = try #require(NodeID("web2"))
            let timeline = try await controller.why(receipt.job, web2)
            #expect(timeline.notes.contains { $0.text.contains("cannot say whether the job runs") })
        }
    }

    @Test("an answer in the name of a node that was not asked is counted, and believed of nobody")
    func impostor() async throws {
        try await with(.rabbitmq, nodes: ["web1", "web2"]) { controller, nodes, _ in
            nodes[0].speak(as: "web2")
            var request = request(.init(.list, "web1"), "rpcutil.ping")
            request.timeout = .milliseconds(200)
            let receipt = try await controller.publish(request)
            let report = try await ended(receipt.job, controller)
            #expect(report.nodes.map(\.outcome) == [.timedOut])
            #expect(report.unexpected == [])
            #expect(try await controller.answers(of: receipt.job, nodes: nil).isEmpty)
        }
    }

    @Test("what the collective cannot take part in is said, and keeps nobody else from it")
    func leftOut() async throws {
        try await with(.rabbitmq, nodes: ["web1"]) { controller, _, _ in
            for target in [Target(.pillar, "a:b"), Target(.compound, "web*"), Target(.pcre, "(?!x)web.*")] {
                let preview = try await controller.preview(target)
                #expect(preview.nodes.isEmpty, "\(target)")
                #expect(preview.warnings.count == 1, "\(target)")
            }
            #expect(try await controller.preview(Target(.glob, "*")).warnings == [])
        }
    }

    @Test("without a broker nobody is found, and that is said")
    func noBroker() async throws {
        try await TestCollective.with(.rabbitmq) { collective in
            var setup = try collective.setup("controller")
            setup.pool.brokers[0].port = 1
            let directory = try TestDirectory()
            try await RunningController.with(
                in: directory, store: try TestStore(), change: { $0.collective = .init(setup: setup) }
            ) { controller, _ in
                await #expect(throws: ControllerError.nothingMatched(target: "*")) {
                    try await controller.publish(request(.init(.glob, "*"), "rpcutil.ping"))
                }
            }
        }
    }

    // MARK: Support

    private func request(_ target: Target, _ function: String) -> JobRequest {
        JobRequest(calls: [FunctionCall(function)], target: target, user: "test")
    }

    private func ended(_ job: JobID, _ controller: Controller) async throws -> JobReport {
        for try await _ in try await controller.follow(job) {}
        return try await controller.job(job)
    }

    private func with(
        _ connector: Connector, nodes names: [String],
        _ body: @Sendable (Controller, [CollectiveTestNode], TestLog) async throws -> Void
    ) async throws {
        try await TestCollective.with(connector) { collective in
            var nodes: [CollectiveTestNode] = []
            for name in names { nodes.append(try await collective.startNode(name)) }
            let setup = try collective.setup("controller")
            let directory = try TestDirectory()
            try await RunningController.with(
                in: directory, store: try TestStore(),
                change: {
                    $0.collective = .init(setup: setup)
                    $0.gatherTimeout = .milliseconds(200)
                    $0.collective?.discoveryTimeout = .milliseconds(500)
                }
            ) { controller, log in
                await log.wait(for: "the collective can be reached")
                try await body(controller, nodes, log)
            }
            for node in nodes { await node.stop() }
        }
    }
}
