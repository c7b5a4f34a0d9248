/// Where programs are looked up: the directories of PATH, in order.
package struct ProgramPath: Sendable {
    package let directories: [String]
    private let files: SystemFiles

    /// Directories that Salt adds because daemons are often started without them.
    private static let always = ["/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/bin"]

    package init(_ path: String?, files: SystemFiles) {
        let given = (path ?? "").split(separator: ":").map(String.init)
        directories = given + Self.always.filter { !given.contains($0) }
        self.files = files
    }

    /// The first executable of this name, nil when there is none.
    package func find(_ name: String) -> String? {
        if name.contains("/") { return files.isExecutable(name) ? name : nil }
        return directories.lazy.map { "\($0)/\(name)" }.first(where: files.isExecutable)
    }
}
