/// The name that somebody probably meant.
package enum Nearest {
    /// The most similar of some names, nil when none is similar: more than a third of its letters differ.
    package static func name(to text: String, in names: some Sequence<String>) -> String? {
        names.map { (name: $0, distance: distance(Array(text.utf8), Array($0.utf8))) }
            .filter { $0.distance <= max(1, min($0.name.utf8.count, text.utf8.count) / 3) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    /// How many letters are put in, left out, changed, or swapped with their neighbour (Damerau's distance).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard abs(left.count - right.count) < 12 else { return .max }
        var before: [Int] = []
        var above = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                var best = min(
                    above[column] + (left[row] == right[column] ? 0 : 1), above[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, before[column - 1] + 1)
                }
                current.append(best)
            }
            (before, above) = (above, current)
        }
        return above[right.count]
    }
}
