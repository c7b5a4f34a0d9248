package import MusterCore

/// The lines of an `autosign_file`, an `autoreject_file` or a file of `autosign_grains_dir`.
///
/// Reading the files, and ignoring those that others may write, is the caller's part.
///
/// Source: Salt, `salt/daemons/masterapi.py`, `AutoKey`; `salt/utils/stringutils.py`, `expr_match`.
package struct AutosignRules: Sendable, Equatable {
    /// One expression each, comments and blank lines left out.
    package let lines: [String]

    /// The rules in a file's text: lines trimmed, those that begin with `#` left out.
    ///
    /// Blank lines are left out too: in Salt they match only an empty id, which is no id.
    package init(text: String) {
        lines = text.split(whereSeparator: \.isNewline)
            .map { line in
                let start = line.drop(while: \.isWhitespace)
                return String(start.reversed().drop(while: \.isWhitespace).reversed())
            }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    }

    /// Whether a line matches the id: as a shell pattern, else as a regular expression over the whole id.
    ///
    /// A line that is neither matches nothing.
    package func matches(_ id: NodeID) -> Bool {
        lines.contains { line in
            // A line that is no regular expression is legal: it is then only a shell pattern.
            Pattern.glob(line).matches(id.text) || (try? Pattern.regex("(?:\(line))$"))?.matches(id.text) == true
        }
    }

    /// Whether a line is exactly the value of a grain, in the form in which Python prints it.
    package func contains(grainValue text: String) -> Bool { lines.contains(text) }
}
