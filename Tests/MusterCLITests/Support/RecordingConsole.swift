import Synchronization

@testable import MusterCLI

/// A console that keeps what is written, and answers from a list.
final class RecordingConsole: Console {
    private struct State {
        var output = ""
        var diagnostics = ""
        var input: [String]
        var linesUntilClosed: Int?
        var failure: OutputFailure
    }

    private let state: Mutex<State>
    private let terminals: Set<ConsoleStream>
    private let variables: [String: String]
    let columns: Int
    let isInteractive: Bool

    init(
        terminals: Set<ConsoleStream> = [], variables: [String: String] = [:], columns: Int = 80,
        input: [String]? = nil,
        linesUntilClosed: Int? = nil, failure: OutputFailure = .closed
    ) {
        self.terminals = terminals
        self.variables = variables
        self.columns = columns
        isInteractive = input != nil
        state = Mutex(State(input: input ?? [], linesUntilClosed: linesUntilClosed, failure: failure))
    }

    var output: String { state.withLock(\.output) }
    var diagnostics: String { state.withLock(\.diagnostics) }

    func write(_ text: String, to stream: ConsoleStream) throws(OutputFailure) {
        let isClosed = state.withLock { state in
            switch stream {
            case .diagnostics: state.diagnostics += text
            case .output:
                if let lines = state.linesUntilClosed, state.output.count(where: { $0 == "\n" }) >= lines {
                    return true
                }
                state.output += text
            }
            return false
        }
        if isClosed { throw state.withLock(\.failure) }
    }

    func isTerminal(_ stream: ConsoleStream) -> Bool { terminals.contains(stream) }
    func variable(_ name: String) -> String? { variables[name] }
    func readSecret() -> String? { readLine() }
    func readLine() -> String? {
        state.withLock { $0.input.isEmpty ? nil : $0.input.removeFirst() }
    }
}
