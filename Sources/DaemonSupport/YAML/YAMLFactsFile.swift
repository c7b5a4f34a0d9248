package import MusterCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Salt's `grains` file beside the node's configuration: a YAML map of the operator's own facts.
package struct YAMLFactsFile: FactsFile {
    package let path: String

    package init(path: String) { self.path = path }

    package func load() throws -> ValueMap {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw FactsFileError.unreadable(path: path, reason: "\(error)")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw FactsFileError.invalid(path: path, reason: "not UTF-8")
        }
        let value: Value
        do {
            value = try YAMLText.value(text)
        } catch {
            throw FactsFileError.invalid(path: path, reason: error.description)
        }
        switch value {
        case .null: return [:]
        case .map(let facts): return facts
        case .bool, .int, .uint, .double, .string, .bytes, .array:
            throw FactsFileError.invalid(path: path, reason: "the file must hold a map of facts")
        }
    }

    package func save(_ facts: ValueMap) throws {
        let text = YAMLText.text(.map(facts), keys: .sorted)
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw FactsFileError.unwritable(path: path, reason: "\(error)")
        }
    }
}

/// Why the file of the operator's facts could not be used.
package enum FactsFileError: Error, Hashable, Sendable {
    case unreadable(path: String, reason: String)
    case invalid(path: String, reason: String)
    case unwritable(path: String, reason: String)
}

extension FactsFileError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .invalid(let path, let reason): "\(path): \(reason)"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        }
    }
}
