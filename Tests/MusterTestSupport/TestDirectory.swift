import DaemonSupport

/// A directory of a test's own, gone with the last reference to it.
package final class TestDirectory: Sendable {
    private let directory: TemporaryDirectory

    package init() throws { directory = try TemporaryDirectory("mt") }

    deinit { directory.remove() }

    package var path: String { directory.path }

    /// Where a file in it is, or would be.
    package func file(_ name: String) -> String { directory.file(name) }
}
