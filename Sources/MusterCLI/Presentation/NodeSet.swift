import MusterCore

/// The names of a set of nodes as one short text: `db1, web[01-12,20].example.com`.
///
/// Names that differ in one number only are folded: the last number before the first dot.
enum NodeSet {
    /// Names that share everything but their number.
    private struct Family: Hashable {
        let prefix: String
        /// The number's digits when it has leading zeros, otherwise 0.
        let width: Int
        let suffix: String
    }

    /// `1 node`, `12 nodes`.
    static func count(_ count: Int) -> String { count == 1 ? "1 node" : "\(count) nodes" }

    /// The text; up to three names are written out.
    static func text(_ nodes: some Sequence<NodeID>) -> String {
        let names = nodes.sorted().map(\.text)
        guard names.count > 3 else { return names.joined(separator: ", ") }
        let parts = names.map { ($0, split($0)) }
        // A number without leading zeros belongs to those with some when it has as many digits: web08, web09, web10.
        let padded = Set(parts.compactMap { $0.1?.family }.filter { $0.width > 0 })
        var families: [Family: [Int]] = [:]
        var order: [(Family?, String)] = []
        for (name, part) in parts {
            guard let part else {
                order.append((nil, name))
                continue
            }
            var family = part.family
            let wider = Family(prefix: family.prefix, width: part.digits, suffix: family.suffix)
            if padded.contains(wider) { family = wider }
            if families[family] == nil { order.append((family, name)) }
            families[family, default: []].append(part.number)
        }
        return order.map { family, name in
            guard let family, let numbers = families[family], numbers.count > 1 else { return name }
            return "\(family.prefix)[\(ranges(numbers.sorted(), width: family.width))]\(family.suffix)"
        }.joined(separator: ", ")
    }

    private static func split(_ name: String) -> (family: Family, number: Int, digits: Int)? {
        let characters = Array(name.utf8)
        let end = characters.firstIndex(of: UInt8(ascii: ".")) ?? characters.count
        func isDigit(_ index: Int) -> Bool { (0x30...0x39).contains(characters[index]) }
        guard let last = (0..<end).last(where: isDigit) else { return nil }
        let start = ((0..<last).last { !isDigit($0) } ?? -1) + 1
        // An address is no number in a name.
        guard start > 0 || end < characters.count, last - start < 15 else { return nil }
        guard let number = Int(String(decoding: characters[start...last], as: UTF8.self)) else { return nil }
        let digits = last - start + 1
        let family = Family(
            prefix: String(decoding: characters[..<start], as: UTF8.self),
            width: characters[start] == UInt8(ascii: "0") && digits > 1 ? digits : 0,
            suffix: String(decoding: characters[(last + 1)...], as: UTF8.self))
        return (family, number, digits)
    }

    private static func ranges(_ numbers: [Int], width: Int) -> String {
        var parts: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = parts.last, last.upperBound + 1 == number {
                parts[parts.count - 1] = last.lowerBound...number
            } else {
                parts.append(number...number)
            }
        }
        func digits(_ number: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return parts.map { $0.count == 1 ? digits($0.lowerBound) : "\(digits($0.lowerBound))-\(digits($0.upperBound))" }
            .joined(separator: ",")
    }
}
