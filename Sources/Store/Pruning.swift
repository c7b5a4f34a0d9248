import GRDB
import MusterCore

/// One run of the retention: what goes next, in steps that each keep the writer for some milliseconds only.
///
/// First everything too old: events, ended jobs with all that hangs on them, returns of jobs that are not known. Then,
/// while the store holds more than it may, the oldest of these. At last the freed pages go back to the file system.
struct Pruning: Sendable {
    private enum Phase: Sendable {
        case old, surplus, shrink, done
    }

    /// Rows deleted in one step at most, and pages given back.
    private static let stepRows = 1000

    private let retention: Retention
    private let cutoff: Timestamp
    private var phase = Phase.old
    private(set) var deletedJobs = 0

    init(_ retention: Retention, now: Timestamp) {
        self.retention = retention
        cutoff = Timestamp(microseconds: now.microseconds - retention.age.microseconds)
    }

    var isDone: Bool { phase == .done }

    /// What the rows take, free pages not counted.
    static func usedBytes(_ db: Database) throws -> Int {
        func pragma(_ name: String) throws -> Int { try Int.fetchOne(db, sql: "PRAGMA \(name)") ?? 0 }
        return try (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
    }

    /// Does the next piece of work, in the transaction of the caller.
    mutating func step(_ db: Database) throws {
        switch phase {
        case .old:
            try Meta.rememberMarks(db)
            if try !deleteOld(db) { phase = .surplus }
        case .surplus:
            guard let limit = retention.bytes, try Pruning.usedBytes(db) > limit, try deleteOldest(db) else {
                phase = .shrink
                return
            }
        case .shrink:
            let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            guard free > Pruning.stepRows else {
                phase = .done
                return
            }
            // Each page given back is one row of this statement.
            let pages = try Row.fetchCursor(db, sql: "PRAGMA incremental_vacuum(\(Pruning.stepRows))")
            while try pages.next() != nil {}
            if try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0 >= free { phase = .done }
        case .done:
            break
        }
    }

    /// False when nothing is too old any more.
    private mutating func deleteOld(_ db: Database) throws -> Bool {
        let lastEvent = try lastSequence(db, "events", "time", before: cutoff)
        if try deleteEvents(db, upTo: lastEvent) > 0 { return true }
        if let job = try oldestEndedJob(db), job.ended < cutoff {
            try deletePart(of: job.id, db)
            return true
        }
        let lastReturn = try lastSequence(db, "returns", "received", before: cutoff)
        return try deleteStrayReturns(db, upTo: lastReturn) > 0
    }

    /// False when nothing is left that may go.
    private mutating func deleteOldest(_ db: Database) throws -> Bool {
        let job = try oldestEndedJob(db)
        let event = try Int64.fetchOne(db, sql: "SELECT time FROM events ORDER BY sequence LIMIT 1")
            .map(Timestamp.init(microseconds:))
        if let job, job.ended <= event ?? job.ended {
            try deletePart(of: job.id, db)
            return true
        }
        if event != nil { return try deleteEvents(db, upTo: .max) > 0 }
        return try deleteStrayReturns(db, upTo: .max) > 0
    }

    private func oldestEndedJob(_ db: Database) throws -> (id: String, ended: Timestamp)? {
        try Row.fetchOne(db, sql: "SELECT id, ended FROM jobs WHERE ended IS NOT NULL ORDER BY ended LIMIT 1")
            .map { ($0["id"], Timestamp(microseconds: $0["ended"])) }
    }

    /// The newest row before `cutoff`, by halving: rows lie in the order of their times, give or take a clock's step.
    private func lastSequence(
        _ db: Database, _ table: String, _ column: String, before cutoff: Timestamp
    ) throws -> Int64 {
        guard let range = try Row.fetchOne(db, sql: "SELECT min(sequence) AS low, max(sequence) AS high FROM \(table)"),
            var low = range["low"] as Int64?, var high = range["high"] as Int64?
        else { return 0 }
        low -= 1
        let probe = try db.cachedStatement(
            sql: "SELECT sequence, \(column) AS time FROM \(table) WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1")
        // Everything up to `low` is before the cutoff, everything above `high` is not.
        while low < high {
            let middle = low + (high - low + 1) / 2
            guard let row = try Row.fetchOne(probe, arguments: [middle]), (row["sequence"] as Int64) > low else {
                low = middle
                continue
            }
            let (found, time): (Int64, Int64) = (row["sequence"], row["time"])
            if time < cutoff.microseconds { low = middle } else { high = found - 1 }
        }
        return low
    }

    private func deleteEvents(_ db: Database, upTo last: Int64) throws -> Int {
        try db.execute(
            sql: """
                DELETE FROM events WHERE sequence IN
                    (SELECT sequence FROM events WHERE sequence <= ? ORDER BY sequence LIMIT ?)
                """, arguments: [last, Pruning.stepRows])
        return db.changesCount
    }

    /// Deletes up to a step's rows of a job: what hangs on it first, the job itself at last.
    private mutating func deletePart(of job: String, _ db: Database) throws {
        if try deleteReturns(db, "job = ?1 LIMIT \(Pruning.stepRows)", [job]) > 0 { return }
        for (table, key) in [("notes", "id"), ("expectations", "node")] {
            try db.execute(
                sql: """
                    DELETE FROM \(table) WHERE job = ?1 AND \(key) IN
                        (SELECT \(key) FROM \(table) WHERE job = ?1 LIMIT \(Pruning.stepRows))
                    """, arguments: [job])
            if db.changesCount > 0 { return }
        }
        try db.execute(sql: "DELETE FROM jobs WHERE id = ?", arguments: [job])
        deletedJobs += 1
    }

    private func deleteStrayReturns(_ db: Database, upTo last: Int64) throws -> Int {
        try deleteReturns(
            db,
            """
            sequence <= ?1 AND NOT EXISTS (SELECT 1 FROM jobs WHERE id = returns.job)
            ORDER BY sequence LIMIT \(Pruning.stepRows)
            """, [last])
    }

    /// Deletes returns and the bodies that nobody else shares.
    private func deleteReturns(_ db: Database, _ which: String, _ arguments: StatementArguments) throws -> Int {
        let deleted = try Row.fetchAll(
            db,
            sql: """
                DELETE FROM returns WHERE sequence IN (SELECT sequence FROM returns WHERE \(which)) RETURNING body
                """, arguments: arguments)
        for body in Set(deleted.compactMap { $0["body"] as Int64? }) {
            try db.cachedStatement(
                sql: "DELETE FROM bodies WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM returns WHERE body = ?1)"
            ).execute(arguments: [body])
        }
        return deleted.count
    }
}
