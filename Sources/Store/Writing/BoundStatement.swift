import GRDB
import GRDBSQLite

/// A cached statement that is bound and stepped through SQLite's own calls: a third less time than GRDB's arguments.
///
/// Lives no longer than the transaction that made it, on the thread that made it.
struct BoundStatement {
    private let statement: Statement
    private let connection: SQLiteConnection
    private var handle: SQLiteStatement { statement.sqliteStatement }

    /// SQLite copies what it is given: `SQLITE_TRANSIENT`, a macro that Swift cannot import.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    init(_ db: Database, _ sql: String) throws {
        statement = try db.cachedStatement(sql: sql)
        guard let connection = db.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
        self.connection = connection
    }

    // An index out of range is our mistake and shows in every test; out of memory shows in `step`.

    func bind(_ index: Int32, _ number: Int64) { sqlite3_bind_int64(handle, index, number) }

    func bind(_ index: Int32, _ number: Int64?) {
        if let number { sqlite3_bind_int64(handle, index, number) } else { sqlite3_bind_null(handle, index) }
    }

    func bind(_ index: Int32, _ text: String) {
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                guard let base = characters.baseAddress else {
                    // An empty text may have no address, and that would be NULL.
                    sqlite3_bind_text(handle, index, "", 0, BoundStatement.copied)
                    return
                }
                sqlite3_bind_text(handle, index, base, Int32(characters.count), BoundStatement.copied)
            }
        }
    }

    func bind(_ index: Int32, _ text: String?) {
        if let text { bind(index, text) } else { sqlite3_bind_null(handle, index) }
    }

    /// Binds bytes without a copy and runs `body`, which must step and reset the statement.
    func bind<Answer>(_ index: Int32, bytes: [UInt8], then body: () throws -> Answer) rethrows -> Answer {
        try bytes.withUnsafeBytes { buffer in
            if let base = buffer.baseAddress, !buffer.isEmpty {
                sqlite3_bind_blob(handle, index, base, Int32(buffer.count), nil)
            } else {
                sqlite3_bind_zeroblob(handle, index, 0)
            }
            defer { sqlite3_bind_null(handle, index) }
            return try body()
        }
    }

    /// Runs a statement without rows and makes it ready for the next one.
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    func run() throws -> Int {
        let code = sqlite3_step(handle)
        guard code == SQLITE_DONE else { throw failure(code) }
        sqlite3_reset(handle)
        return Int(sqlite3_changes(connection))
    }

    /// Runs a statement for the integer in its first column, nil without a row, and makes it ready for the next one.
    func integer() throws -> Int64? {
        let code = sqlite3_step(handle)
        guard code == SQLITE_ROW || code == SQLITE_DONE else { throw failure(code) }
        let number = code == SQLITE_ROW ? sqlite3_column_int64(handle, 0) : nil
        sqlite3_reset(handle)
        return number
    }

    private func failure(_ code: Int32) -> DatabaseError {
        let message = String(cString: sqlite3_errmsg(connection))
        sqlite3_reset(handle)
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
}
