/// A hash of Ruby: pairs in the order of their insertion, each key once.
///
/// Look-ups walk the pairs: the hashes of messages are small.
package struct RubyHash: Hashable, Sendable {
    /// One key with its value.
    package struct Pair: Hashable, Sendable {
        package var key: RubyValue
        package var value: RubyValue
    }

    package private(set) var pairs: [Pair] = []

    package init() {}

    /// A key that is repeated keeps its first place and its last value, as in Ruby.
    package init(_ pairs: [(RubyValue, RubyValue)]) {
        self.init(pairs.map { Pair(key: $0.0, value: $0.1) })
    }

    /// A key that is repeated keeps its first place and its last value, as in Ruby.
    package init(_ pairs: [Pair]) {
        self.pairs.reserveCapacity(pairs.count)
        var places: [RubyValue: Int] = [:]
        for pair in pairs {
            if let place = places[pair.key] {
                self.pairs[place].value = pair.value
            } else {
                places[pair.key] = self.pairs.count
                self.pairs.append(pair)
            }
        }
    }

    /// The value of a key; setting replaces in place or appends, setting nil removes.
    package subscript(_ key: RubyValue) -> RubyValue? {
        get { pairs.first { $0.key == key }?.value }
        set {
            let place = pairs.firstIndex { $0.key == key }
            switch (place, newValue) {
            case (let place?, let value?): pairs[place].value = value
            case (let place?, nil): pairs.remove(at: place)
            case (nil, let value?): pairs.append(Pair(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// The value of a key that may be a symbol or text: nodes accept either, so that clients without symbols work.
    package subscript(named name: String) -> RubyValue? {
        pairs.first { $0.key.text == name }?.value
    }

    package var isEmpty: Bool { pairs.isEmpty }
    package var count: Int { pairs.count }
}

extension RubyHash: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (RubyValue, RubyValue)...) { self.init(elements) }
}
