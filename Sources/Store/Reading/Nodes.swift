import GRDB
package import MusterCore

extension SQLiteStore {
    package func contacts() async throws -> [NodeID: NodeContact] {
        let reader = RowReader(place: place)
        return try await read { db in
            let rows = try Row.fetchCursor(db, sql: "SELECT node, time, connected, address FROM contacts")
            var contacts: [NodeID: NodeContact] = [:]
            while let row = try rows.next() { contacts[try reader.node(row)] = reader.contact(row) }
            return contacts
        }
    }

    package func facts(after node: NodeID?, limit: Int) async throws -> [StoredFacts] {
        let reader = RowReader(place: place)
        return try await read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(sql: "SELECT node, encoding, bytes FROM facts WHERE node > ? ORDER BY node LIMIT ?"),
                arguments: [node?.text ?? "", limit])
            var page: [StoredFacts] = []
            while let row = try rows.next() {
                guard let body = try reader.facts(row) else { throw reader.damaged("the facts of a node") }
                page.append(StoredFacts(node: try reader.node(row), body: body))
            }
            return page
        }
    }

    package func node(_ id: NodeID) async throws -> StoredNode? {
        let reader = RowReader(place: place)
        return try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT node, contacts.time, connected, address, facts.time AS facts_time, encoding, bytes
                    FROM (SELECT ?1 AS node) LEFT JOIN contacts USING (node) LEFT JOIN facts USING (node)
                    WHERE contacts.time IS NOT NULL OR facts.time IS NOT NULL
                    """, arguments: [id.text]
            ).map(reader.storedNode)
        }
    }
}
