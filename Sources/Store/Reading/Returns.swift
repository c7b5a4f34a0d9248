import GRDB
package import MusterCore

extension SQLiteStore {
    package func returns(of job: JobID, nodes: Set<NodeID>?) async throws -> [NodeReturn] {
        let reader = RowReader(place: place)
        return try await read { db in
            let sql = """
                SELECT returns.*, ifnull(returns.bytes, bodies.bytes) AS content
                FROM returns LEFT JOIN bodies ON bodies.id = returns.body WHERE job = ?
                """
            guard let nodes else {
                let rows = try Row.fetchCursor(db, sql: sql + " ORDER BY node", arguments: [job.text])
                var returns: [NodeReturn] = []
                while let row = try rows.next() { returns.append(try reader.nodeReturn(row)) }
                return returns
            }
            let one = try db.cachedStatement(sql: sql + " AND node = ?")
            return try nodes.sorted().compactMap { node in
                try Row.fetchOne(one, arguments: [job.text, node.text]).map(reader.nodeReturn)
            }
        }
    }

    package func returnedNodes(of job: JobID) async throws -> [NodeID] {
        try await read { db in
            try String.fetchAll(db, sql: "SELECT node FROM returns WHERE job = ? ORDER BY node", arguments: [job.text])
                .compactMap(NodeID.init)
        }
    }

    package func events(after sequence: Int64, limit: Int) async throws -> [StoredEvent] {
        let reader = RowReader(place: place)
        return try await read { db in
            // Both halves come out in the order of their rowids, so that SQLite merges them without sorting.
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT sequence, tag, time, data, NULL AS job, NULL AS node, NULL AS function, NULL AS code,
                        NULL AS success, NULL AS outputter, NULL AS received, NULL AS encoding, NULL AS content
                    FROM events WHERE sequence > ?1
                    UNION ALL
                    SELECT sequence, NULL, NULL, NULL, job, node, function, code,
                        success, outputter, received, encoding, ifnull(returns.bytes, bodies.bytes)
                    FROM returns LEFT JOIN bodies ON bodies.id = returns.body WHERE sequence > ?1
                    ORDER BY sequence LIMIT ?2
                    """,
                arguments: [sequence, max(0, limit)])
            var events: [StoredEvent] = []
            while let row = try rows.next() { events.append(try reader.event(row)) }
            return events
        }
    }

    package func eventRange() async throws -> ClosedRange<Int64>? {
        try await read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT (SELECT min(sequence) FROM events) AS first_event, (SELECT max(sequence) FROM events) AS last_event,
                        (SELECT min(sequence) FROM returns) AS first_return, (SELECT max(sequence) FROM returns) AS last_return
                    """)
            let ends = ["first_event", "last_event", "first_return", "last_return"].compactMap { row?[$0] as Int64? }
            guard let first = ends.min(), let last = ends.max() else { return nil }
            return first...last
        }
    }
}
