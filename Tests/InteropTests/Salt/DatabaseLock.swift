import Foundation
import MusterTestSupport

/// Another program that holds the write lock of a SQLite database until it is released.
struct DatabaseLock {
    private static let script = """
        import os, sqlite3, sys, time
        database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
        database.execute("BEGIN IMMEDIATE")
        print("held", flush=True)
        while not os.path.exists(sys.argv[2]):
            time.sleep(0.02)
        database.rollback()
        """

    private let end: URL

    /// Waits until the database is locked.
    init(_ database: URL, in site: SaltSite) async throws {
        end = site.file("database.release")
        let process = try site.start(
            "lock", SaltRelease.v3008.program("python3"), ["-c", Self.script, database.path, end.path])
        try await poll("the database is locked", within: .seconds(30)) { process.output.contains("held") }
    }

    /// Gives the lock back.
    func release() throws { try Data().write(to: end) }
}
