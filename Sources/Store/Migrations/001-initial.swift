import GRDB

/// 001: jobs, expected nodes, returns, events, notes, contacts, facts.
///
/// Times are microseconds since 1970 UTC. Returns and events share one sequence of numbers, which are their rowids.
enum Initial {
    static let identifier = "001-initial"

    @Sendable static func migrate(_ db: Database) throws {
        try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
        try db.execute(
            sql: """
                -- High-water marks that outlive what they count.
                CREATE TABLE meta (
                    key TEXT PRIMARY KEY NOT NULL,
                    value
                ) WITHOUT ROWID;

                CREATE TABLE jobs (
                    id TEXT PRIMARY KEY NOT NULL,
                    published INTEGER NOT NULL,
                    ended INTEGER,
                    functions TEXT NOT NULL,        -- ',module.function,' of every call
                    job TEXT NOT NULL               -- the whole job, JSON
                ) WITHOUT ROWID;
                CREATE INDEX jobs_ended ON jobs (ended);

                CREATE TABLE expectations (
                    job TEXT NOT NULL,
                    node TEXT NOT NULL,
                    outcome TEXT NOT NULL,
                    code INTEGER,
                    reason TEXT,
                    since INTEGER,
                    last_seen INTEGER,
                    PRIMARY KEY (job, node)
                ) WITHOUT ROWID;

                CREATE TABLE bodies (
                    id INTEGER PRIMARY KEY,
                    hash BLOB NOT NULL UNIQUE,      -- SHA-256 of bytes
                    bytes BLOB NOT NULL
                );

                CREATE TABLE returns (
                    sequence INTEGER PRIMARY KEY,
                    job TEXT NOT NULL,
                    node TEXT NOT NULL,
                    function TEXT NOT NULL,
                    code INTEGER NOT NULL,
                    success INTEGER,
                    outputter TEXT,
                    received INTEGER NOT NULL,
                    encoding INTEGER NOT NULL,
                    bytes BLOB,                     -- the body, or
                    body INTEGER                    -- its place in bodies
                );
                CREATE UNIQUE INDEX returns_job_node ON returns (job, node);
                CREATE INDEX returns_body ON returns (body) WHERE body IS NOT NULL;

                CREATE TABLE events (
                    sequence INTEGER PRIMARY KEY,
                    tag TEXT NOT NULL,
                    time INTEGER NOT NULL,
                    data TEXT NOT NULL              -- JSON
                );

                CREATE TABLE notes (
                    id INTEGER PRIMARY KEY,
                    job TEXT NOT NULL,
                    node TEXT NOT NULL,
                    time INTEGER NOT NULL,
                    text TEXT NOT NULL
                );
                CREATE INDEX notes_job_node ON notes (job, node);

                CREATE TABLE contacts (
                    node TEXT PRIMARY KEY NOT NULL,
                    time INTEGER NOT NULL,
                    connected INTEGER NOT NULL,
                    address TEXT
                ) WITHOUT ROWID;

                CREATE TABLE facts (
                    node TEXT PRIMARY KEY NOT NULL,
                    time INTEGER NOT NULL,
                    encoding INTEGER NOT NULL,
                    bytes BLOB NOT NULL
                );
                """)
    }
}
