import MCollectiveProtocol
import MusterCore
import MusterTestSupport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The captures in `Tests/Vectors/mcollective`, made by MCollective 2.12.5 on Ruby 3.1.
enum MCollectiveVector {
    /// The content of one file.
    static func file(_ name: String) throws -> Value {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/mcollective/\(name).json")
        return try JSON.value([UInt8](try Data(contentsOf: file)))
    }

    /// A value in the tagged JSON of the captures: `$sym`, `$ascii`, `$binhex`, `$enc`, `$float`, `$big`, `$regexp`,
    /// `$hash`; nil where the capture names only a class.
    static func value(_ tagged: Value) throws -> RubyValue? {
        switch tagged {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .int(let number): return .int(number)
        case .string(let text): return .text(text)
        case .array(let elements):
            let values = try elements.map(value)
            return values.contains(nil) ? nil : .array(values.compactMap { $0 })
        case .map(let map): return try value(map)
        case .uint, .double, .bytes: throw Vector.Problem("no tagged value: \(tagged)")
        }
    }

    private static func value(_ map: ValueMap) throws -> RubyValue? {
        if let name = map["$sym"]?.string { return .symbol(name) }
        if let text = map["$ascii"]?.string { return .ascii(text) }
        if let hex = map["$binhex"]?.string, let bytes = [UInt8](hex: hex) { return .bytes(bytes) }
        if let name = map["$enc"]?.string, let hex = map["$hex"]?.string, let bytes = [UInt8](hex: hex) {
            return .string(RubyString(bytes: bytes, encoding: .named(name)))
        }
        if let text = map["$float"]?.string {
            guard let number = Double(text.lowercased()) else { throw Vector.Problem("no number: \(text)") }
            return .double(number)
        }
        if let text = map["$regexp"]?.string {
            return .regexp(.init(text, options: .init(rawValue: UInt8(map["$options"]?.int ?? 0))))
        }
        if let pairs = map["$hash"]?.array {
            var result: [(RubyValue, RubyValue)] = []
            for pair in pairs {
                guard let pair = pair.array, let key = try value(pair[0]), let value = try value(pair[1]) else {
                    return nil
                }
                result.append((key, value))
            }
            return .hash(result)
        }
        guard map["$object"] != nil || map["$big"] != nil else { throw Vector.Problem("no tag: \(map)") }
        return nil
    }
}
