import Foundation

/// Another program that holds the write lock of a SQLite database, until it is released or goes.
struct DatabaseLock {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ database: URL) throws {
        process.executableURL = try SaltRelease.v3008.program("python3")
        process.arguments = [
            "-c",
            """
            import sqlite3, sys
            database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
            database.execute("BEGIN IMMEDIATE")
            print("held", flush=True)
            sys.stdin.read()
            database.rollback()
            """,
            database.path,
        ]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// Waits for the program's word that it has the lock.
    func hold() throws {
        guard output.fileHandleForReading.availableData == Data("held\n".utf8) else {
            throw SiteError("the database cannot be locked")
        }
    }

    /// Gives the lock back.
    func release() throws { try input.fileHandleForWriting.close() }
}
