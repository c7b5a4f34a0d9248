package import MusterCore

/// What the operator configured about keys that nobody has judged yet.
///
/// Files are read anew at each decision, so that an edit takes effect at once; a file that others than its owner may
/// write is ignored, as Salt does, and reported once by the caller through `unsafeFiles()`.
package struct AutosignPolicy: Sendable, Hashable {
    /// Accept everybody (Salt's `auto_accept`).
    package var acceptsAll = false
    /// Skip every check and overwrite stored keys (Salt's `open_mode`): only for emergencies.
    package var isOpen = false
    /// One expression a line: a glob, else an anchored regular expression.
    package var acceptFile: String?
    /// The same for refusing at first contact; it wins over everything but `acceptsAll`.
    package var rejectFile: String?
    /// A directory with one file per grain name, one accepted value a line.
    package var factsDirectory: String?
    /// How long a file in `minions_autosign` is good for.
    package var stubLifetime: Duration = .seconds(7200)
    /// At most this many connected nodes; 0 is no limit.
    package var maxNodes = 0

    package init() {}

    /// Whether the accept file names the id.
    package func accepts(_ node: NodeID) -> Bool { AutosignPolicy.lists(node, acceptFile) }

    /// Whether the reject file names the id.
    package func rejects(_ node: NodeID) -> Bool { AutosignPolicy.lists(node, rejectFile) }

    /// Whether one of the facts sent at sign-in is listed for acceptance.
    package func accepts(facts: ValueMap) -> Bool {
        guard let factsDirectory else { return false }
        return facts.contains { entry in
            guard let name = entry.key.string, NodeID(name) != nil else { return false }
            return AutosignPolicy.lines("\(factsDirectory)/\(name)").contains(entry.value.pythonText)
        }
    }

    /// The configured files that are ignored because others may write them.
    package func unsafeFiles() -> [String] {
        [acceptFile, rejectFile].compactMap { $0 }.filter { Files.status($0)?.isWritableByOthers == true }
    }

    private static func lists(_ node: NodeID, _ file: String?) -> Bool {
        guard let file else { return false }
        return lines(file).contains { line in
            if Glob(line).matches(node.text) { return true }
            // A line that is no regular expression matches nobody beyond its glob.
            guard let regex = try? Regex(line) else { return false }
            return node.text.wholeMatch(of: regex) != nil
        }
    }

    private static func lines(_ file: String) -> [String] {
        guard let status = Files.status(file), status.isRegular, !status.isWritableByOthers,
            // An unreadable file accepts nobody.
            let text = try? Files.text(file)
        else { return [] }
        return text.split(whereSeparator: \.isNewline).map { String($0.drop(while: \.isWhitespace)) }
            .map { String($0.reversed().drop(while: \.isWhitespace).reversed()) }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    }
}
