import GRDB
package import MusterCore

extension SQLiteStore {
    package func nodes() async throws -> [StoredNode] {
        let reader = RowReader(place: place)
        return try await read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT node, contacts.time, connected, address, facts.time AS facts_time, encoding, bytes
                    FROM (SELECT node FROM contacts UNION SELECT node FROM facts)
                    LEFT JOIN contacts USING (node) LEFT JOIN facts USING (node) ORDER BY node
                    """)
            var nodes: [StoredNode] = []
            while let row = try rows.next() { nodes.append(try reader.storedNode(row)) }
            return nodes
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
