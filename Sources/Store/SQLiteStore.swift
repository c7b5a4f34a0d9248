import GRDB
package import MusterCore

/// That an outage of a store begins or ends.
package enum StoreTurn: Sendable, Hashable {
    case stopped(StoreError)
    case resumed
}

/// The store in one SQLite file: WAL, one thread that writes in batches, several connections that read.
///
/// An acknowledged write survives the death of the process, not necessarily of the machine: `synchronous` is `NORMAL`.
/// One process at a time: `PATH.lock` is held while the store is open.
package final class SQLiteStore: Store {
    let pool: DatabasePool
    let place: String
    private let writer: Writer
    private let now: @Sendable () -> Timestamp

    /// Opens the database, makes it when it is missing (file mode 0600, directory 0700), and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - now: the clock for `StoreHealth.failingSince`.
    ///   - told: called when writes begin to fail, whoever's they are, and when they work again; on the writer's thread.
    /// - Throws: `StoreError`; a file that was not there before is not there then either.
    package init(
        _ configuration: SQLiteConfiguration, now: @escaping @Sendable () -> Timestamp = { .now },
        told: @escaping @Sendable (StoreTurn) -> Void = { _ in }
    ) throws {
        place = configuration.path
        self.now = now
        let isNew = !DatabaseFile.exists(configuration.path)
        let lock = try DatabaseFile.prepare(configuration.path)
        do {
            pool = try DatabasePool(path: configuration.path, configuration: Self.connection(configuration))
            try Schema.migrate(pool, place: configuration.path)
            let sequence = try pool.read { try Meta.highestSequence($0) }
            writer = Writer(
                pool: pool, configuration: configuration, lock: lock, sequence: sequence, now: now, told: told)
        } catch {
            let hasRoom = DatabaseFile.hasRoom(for: configuration.path)
            if isNew { DatabaseFile.remove(configuration.path) }
            switch StoreError(error, configuration: configuration) {
            // SQLite says many things when there is no room for its first files.
            case .cannotOpen where !hasRoom, .inputOutput where !hasRoom, .failed where !hasRoom:
                throw StoreError.full(place: configuration.path)
            case let known: throw known
            }
        }
    }

    deinit {
        // Somebody dropped the store without closing it: let the thread commit what it has and end.
        writer.close { _ in }
    }

    package func submit(
        _ writes: [StoreWrite], completion: @escaping @Sendable (Result<StoreCommit, any Error>) -> Void
    ) {
        writer.submit(Submission(writes: writes, completion: completion))
    }

    package func health() async -> StoreHealth {
        if writer.failure != nil {
            // The attempt itself updates what is reported below.
            _ = try? await writer.perform { try Meta.probe($0) }
        }
        let failure = writer.failure
        var health = StoreHealth(
            failure: failure.map { "\($0.error)" }, failingSince: failure?.since, pendingWrites: writer.pendingWrites,
            sizeBytes: 0)
        do {
            health.sizeBytes = try await read { try Pruning.usedBytes($0) }
        } catch  where health.failure == nil {
            health.failure = "\(error)"
            health.failingSince = now()
        } catch {
            // What failed first is reported already.
        }
        return health
    }

    package func prune(_ retention: Retention, now: Timestamp) async throws -> Int {
        var pruning = Pruning(retention, now: now)
        while !pruning.isDone {
            let current = pruning
            pruning = try await writer.perform { db in
                var next = current
                try next.step(db)
                return next
            }
        }
        writer.checkpoint()
        return pruning.deletedJobs
    }

    package func close() async throws {
        try await withCheckedThrowingContinuation { continuation in
            writer.close { continuation.resume(with: $0) }
        }
    }

    /// Reads one consistent snapshot, and translates what SQLite says when it cannot.
    func read<Answer: Sendable>(_ body: @escaping @Sendable (Database) throws -> Answer) async throws -> Answer {
        do {
            return try await pool.read(body)
        } catch let error as DatabaseError {
            throw StoreError(error, configuration: writer.configuration)
        }
    }

    private static func connection(_ configuration: SQLiteConfiguration) -> Configuration {
        var connection = Configuration()
        connection.foreignKeysEnabled = false
        connection.maximumReaderCount = configuration.readers
        connection.busyMode = .timeout(configuration.lockTimeout.inSeconds)
        connection.prepareDatabase { db in
            guard !db.configuration.readonly else { return }
            // Before the first page is written, so that pruned space goes back to the file system.
            try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            try db.execute(sql: "PRAGMA secure_delete = OFF")
            try db.execute(sql: "PRAGMA cache_size = -16384")
            try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
            if let bytes = configuration.maximumBytes {
                let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
                try db.execute(sql: "PRAGMA max_page_count = \(max(1, bytes / pageSize))")
            }
        }
        return connection
    }
}
