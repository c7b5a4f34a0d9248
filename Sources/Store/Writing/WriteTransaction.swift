import COpenSSL
import GRDB
import MusterCore

/// Applies writes inside one open transaction. The statements of the hot path are prepared once per connection and
/// looked up once per transaction.
struct WriteTransaction {
    /// The last sequence number given.
    private(set) var sequence: Int64
    private let db: Database
    private let sharedBodyBytes: Int
    private var statements = [BoundStatement?](repeating: nil, count: HotStatement.allCases.count)

    init(_ db: Database, sharedBodyBytes: Int, sequence: Int64) {
        self.db = db
        self.sharedBodyBytes = sharedBodyBytes
        self.sequence = sequence
    }

    /// - Throws: `StoreError` for what the write itself does wrong, otherwise what SQLite says.
    mutating func apply(_ write: StoreWrite) throws -> StoreCommit.Result {
        switch write {
        case .nodeReturn(let nodeReturn): return try add(nodeReturn)
        case .expectedReturn(let nodeReturn):
            return try isExpected(nodeReturn) ? try add(nodeReturn) : .refused
        case .event(let event): return try add(event)
        case .job(let job, let expected): try add(job, expected)
        case .outcomes(let job, let expected): for node in expected { try set(node, of: job) }
        case .idGiven(let id): try Meta.remember(id, db)
        case .jobSent(let job, let time): try set("sent", of: job, to: time)
        case .jobEnded(let job, let time): try set("ended", of: job, to: time)
        case .note(let job, let node, let note): try add(note, job, node)
        case .facts(let node, let body, let time): try setFacts(of: node, body, at: time)
        case .contact(let node, let contact): try set(contact, of: node)
        case .forget(let node): try forget(node)
        }
        return .stored(sequence: 0)
    }

    private mutating func add(_ nodeReturn: NodeReturn) throws -> StoreCommit.Result {
        var bodyID: Int64?
        if nodeReturn.body.bytes.count >= sharedBodyBytes {
            let known = try statement(.hasReturned)
            known.bind(1, nodeReturn.job.text)
            known.bind(2, nodeReturn.node.text)
            guard try known.integer() == nil else { return .duplicate }
            bodyID = try share(nodeReturn.body.bytes)
        }
        let insert = try statement(.addReturn)
        insert.bind(1, sequence + 1)
        insert.bind(2, nodeReturn.job.text)
        insert.bind(3, nodeReturn.node.text)
        insert.bind(4, nodeReturn.function)
        insert.bind(5, Int64(nodeReturn.returnCode))
        insert.bind(6, nodeReturn.isSuccess.map { $0 ? 1 : 0 })
        insert.bind(7, nodeReturn.outputter)
        insert.bind(8, nodeReturn.received.microseconds)
        insert.bind(9, Int64(nodeReturn.body.encoding.rawValue))
        insert.bind(11, bodyID)
        let added: Int
        if bodyID != nil {
            insert.bind(10, nil as Int64?)
            added = try insert.run()
        } else {
            added = try insert.bind(10, bytes: nodeReturn.body.bytes) { try insert.run() }
        }
        guard added == 1 else { return .duplicate }
        sequence += 1

        let settle = try statement(.settle)
        settle.bind(1, nodeReturn.job.text)
        settle.bind(2, nodeReturn.node.text)
        settle.bind(3, nodeReturn.outcome.kind.rawValue)
        settle.bind(4, OutcomeColumns(nodeReturn.outcome).code)
        return try settle.run() == 0 ? .unasked(sequence: sequence) : .stored(sequence: sequence)
    }

    private mutating func isExpected(_ nodeReturn: NodeReturn) throws -> Bool {
        let known = try statement(.isExpected)
        known.bind(1, nodeReturn.job.text)
        known.bind(2, nodeReturn.node.text)
        return try known.integer() != nil
    }

    /// The row of a body, made unless there is an equal one.
    private mutating func share(_ bytes: [UInt8]) throws -> Int64? {
        var hash = [UInt8](repeating: 0, count: 32)
        guard EVP_Digest(bytes, bytes.count, &hash, nil, EVP_sha256(), nil) == 1 else { return nil }
        let find = try statement(.findBody)
        if let id = try find.bind(1, bytes: hash, then: { try find.integer() }) { return id }
        let insert = try statement(.addBody)
        return try insert.bind(1, bytes: hash) { try insert.bind(2, bytes: bytes) { try insert.integer() } }
    }

    private mutating func add(_ event: Event) throws -> StoreCommit.Result {
        let insert = try statement(.addEvent)
        insert.bind(1, sequence + 1)
        insert.bind(2, event.tag)
        insert.bind(3, event.time.microseconds)
        insert.bind(4, try StoredJSON.text(event.data, what: "the data of event \(event.tag)"))
        try insert.run()
        sequence += 1
        return .stored(sequence: sequence)
    }

