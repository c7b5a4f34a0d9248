package import MusterCore
import SaltProtocol

/// What the operator configured about keys that nobody has judged yet.
///
/// Files are read anew at each decision, so that an edit takes effect at once; a file that others than its owner may
/// write is ignored, as Salt does; the fabric says so when it opens, by `unsafeFiles()`.
package struct AutosignPolicy: Sendable, Hashable {
    /// Accept everybody (Salt's `auto_accept`).
    package var acceptsAll = false
    /// Skip every check and overwrite stored keys (Salt's `open_mode`): only for emergencies.
    package var isOpen = false
    /// One expression a line: a glob, else an anchored regular expression.
    package var acceptFile: String?
    /// The same for refusing at first contact; it wins over every rule that accepts.
    package var rejectFile: String?
    /// A directory with one file per grain name, one accepted value a line.
    package var factsDirectory: String?
    /// How long a file in `minions_autosign` is good for.
    package var stubLifetime: Duration = .seconds(7200)
    /// At most this many connected nodes; 0 is no limit.
    package var maxNodes = 0
    /// At most this many keys that nobody has judged, and as many that the reject file has.
    package var maxPending = 10_000

    package init() {}

    /// Whether the accept file names the id.
    package func accepts(_ node: NodeID) -> Bool { AutosignPolicy.lists(node, acceptFile) }

    /// Whether the reject file names the id.
    package func rejects(_ node: NodeID) -> Bool { AutosignPolicy.lists(node, rejectFile) }

    /// Whether one of the facts sent at sign-in, as Python prints them, is listed for acceptance.
    package func accepts(facts: [String: String]) -> Bool {
        guard let factsDirectory else { return false }
        return facts.contains { name, value in
            // The name comes from the wire: only what is safe as a file name is looked up.
            guard NodeID(name) != nil else { return false }
            return AutosignPolicy.rules("\(factsDirectory)/\(name)")?.contains(grainValue: value) ?? false
        }
    }

    /// The configured files that are ignored because others may write them.
    package func unsafeFiles() -> [String] {
        let factFiles = factsDirectory.map { directory in Files.list(directory).map { "\(directory)/\($0)" } } ?? []
        return ([acceptFile, rejectFile].compactMap { $0 } + factFiles)
            .filter { Files.status($0)?.isWritableByOthers == true }
    }

    private static func lists(_ node: NodeID, _ file: String?) -> Bool {
        file.flatMap(rules)?.matches(node) ?? false
    }

    /// The rules of a file, nil when it is not there, cannot be read, or others may write it.
    private static func rules(_ file: String) -> AutosignRules? {
        guard let status = Files.status(file), status.isRegular, !status.isWritableByOthers else { return nil }
        // An unreadable file accepts nobody.
        return (try? Files.text(file)).map(AutosignRules.init)
    }
}
