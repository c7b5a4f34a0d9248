/// A set of characters, as brackets and escapes of a regular expression name them.
struct ScalarSet: Hashable, Sendable {
    private(set) var ranges: [ClosedRange<UInt32>] = []
    var isNegated = false
    var ignoresCase = false

    init(_ ranges: [ClosedRange<UInt32>] = [], isNegated: Bool = false) {
        self.ranges = ranges
        self.isNegated = isNegated
    }

    init(_ scalar: Unicode.Scalar) { ranges = [scalar.value...scalar.value] }

    /// Takes in another set; a negated one is turned into the ranges that it means.
    mutating func formUnion(_ other: ScalarSet) { ranges += other.isNegated ? other.complement : other.ranges }

    mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var isIn = has(scalar.value)
        if !isIn, ignoresCase {
            let properties = scalar.properties
            isIn = [properties.lowercaseMapping, properties.uppercaseMapping].contains { text in
                let scalars = text.unicodeScalars
                return scalars.count == 1 && scalars.first.map { has($0.value) } == true
            }
        }
        return isIn != isNegated
    }

    private func has(_ code: UInt32) -> Bool { ranges.contains { $0.contains(code) } }

    private var complement: [ClosedRange<UInt32>] {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10ffff { gaps.append(next...0x10ffff) }
        return gaps
    }
}

extension ScalarSet {
    static let digits = ScalarSet([0x30...0x39])
    static let words = ScalarSet([0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a])
    static let spaces = ScalarSet([0x09...0x0d, 0x20...0x20])
    static let hexDigits = ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])

    /// The classes in brackets, `[:alpha:]` and the like. Beyond ASCII all are letters: facts and names hold no others.
    static let named: [String: ScalarSet] = [
        "alpha": ScalarSet([0x41...0x5a, 0x61...0x7a, 0x80...0x10ffff]),
        "digit": digits, "xdigit": hexDigits, "space": spaces,
        "alnum": ScalarSet([0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x80...0x10ffff]),
        "word": ScalarSet([0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a, 0x80...0x10ffff]),
        "upper": ScalarSet([0x41...0x5a]), "lower": ScalarSet([0x61...0x7a]),
        "blank": ScalarSet([0x09...0x09, 0x20...0x20]),
        "punct": ScalarSet([0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e]),
        "cntrl": ScalarSet([0...0x1f, 0x7f...0x7f]),
        "graph": ScalarSet([0x21...0x7e, 0xa1...0x10ffff]), "print": ScalarSet([0x20...0x7e, 0xa0...0x10ffff]),
    ]
}
