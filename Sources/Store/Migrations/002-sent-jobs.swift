import GRDB

/// 002: when a job began to go out to nodes; NULL while it is held after a start of the controller, or never went out.
///
/// Jobs of before count as sent when they were made: they are asked for after a restart, never published a second time.
enum SentJobs {
    static let identifier = "002-sent-jobs"

    @Sendable static func migrate(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE jobs ADD COLUMN sent INTEGER;
                UPDATE jobs SET sent = published;
                """)
    }
}
