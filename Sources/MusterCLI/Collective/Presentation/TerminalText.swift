/// Text of others on its way to a terminal: what would command the terminal is written out instead.
///
/// Nodes choose what they answer, and a terminal obeys control characters: it can be made to show what is not there. The
/// original prints them as they come.
enum TerminalText {
    /// The text in one line, whatever it holds.
    static func line(_ text: String) -> String { escaped(text, keeping: []) }

    /// The text with its lines and tabs.
    static func lines(_ text: String) -> String { escaped(text, keeping: ["\n", "\t"]) }

    private static func escaped(_ text: String, keeping kept: Set<Unicode.Scalar>) -> String {
        guard text.unicodeScalars.contains(where: { isCommand($0) && !kept.contains($0) }) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isCommand(scalar), !kept.contains(scalar) {
                result.append(contentsOf: form(scalar).unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// Control characters, and those that turn the direction of writing around.
    private static func isCommand(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1f, 0x7f...0x9f, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    /// How Ruby writes such a character.
    private static func form(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\u{1b}": return "\\e"
        default:
            let digits = String(scalar.value, radix: 16, uppercase: true)
            let width = scalar.value < 0x80 ? 2 : 4
            let zeros = String(repeating: "0", count: max(0, width - digits.count))
            return (scalar.value < 0x80 ? "\\x" : "\\u") + zeros + digits
        }
    }
}
