package import MusterCore

/// One file of `Tests/Vectors`: bytes captured from an unchanged peer, with their meaning.
///
/// ```swift
/// let vector = try Vector.salt("3006/publish")
/// let frame = try vector.bytes("frame_hex")
/// let signature = try vector.bytes("outer", "sig")
/// ```
package struct Vector: Sendable {
    /// The path below `Tests/Vectors`, without `.json`.
    package let name: String
    /// The whole file; `{"$hex": ".."}` has become bytes.
    package let value: Value

    /// What is wrong with a vector or with the test that reads it.
    package struct Problem: Error, CustomStringConvertible {
        package let description: String

        package init(_ description: String) { self.description = description }
    }

    /// The releases with captured vectors.
    package static let saltReleases = ["3006", "3007", "3008"]

    /// Loads `Tests/Vectors/salt/NAME.json`.
    package static func salt(_ name: String) throws -> Vector {
        Vector(name: "salt/\(name)", value: try bytesForHex(try PackageFile.json("Tests/Vectors/salt/\(name).json")))
    }

    /// Loads `Tests/Vectors/salt/RELEASE/NAME.json` of every release that has it, oldest first.
    package static func saltOfEachRelease(_ name: String) throws -> [Vector] {
        try saltReleases
            .filter { Files.status(PackageFile.path("Tests/Vectors/salt/\($0)/\(name).json")) != nil }
            .map { try salt("\($0)/\(name)") }
    }

    /// The value at a path of keys; throws when there is none.
    package func value(_ path: String...) throws -> Value { try value(at: path) }

    /// The text at a path of keys.
    package func text(_ path: String...) throws -> String {
        guard let text = try value(at: path).string else { throw problem(path, "is not text") }
        return text
    }

    /// The bytes at a path of keys: hexadecimal text, or `{"$hex": ".."}`.
    package func bytes(_ path: String...) throws -> [UInt8] {
        switch try value(at: path) {
        case .bytes(let bytes): return bytes
        case .string(let text):
            guard let bytes = [UInt8](hex: text) else { throw problem(path, "is not hexadecimal") }
            return bytes
        case .null, .bool, .int, .uint, .double, .array, .map: throw problem(path, "holds no bytes")
        }
    }

    private func value(at path: [String]) throws -> Value {
        var value = value
        for key in path {
            guard let next = value[key] else { throw problem(path, "does not exist") }
            value = next
        }
        return value
    }

    private func problem(_ path: [String], _ text: String) -> Problem {
        Problem("\(name): \(path.joined(separator: ".")) \(text)")
    }

    private static func bytesForHex(_ value: Value) throws -> Value {
        switch value {
        case .null, .bool, .int, .uint, .double, .string, .bytes: return value
        case .array(let elements): return .array(try elements.map(bytesForHex))
        case .map(let map):
            if map.count == 1, let text = map["$hex"]?.string {
                guard let bytes = [UInt8](hex: text) else { throw Problem("not hexadecimal: \(text)") }
                return .bytes(bytes)
            }
            return .map(ValueMap(try map.map { (key: $0.key, value: try bytesForHex($0.value)) }))
        }
    }
}

extension Vector: CustomStringConvertible {
    package var description: String { name }
}
