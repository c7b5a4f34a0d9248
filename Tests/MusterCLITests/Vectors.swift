import Glibc
import MusterCore
import Testing

/// The vectors beside these tests, made by real Salts: each file says by which.
enum Vectors {
    static func load(_ name: String) throws -> [Value] {
        let path = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let document = try JSON.value(read("/\(path)/Vectors/\(name).json"))
        return try #require(document["cases"]?.array)
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"), "no vectors at \(path)")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
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
