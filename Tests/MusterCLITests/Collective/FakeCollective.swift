import MCollectiveProtocol
import MusterCore
import Synchronization

@testable import MusterCLI

/// A collective in memory: nodes that answer at once, in the order in which they stand.
final class FakeCollective: CollectiveGate, CollectiveSite, CollectiveCaller {
    /// What a node answers to a body, nil for nothing.
    typealias Answer = @Sendable (_ node: String, _ body: RubyValue) -> RubyValue?

    private struct State {
        var calls: [CollectiveCall] = []
        var connections = 0
    }

    let configuration: CollectiveConfiguration
    let callerID: CallerID
    let problems: [ConfigurationProblem] = []
    /// Who hears broadcasts, in the order in which they answer.
    private let nodes: [String]
    private let answer: Answer
    private let failure: (any Error)?
    /// Whether the time never passes: then only Ctrl-C ends the waiting.
    private let isTimeless: Bool
    private let state = Mutex(State())

    init(
        _ nodes: [String] = [], settings: String = "", failure: (any Error)? = nil, isTimeless: Bool = false,
        answer: @escaping Answer = { _, _ in nil }
    ) {
        configuration = CollectiveConfiguration(
            .init(
                "client.cfg",
                """
                collectives = mcollective,sub1
                connector = rabbitmq
                plugin.psk = pssk
                plugin.rabbitmq.pool.size = 1
                plugin.rabbitmq.pool.1.host = broker
                color = 0
                \(settings)
                """))
        callerID = CallerID("uid=0")!
        self.nodes = nodes
        self.answer = answer
        self.failure = failure
        self.isTimeless = isTimeless
    }

    /// What was sent, in its order.
    var calls: [CollectiveCall] { state.withLock(\.calls) }
    /// How many connections are open.
    var connections: Int { state.withLock(\.connections) }

    func site(_ file: String?) throws -> any CollectiveSite { self }

    func connect(within timeout: Duration?) async throws -> any CollectiveCaller {
        if let failure { throw failure }
        state.withLock { $0.connections += 1 }
        return self
    }

    func send(_ call: CollectiveCall) async throws -> any CollectiveConversation {
        state.withLock { $0.calls.append(call) }
        let heard =
            switch call.recipients {
            case .everybody: nodes
            case .nodes(let names): nodes.filter { names.contains($0) }
            }
        let replies = heard.compactMap { node in
            let body = call.body.text == "ping" ? "pong" : answer(node, call.body)
            return body.map {
                CollectiveReply(
                    senderID: node, requestID: "1", agent: call.agent, time: Timestamp(seconds: 0), body: $0)
            }
        }
        return FakeConversation(replies, isTimeless: isTimeless)
    }

    func close() async { state.withLock { $0.connections -= 1 } }
}

/// A request of ``FakeCollective``: everything at once, then the end of the time.
final class FakeConversation: CollectiveConversation {
    let requestID = "0f1f3606939d5200b0384660c2d95777"
    let refusedReplies = 0
    private let replies: Mutex<[CollectiveReply]>
    private let isTimeless: Bool

    init(_ replies: [CollectiveReply], isTimeless: Bool) {
        self.replies = Mutex(replies)
        self.isTimeless = isTimeless
    }

    func next(until deadline: ContinuousClock.Instant) async throws -> [CollectiveAnswer]? {
        try Task.checkCancellation()
        let replies = replies.withLock { replies in
            defer { replies = [] }
            return replies
        }
        guard replies.isEmpty else { return replies.map { CollectiveAnswer($0, at: .now) } }
        guard isTimeless else { return nil }
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        defer { continuation.finish() }
        for await _ in stream {}
        throw CancellationError()
    }

    func end() async {}
}

/// Runs a command line of `mco` in a collective in memory.
func mco(
    _ words: [String], in collective: FakeCollective, as name: String = "mco",
    console: RecordingConsole = RecordingConsole(), interrupts: Bool = false
) async -> Run {
    var context = CommandContext.test(FakeController(), console)
    context.collective = collective
    context.sleep = { _ in }
    if interrupts { context.interrupts = { AsyncStream { $0.yield() } } }
    let status = await MusterCLI.run(name.split(separator: " ").map(String.init) + words, in: context)
    return Run(status: status, output: console.output, diagnostics: console.diagnostics)
}
