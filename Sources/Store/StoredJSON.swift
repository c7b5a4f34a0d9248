import MusterCore

/// Values as JSON text, in columns that people read with `sqlite3` too. Bytes become base64 text.
enum StoredJSON {
    /// What can be written must be readable: the reader's own limit.
    static let maximumDepth = 128

    /// - Throws: `StoreError.nestedTooDeep`.
    static func text(_ value: Value, what: @autoclosure () -> String) throws(StoreError) -> String {
        guard isNested(value, atMost: maximumDepth) else {
            throw .nestedTooDeep(what: what(), limit: maximumDepth)
        }
        return JSON.text(value)
    }

    static func value(_ text: String) throws(JSONError) -> Value { try JSON.value(text, maxDepth: maximumDepth) }

    private static func isNested(_ value: Value, atMost depth: Int) -> Bool {
        guard depth >= 0 else { return false }
        switch value {
        case .null, .bool, .int, .uint, .double, .string, .bytes: return true
        case .array(let elements): return elements.allSatisfy { isNested($0, atMost: depth - 1) }
        case .map(let map): return map.allSatisfy { isNested($0.value, atMost: depth - 1) }
        }
    }
}
