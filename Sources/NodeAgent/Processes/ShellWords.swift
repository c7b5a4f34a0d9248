/// Splits a command line into words as a POSIX shell does, without expanding anything: Python's `shlex.split`.
///
/// Grammar: words stand between white space; `'…'` keeps everything, `"…"` everything but `\"` and `\\`, and `\` outside
/// quotes the character after it.
package struct ShellWords: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with the text.
    package let description: String

    package init(description: String) { self.description = description }

    /// - Throws: `ShellWords` with Python's words for a quote or an escape that does not end.
    package static func split(_ text: String) throws(ShellWords) -> [String] {
        var words: [String] = []
        var word: String.UnicodeScalarView?
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case " ", "\t", "\r", "\n":
                if let finished = word { words.append(String(finished)) }
                word = nil
            case "'":
                guard let end = rest.firstIndex(of: "'") else { throw ShellWords(description: "No closing quotation") }
                word = (word ?? .init()) + rest[..<end]
                rest = rest[rest.index(after: end)...]
            case "\"":
                word = (word ?? .init()) + (try quoted(&rest))
            case "\\":
                guard let next = rest.popFirst() else { throw ShellWords(description: "No escaped character") }
                word = (word ?? .init()) + CollectionOfOne(next)
            default:
                word = (word ?? .init()) + CollectionOfOne(scalar)
            }
        }
        if let finished = word { words.append(String(finished)) }
        return words
    }

    private static func quoted(_ rest: inout Substring.UnicodeScalarView) throws(ShellWords) -> String.UnicodeScalarView
    {
        var content = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"": return content
            case "\\":
                guard let next = rest.popFirst() else { throw ShellWords(description: "No escaped character") }
                if next != "\"" && next != "\\" { content.append("\\") }
                content.append(next)
            default: content.append(scalar)
            }
        }
        throw ShellWords(description: "No closing quotation")
    }
}
