import MCollectiveProtocol

/// What all texts of `mco` depend on: the colours, and whether a terminal must be kept safe.
struct McoLayout: Sendable, Hashable {
    var colors: McoColors
    /// Whether results go to a terminal: then control characters in them are written out. Elsewhere they are data.
    var isTerminal: Bool
    /// The width of pretty printed values.
    var width = 79

    /// A value of a node, with its lines.
    func shown(_ text: String) -> String { isTerminal ? TerminalText.lines(text) : text }

    /// The name of a node. No node has a name that is changed by this; who claims one is shown for what it is.
    func name(_ text: String) -> String { TerminalText.line(text) }

    /// A value as Ruby's `pp` prints it, in lines.
    func pretty(_ value: RubyValue) -> [String] {
        RubyPrettyPrinter.lines(value, width: width).map(shown)
    }
}
