import MusterCore
import MusterTestSupport
import Testing

/// The vectors in `Tests/Vectors/cli`, made by real Salts: each file says by which.
enum Vectors {
    static func load(_ name: String) throws -> [Value] {
        try #require(try PackageFile.json("Tests/Vectors/cli/\(name).json")["cases"]?.array)
    }

    /// Undoes the tags for what JSON cannot hold: `$bytes`, `$float` and `$map`.
    static func untagged(_ value: Value) throws -> Value {
        switch value {
        case .array(let elements): return .array(try elements.map(untagged))
        case .map(let map):
            if let hex = map["$bytes"]?.string {
                let digits = Array(hex)
                return .bytes(
                    try stride(from: 0, to: digits.count, by: 2).map {
                        try #require(UInt8(String(digits[$0...$0 + 1]), radix: 16))
                    })
            }
            if let text = map["$float"]?.string { return .double(try #require(Double(text))) }
            if let pairs = map["$map"]?.array {
                return .map(
                    ValueMap(
                        try pairs.map { pair in
                            let pair = try #require(pair.array)
                            return (key: try untagged(pair[0]), value: try untagged(pair[1]))
                        }))
            }
            return .map(ValueMap(try map.map { (key: $0.key, value: try untagged($0.value)) }))
        default: return value
        }
    }
}
