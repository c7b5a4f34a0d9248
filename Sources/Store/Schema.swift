import GRDB
import MusterCore

/// What the tables look like, as numbered changes in `Migrations/`.
enum Schema {
    /// Marks the file as Muster's in its header: "Must".
    static let applicationID = 0x4d75_7374

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator().disablingDeferredForeignKeyChecks()
        migrator.registerMigration(Initial.identifier, migrate: Initial.migrate)
        migrator.registerMigration(SentJobs.identifier, migrate: SentJobs.migrate)
        return migrator
    }

    /// Brings an empty or older database up to date.
    ///
    /// - Throws: `StoreError.foreign`, `.newerSchema`, with the database untouched; what SQLite throws.
    static func migrate(_ pool: DatabasePool, place: String) throws {
        try pool.read { db in
            let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
            let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            guard application == applicationID || tables == 0 else { throw StoreError.foreign(place: place) }
            let known = Set(migrator.migrations)
            if let unknown = try migrator.appliedIdentifiers(db).subtracting(known).min() {
                throw StoreError.newerSchema(place: place, found: unknown)
            }
        }
        try migrator.migrate(pool)
    }
}
