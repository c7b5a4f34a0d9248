import MCollectiveProtocol

extension RubyText {
    /// Ruby's `%-40s`: the text with spaces behind it up to a width, never cut.
    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
    }

    /// Ruby's `%40s`: the text with spaces in front of it up to a width, never cut.
    static func aligned(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.unicodeScalars.count)) + text
    }

    /// Ruby's `%.2f`.
    static func fixed(_ number: Double, places: Int = 2) -> String { Decimals.text(number, places: places) }
}
