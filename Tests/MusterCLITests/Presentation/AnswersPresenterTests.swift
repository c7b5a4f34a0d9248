import MusterCore
import Testing

@testable import MusterCLI

@Suite struct AnswersPresenterTests {
    private let start = FakeController.start

    private func begun(_ names: String...) -> JobUpdate {
        .begun(
            JobReport(
                job: Job(
                    id: FakeController.job, calls: [FunctionCall("test.ping")], target: Target(.glob, "*"),
                    user: "tester",
                    published: start, timeout: .seconds(5)),
                ended: nil, nodes: names.map { Expectation(node: NodeID($0)!, outcome: .waiting) }, unexpected: []))
    }

    private func answer(_ name: String, _ value: Value) -> JobUpdate {
        .answered(
            NodeAnswer(
                node: NodeID(name)!, function: "test.ping", value: value, returnCode: 0, hasSucceeded: true,
                outputter: nil, received: start, isExpected: true), .ok)
    }

    @Test func showsFoldedAnswersInStepsThatGrow() {
        var presenter = AnswersPresenter(folding: .inSteps)
        _ = presenter.show(begun("a", "b", "c"), at: start)
        #expect(presenter.show(answer("a", 1), at: start) == .nothing)
        #expect(presenter.show(answer("b", 1), at: start) == .nothing)
        #expect(presenter.tick(at: start + .milliseconds(900)) == .nothing)
        #expect(presenter.tick(at: start + .seconds(1)).output == "a, b (2):\n    1\n")
        #expect(presenter.tick(at: start + .seconds(9)) == .nothing)
        _ = presenter.show(answer("c", 1), at: start + .seconds(10))
        #expect(presenter.tick(at: start + .seconds(11)) == .nothing)
        #expect(presenter.tick(at: start + .seconds(12)).output == "c:\n    1\n")
    }

    @Test func showsWhatItHasWhenInterrupted() {
        var presenter = AnswersPresenter(folding: .atEnd)
        _ = presenter.show(begun("a", "b"), at: start)
        _ = presenter.show(answer("a", "x"), at: start)
        let text = presenter.interrupted(at: start)
        #expect(text.output == "a:\n    x\n")
        #expect(text.diagnostics.contains("'muster jobs show 20261121093000000001'"))
    }

    @Test func countsInItsProgressLine() {
        var presenter = AnswersPresenter(folding: .atEnd)
        #expect(presenter.progress(at: start) == nil)
        _ = presenter.show(begun("a", "b", "c"), at: start)
        _ = presenter.show(answer("a", 1), at: start)
        _ = presenter.show(
            .changed(Expectation(node: NodeID("b")!, outcome: .running(since: start, lastSeen: start))), at: start)
        #expect(presenter.progress(at: start + .milliseconds(2400)) == "1 of 3 answered, 1 running · 2.40 s")
        _ = presenter.show(.changed(Expectation(node: NodeID("b")!, outcome: .timedOut)), at: start)
        #expect(presenter.progress(at: start + .seconds(200)) == "1 of 3 answered, 1 timed-out · 3 min 20 s")
    }

    @Test func keepsProgressWithinTheTerminalAndTakesItAway() async throws {
        let console = RecordingConsole(terminals: [.diagnostics], columns: 12)
        let screen = JobScreen(AnswersPresenter(folding: .none), console: console)
        try await screen.show([begun("a", "b")], at: start)
        try await screen.tick(at: start)
        #expect(console.diagnostics == "\r\u{1b}[K0 of 2 answ")
        try await screen.show([answer("a", 1)], at: start)
        await screen.close()
        #expect(console.diagnostics == "\r\u{1b}[K0 of 2 answ\r\u{1b}[K")
        #expect(console.output == "a:\n    1\n")
    }

    @Test func showsNoProgressInAPipe() async throws {
        let console = RecordingConsole()
        let screen = JobScreen(AnswersPresenter(folding: .none), console: console)
        try await screen.show([begun("a")], at: start)
        try await screen.tick(at: start)
        #expect(console.diagnostics.isEmpty)
    }

    @Test(
        "colours only where they are wanted",
        arguments: [
            (RecordingConsole(terminals: [.output]), true),
            (RecordingConsole(), false),
            (RecordingConsole(terminals: [.output], variables: ["NO_COLOR": "1"]), false),
            (RecordingConsole(terminals: [.output], variables: ["TERM": "dumb"]), false),
        ])
    func colours(console: RecordingConsole, isColored: Bool) {
        #expect(console.palette(for: .output).isEnabled == isColored)
        #expect(ColorChoice.always.palette(for: .output, of: console).isEnabled)
        #expect(!ColorChoice.never.palette(for: .output, of: console).isEnabled)
    }
}
