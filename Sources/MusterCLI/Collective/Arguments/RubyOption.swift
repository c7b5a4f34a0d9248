import MCollectiveProtocol

/// One option of a program that reads its command line with Ruby's OptionParser.
struct RubyOption: Sendable, Hashable {
    /// What stands behind the option.
    enum Argument: Sendable, Hashable {
        case none
        /// Any text; the word is what the help calls it.
        case text(String)
        /// A text that may be left out.
        case optionalText(String)
        case integer(String)
        case number(String)
    }

    /// The name under which the result has it.
    let key: String
    /// `-c`, nil when there is none.
    let short: String?
    /// `--config`: every spelling, the one that help shows last at the end.
    let long: [String]
    let argument: Argument
    let help: String

    /// An option without a value.
    init(_ key: String, _ short: String?, _ long: [String], _ help: String) {
        self.init(key, short, long, .none, help)
    }

    init(_ key: String, _ short: String?, _ long: [String], _ argument: Argument, _ help: String) {
        self.key = key
        self.short = short
        self.long = long
        self.argument = argument
        self.help = help
    }

    /// Whether a value must follow.
    var needsValue: Bool {
        switch argument {
        case .none, .optionalText: false
        case .text, .integer, .number: true
        }
    }

    /// The line of the help, two when the spellings leave no room.
    ///
    /// Source: Ruby 3.1, `optparse.rb`, `Switch#summarize`, with a width of 32 and an indent of 4. Ruby would also break
    /// lines between spellings when there is a short one; no option of `mco` is that long.
    var helpLines: [String] {
        let spellings = (short.map { [$0] } ?? []) + long
        let left = (short == nil ? "    " : "") + spellings.joined(separator: ", ") + argumentText
        guard left.count > 32 else { return ["    \(RubyText.padded(left, 32)) \(help)"] }
        return ["    \(left)", "    \(RubyText.padded("", 32)) \(help)"]
    }

    private var argumentText: String {
        switch argument {
        case .none: ""
        case .text(let word), .integer(let word), .number(let word): " \(word)"
        case .optionalText(let word): " [\(word)]"
        }
    }
}