    private mutating func add(_ job: Job, _ expected: [Expectation]) throws {
        let text = try StoredJSON.text(try ValueEncoder().encode(job), what: "job \(job.id)")
        let insert = try BoundStatement(
            db, "INSERT INTO jobs (id, published, functions, job) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
        insert.bind(1, job.id.text)
        insert.bind(2, job.published.microseconds)
        insert.bind(3, "," + job.calls.map { $0.function + "," }.joined())
        insert.bind(4, text)
        guard try insert.run() == 1 else { throw StoreError.jobExists(job.id) }
        let add = try statement(.addExpectation)
        for node in expected {
            bind(node, of: job.id, to: add)
            try add.run()
        }
    }

    private mutating func set(_ expectation: Expectation, of job: JobID) throws {
        let update = try statement(.setOutcome)
        bind(expectation, of: job, to: update)
        update.bind(8, expectation.outcome.hasReturned ? 1 : 0)
        try update.run()
    }

    private func bind(_ expectation: Expectation, of job: JobID, to statement: BoundStatement) {
        let columns = OutcomeColumns(expectation.outcome)
        statement.bind(1, job.text)
        statement.bind(2, expectation.node.text)
        statement.bind(3, columns.kind.rawValue)
        statement.bind(4, columns.code)
        statement.bind(5, columns.reason)
        statement.bind(6, columns.since)
        statement.bind(7, columns.lastSeen)
    }

    private func set(_ column: String, of job: JobID, to time: Timestamp?) throws {
        let update = try BoundStatement(db, "UPDATE jobs SET \(column) = ?2 WHERE id = ?1")
        update.bind(1, job.text)
        update.bind(2, time?.microseconds)
        try update.run()
    }

    private mutating func add(_ note: TimelineNote, _ job: JobID, _ node: NodeID) throws {
        let insert = try statement(.addNote)
        insert.bind(1, job.text)
        insert.bind(2, node.text)
        insert.bind(3, note.time.microseconds)
        insert.bind(4, note.text)
        try insert.run()
    }

    private mutating func setFacts(of node: NodeID, _ body: NodeReturn.Body, at time: Timestamp) throws {
        let upsert = try statement(.setFacts)
        upsert.bind(1, node.text)
        upsert.bind(2, time.microseconds)
        upsert.bind(3, Int64(body.encoding.rawValue))
        _ = try upsert.bind(4, bytes: body.bytes) { try upsert.run() }
    }

    private mutating func set(_ contact: NodeContact, of node: NodeID) throws {
        let upsert = try statement(.setContact)
        upsert.bind(1, node.text)
        upsert.bind(2, contact.time.microseconds)
        upsert.bind(3, contact.isConnected ? 1 : 0)
        upsert.bind(4, contact.address)
        try upsert.run()
    }

    private func forget(_ node: NodeID) throws {
        for table in ["contacts", "facts"] {
            let delete = try BoundStatement(db, "DELETE FROM \(table) WHERE node = ?")
            delete.bind(1, node.text)
            try delete.run()
        }
    }

    private mutating func statement(_ hot: HotStatement) throws -> BoundStatement {
        if let statement = statements[hot.rawValue] { return statement }
        let statement = try BoundStatement(db, hot.sql)
        statements[hot.rawValue] = statement
        return statement
    }
}

/// What a busy controller writes all the time; the numbers are places in an array.
private enum HotStatement: Int, CaseIterable {
    case addReturn, hasReturned, settle, findBody, addBody, addEvent, addExpectation, setOutcome, addNote, setContact
    case setFacts, isExpected

    var sql: String {
        switch self {
        case .addReturn:
            "INSERT INTO returns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job, node) DO NOTHING"
        case .hasReturned:
            "SELECT 1 FROM returns WHERE job = ? AND node = ?"
        case .isExpected:
            "SELECT 1 FROM expectations WHERE job = ? AND node = ?"
        case .settle:
            """
            UPDATE expectations SET outcome = ?3, code = ?4, reason = NULL, since = NULL, last_seen = NULL
            WHERE job = ?1 AND node = ?2
            """
        case .findBody:
            "SELECT id FROM bodies WHERE hash = ?"
        case .addBody:
            "INSERT INTO bodies (hash, bytes) VALUES (?, ?) RETURNING id"
        case .addEvent:
            "INSERT INTO events VALUES (?, ?, ?, ?)"
        case .addExpectation:
            "INSERT INTO expectations VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        case .setOutcome:
            """
            UPDATE expectations SET outcome = ?3, code = ?4, reason = ?5, since = ?6, last_seen = ?7
            WHERE job = ?1 AND node = ?2 AND (?8 OR outcome NOT IN ('ok', 'failed'))
            """
        case .addNote:
            "INSERT INTO notes (job, node, time, text) SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM jobs WHERE id = ?1)"
        case .setContact:
            """
            INSERT INTO contacts VALUES (?, ?, ?, ?) ON CONFLICT (node) DO UPDATE SET time = excluded.time,
                connected = excluded.connected, address = ifnull(excluded.address, address)
            """
        case .setFacts:
            """
            INSERT INTO facts VALUES (?, ?, ?, ?) ON CONFLICT (node) DO UPDATE SET time = excluded.time,
                encoding = excluded.encoding, bytes = excluded.bytes
            """
        }
    }
}
