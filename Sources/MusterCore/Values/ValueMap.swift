/// A map in the order its entries were written, with keys of any kind.
///
/// Look-ups walk the entries: the maps of messages are small. Equality and hashing include the order. A key that a
/// peer repeats is kept twice by `append`; a look-up finds the last one, as Python does.
package struct ValueMap: Sendable, Hashable {
    /// One key with its value.
    package struct Entry: Sendable, Hashable {
        package var key: Value
        package var value: Value
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    package init(_ entries: [(key: Value, value: Value)]) {
        self.entries = entries.map { Entry(key: $0.key, value: $0.value) }
    }

    package init(_ entries: [Entry]) {
        self.entries = entries
    }

    /// The value of a text key. Setting replaces in place or appends; setting nil removes.
    package subscript(_ key: String) -> Value? {
        get { self[Value.string(key)] }
        set { self[Value.string(key)] = newValue }
    }

    /// The value of any key. Setting replaces in place or appends; setting nil removes.
    package subscript(_ key: Value) -> Value? {
        get { entries.last { $0.key == key }?.value }
        set {
            guard let newValue else {
                entries.removeAll { $0.key == key }
                return
            }
            if let index = entries.lastIndex(where: { $0.key == key }) {
                entries[index].value = newValue
            } else {
                entries.append(Entry(key: key, value: newValue))
            }
        }
    }

    /// Adds an entry at the end without looking for an earlier one of the same key.
    package mutating func append(_ key: Value, _ value: Value) {
        entries.append(Entry(key: key, value: value))
    }

    package mutating func reserveCapacity(_ count: Int) { entries.reserveCapacity(count) }

    package var isEmpty: Bool { entries.isEmpty }
    package var count: Int { entries.count }

    /// The text keys, in order.
    package var keys: [String] { entries.compactMap(\.key.string) }
}

extension ValueMap: Sequence {
    package func makeIterator() -> IndexingIterator<[Entry]> { entries.makeIterator() }
}

extension ValueMap: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, Value)...) {
        entries = elements.map { Entry(key: .string($0.0), value: $0.1) }
    }
}
