import MusterCore

@testable import MusterCLI

/// What a command line did.
struct Run: Sendable {
    let status: Int32
    let output: String
    let diagnostics: String
}

/// Runs a command line against a controller in memory, as the program would.
///
/// - Parameter interrupts: whether Ctrl-C is pressed as soon as somebody listens for it.
func run(
    _ words: String..., as name: String = "muster", on controller: FakeController = FakeController(),
    console: RecordingConsole = RecordingConsole(), interrupts: Bool = false,
    call: @escaping @Sendable (FunctionCall, RoleOptions) async throws -> FunctionResult = { _, _ in
        FunctionResult(true)
    },
    simulate: @escaping Roles.Simulate = { _, _ in },
    broker: @escaping @Sendable (RoleOptions) async throws -> Void = { _ in },
    brokerService: FakeBroker = FakeBroker()
) async -> Run {
    await run(
        words: words, as: name, on: controller, console: console, interrupts: interrupts, call: call,
        simulate: simulate,
        broker: broker, brokerService: brokerService)
}

/// Runs a command line that is given as a list.
func run(
    words: [String], as name: String = "muster", on controller: FakeController = FakeController(),
    console: RecordingConsole = RecordingConsole(), interrupts: Bool = false,
    call: @escaping @Sendable (FunctionCall, RoleOptions) async throws -> FunctionResult = { _, _ in
        FunctionResult(true)
    },
    simulate: @escaping Roles.Simulate = { _, _ in },
    broker: @escaping @Sendable (RoleOptions) async throws -> Void = { _ in },
    brokerService: FakeBroker = FakeBroker()
) async -> Run {
    let roles = Roles(
        controller: { _ in }, node: { _ in }, broker: broker, call: call,
        diagnose: { _ in
            [
                .init(
                    file: "/etc/salt/master", key: "interface", verdict: .understood, explanation: "listens on 0.0.0.0"),
                .init(
                    file: "/etc/salt/master", key: "worker_threads", verdict: .ignored, explanation: "one loop a core"),
            ]
        }, simulate: simulate)
    let context = CommandContext(
        console: console,
        connect: { _ in controller },
        connectBroker: { _ in brokerService },
        roles: roles, user: "tester", now: { FakeController.start + .milliseconds(420) },
        sleep: { _ in
            // Time stands still: what waits for it waits until it is cancelled.
            let (stream, continuation) = AsyncStream<Never>.makeStream()
            defer { continuation.finish() }
            for await _ in stream {}
            throw CancellationError()
        },
        interrupts: {
            AsyncStream { continuation in
                if interrupts { continuation.yield() }
            }
        })
    let status = await MusterCLI.run([name] + words, in: context)
    return Run(status: status, output: console.output, diagnostics: console.diagnostics)
}

/// Node ids that tests know to be valid.
func ids(_ names: String...) -> [NodeID] { names.map { NodeID($0)! } }

extension CommandContext {
    /// A context around a controller in memory, without roles.
    static func test(
        _ controller: FakeController, _ console: RecordingConsole = RecordingConsole()
    ) -> CommandContext {
        CommandContext(
            console: console, connect: { _ in controller }, connectBroker: { _ in FakeBroker() },
            roles: Roles(
                controller: { _ in }, node: { _ in }, broker: { _ in }, call: { _, _ in FunctionResult(true) },
                diagnose: { _ in [] },
                simulate: { _, _ in }),
            user: "tester", now: { FakeController.start }, sleep: { _ in throw CancellationError() },
            interrupts: { AsyncStream { _ in } })
    }
}
