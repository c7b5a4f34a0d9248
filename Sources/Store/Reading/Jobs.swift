import GRDB
package import MusterCore

extension SQLiteStore {
    package func newestJob() async throws -> JobID? {
        try await read { try Meta.newestJob($0) }.flatMap(JobID.init(_:))
    }

    package func job(_ id: JobID) async throws -> StoredJob? {
        let reader = RowReader(place: place)
        return try await read { db in
            try Row.fetchOne(db, sql: "SELECT sent, ended, job FROM jobs WHERE id = ?", arguments: [id.text])
                .map { try reader.job($0, db) }
        }
    }

    package func jobs(_ query: JobQuery) async throws -> [StoredJob] {
        let reader = RowReader(place: place)
        return try await read { db in
            var conditions: [String] = []
            var arguments: StatementArguments = []
            if query.onlyOpen { conditions.append("ended IS NULL") }
            if let before = query.before {
                conditions.append("id < ?")
                arguments += [before.text]
            }
            if let function = query.function {
                conditions.append("instr(functions, ?)")
                arguments += ["," + function + ","]
            }
            arguments += [max(0, query.limit)]
            let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
            return try Row.fetchAll(
                db, sql: "SELECT sent, ended, job FROM jobs \(filter) ORDER BY id DESC LIMIT ?", arguments: arguments
            ).map { try reader.job($0, db) }
        }
    }

    package func expectations(of job: JobID) async throws -> [Expectation] {
        let reader = RowReader(place: place)
        return try await read { db in
            let rows = try Row.fetchCursor(
                db, sql: "SELECT * FROM expectations WHERE job = ? ORDER BY node", arguments: [job.text])
            var expectations: [Expectation] = []
            while let row = try rows.next() {
                guard let outcome = OutcomeColumns.outcome(row) else {
                    throw reader.damaged("an outcome of job \(job)")
                }
                expectations.append(Expectation(node: try reader.node(row), outcome: outcome))
            }
            return expectations
        }
    }

    package func notes(of job: JobID, node: NodeID) async throws -> [TimelineNote] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT time, text FROM notes WHERE job = ? AND node = ? ORDER BY time, id",
                arguments: [job.text, node.text]
            ).map { TimelineNote(time: Timestamp(microseconds: $0["time"]), text: $0["text"]) }
        }
    }
}
