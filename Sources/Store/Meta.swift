import GRDB
import MusterCore

/// The table of high-water marks: what must not be forgotten when the rows that say it are pruned.
enum Meta {
    /// The highest sequence number ever given, 0 when none was.
    static func highestSequence(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(
            db,
            sql: """
                SELECT max(ifnull((SELECT max(sequence) FROM returns), 0), ifnull((SELECT max(sequence) FROM events), 0),
                    ifnull((SELECT value FROM meta WHERE key = 'sequence'), 0))
                """) ?? 0
    }

    /// The newest job ever stored.
    static func newestJob(_ db: Database) throws -> String? {
        try String.fetchOne(
            db,
            sql: """
                SELECT max(id) FROM (SELECT max(id) AS id FROM jobs UNION ALL SELECT value FROM meta WHERE key = 'newest_job')
                """)
    }

    /// Remembers both marks. Call it before anything is deleted, in the same transaction.
    static func rememberMarks(_ db: Database) throws {
        let sql = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        try db.cachedStatement(sql: sql).execute(arguments: ["sequence", highestSequence(db)])
        if let job = try newestJob(db) { try db.cachedStatement(sql: sql).execute(arguments: ["newest_job", job]) }
    }

    /// Remembers an id that is no stored job's.
    static func remember(_ id: JobID, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO meta VALUES ('newest_job', ?)
                ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)
                """
        ).execute(arguments: [id.text])
    }

    /// Writes something, to see whether it works.
    static func probe(_ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO meta VALUES ('probe', 1) ON CONFLICT (key) DO UPDATE SET value = value + 1")
    }
}
