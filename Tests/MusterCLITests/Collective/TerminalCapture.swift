import MusterTestSupport
import Testing

@testable import MusterCLI

/// One command of the unchanged `mco` as it was captured: `Tests/Vectors/mcollective/terminal`.
struct TerminalCapture: Sendable {
    /// The words behind `mco`, without the files of the site that was captured.
    let words: [String]
    let status: Int32
    let output: String
    let diagnostics: String
    /// Both streams as a terminal got them; nil when that was not captured.
    let terminal: String?

    init(_ name: String) throws {
        let text = try PackageFile.text("Tests/Vectors/mcollective/terminal/\(name).txt")
        let head = text.split(separator: "\n", maxSplits: 2).map(String.init)
        let words = try ShellWords.split(head[0]).dropFirst(2)
        self.words = words.filter { !$0.hasSuffix(".cfg") }
        let number = try #require(head[1].split(separator: " ").last)
        status = try #require(Int32(number))
        let parts = TerminalCapture.parts(text)
        output = TerminalCapture.plain(parts["stdout"] ?? "")
        diagnostics = TerminalCapture.plain(parts["stderr"] ?? "")
        terminal = parts["terminal"].map(TerminalCapture.plain)
    }

    /// The parts behind the lines `# --- stdout (piped)` and so on. One of them may have no line end of its own.
    private static func parts(_ text: String) -> [String: String] {
        var parts: [String: String] = [:]
        var name = ""
        var rest = text[...]
        while let mark = rest.firstRange(of: "# --- ") {
            parts[name] = String(rest[..<mark.lowerBound])
            rest = rest[mark.upperBound...]
            name = String(rest.prefix { $0.isLetter })
            rest = rest.drop { $0 != "\n" }.dropFirst()
        }
        parts[name] = String(rest)
        return parts
    }

    private static func plain(_ text: String) -> String {
        text.replacing("<CR>", with: "\r").replacing("<ESC>", with: "\u{1b}")
    }

    /// The names of nodes in a text, each once, in their order.
    static func nodes(in text: String) -> [String] {
        var names: [String] = []
        for match in text.matches(of: #/node\d/#) where !names.contains(String(match.output)) {
            names.append(String(match.output))
        }
        return names
    }

    /// The text without what is another time every time, and without what the log says of places in Ruby files.
    static func timeless(_ text: String) -> String {
        text
            .replacing(#/warn [0-9\/]+ [0-9:]+: (?:message\.rb:[^\n]*Failed to decode[^\n]*\n)/#, with: "")
            .replacing(#/warn [0-9\/]+ [0-9:]+: (?:[a-z]+\.rb:\d+:in `[^']*' )?/#, with: "warn: ")
            .replacing(#/time=[0-9.]+ ms/#, with: "time=T ms")
            .replacing(#/[0-9.]+ ms\n/#, with: "T ms\n")
            .replacing(#/[0-9.]+ms\n/#, with: "Tms\n")
            .replacing(#/in [0-9.]+ seconds/#, with: "in T seconds")
            .replacing(#/max: [0-9.]+ min: [0-9.]+ avg: [0-9.]+/#, with: "max: T min: T avg: T")
            .replacing(#/Start Time: [-0-9]+ [0-9:]+ [-+0-9]+/#, with: "Start Time: T")
            .replacing(#/id: [0-9a-f]{32}/#, with: "id: ID")
    }
}
