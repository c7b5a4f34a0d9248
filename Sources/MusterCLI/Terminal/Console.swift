/// Where a command writes, and what it may ask: the terminal, pipes and environment of the process, or a test's record.
package protocol Console: Sendable {
    /// Writes text as it is.
    ///
    /// - Throws: `OutputFailure` when standard output cannot be written.
    func write(_ text: String, to stream: ConsoleStream) throws(OutputFailure)
    /// Whether a person looks at the stream.
    func isTerminal(_ stream: ConsoleStream) -> Bool
    /// The width of the terminal in characters, 80 when it is not known.
    var columns: Int { get }
    /// An environment variable; nil when it is not set or empty.
    func variable(_ name: String) -> String?
    /// One line of standard input without its end, nil at its end.
    func readLine() -> String?
    /// The same, without showing what is typed.
    func readSecret() -> String?
    /// Whether questions can be answered: standard input is a terminal.
    var isInteractive: Bool { get }
}

/// One of the two streams that a program writes.
package enum ConsoleStream: Sendable, Hashable {
    /// Results.
    case output
    /// Everything else: progress, summaries, questions, errors.
    case diagnostics
}

/// Why results could not be written.
package enum OutputFailure: Error, Hashable, Sendable {
    /// The reader of standard output has gone, as `head` does when it has seen enough. The command ends without a word.
    case closed
    /// Something else, in words: no room left behind a redirection, or no standard output at all.
    case failed(String)
}

extension OutputFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .closed: "the reader of the output has gone"
        case .failed(let reason): reason
        }
    }
}

extension Console {
    /// Writes a line of results.
    package func print(_ line: String) throws(OutputFailure) {
        try write(line + "\n", to: .output)
    }

    /// Writes a line beside the results. Nobody can be told when that fails.
    package func note(_ line: String) {
        do throws(OutputFailure) {
            try write(line + "\n", to: .diagnostics)
        } catch {}
    }

    /// The colours for a stream: only on a terminal, and not with NO_COLOR or TERM=dumb.
    package func palette(for stream: ConsoleStream) -> Palette {
        guard isTerminal(stream), variable("NO_COLOR") == nil, variable("TERM") != "dumb" else { return .plain }
        return .colored
    }

    /// Asks a question that is answered with yes or no.
    ///
    /// - Returns: the default for an empty line, no at the end of input.
    package func confirm(_ question: String, default isYes: Bool) -> Bool {
        do throws(OutputFailure) {
            try write("\(question) [\(isYes ? "n/Y" : "N/y")] ", to: .diagnostics)
        } catch {
            return false
        }
        guard let answer = readLine() else { return false }
        return answer.isEmpty ? isYes : answer.lowercased().hasPrefix("y")
    }
}
