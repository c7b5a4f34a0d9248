import MCollectiveProtocol
import MusterCore

/// The descriptions of plugins that this client knows: those of its library directories, then those that come with it.
struct DDLLibrary: Sendable {
    /// What a plugin is; the raw values are the names of directories.
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case agent, data, discovery
    }

    /// The options `libdir`.
    let directories: [String]

    /// The description of a plugin.
    ///
    /// - Parameter name: For data plugins without `_data`, which their files end with.
    /// - Throws: ``McoFailure`` when there is none, or none that can be read.
    func description(_ kind: Kind, _ name: String) throws(McoFailure) -> DDL {
        let file = kind == .data ? "\(name)_data" : name
        // A name with a slash would lead out of the directories.
        guard Identity.isValid(name) else { throw DDLLibrary.missing(kind, file) }
        for directory in directories {
            for (ending, read) in DDLLibrary.readers {
                let path = "\(directory)/mcollective/\(kind.rawValue)/\(file).\(ending)"
                guard Files.status(path) != nil else { continue }
                do {
                    return try read(try Files.read(path, limitBytes: 1 << 20))
                } catch {
                    throw McoFailure("\(path): \(error)")
                }
            }
        }
        guard let standard = StandardPlugins.description(kind, name) else { throw DDLLibrary.missing(kind, file) }
        return standard
    }

    /// Every plugin of a kind there is a description of, sorted.
    func names(_ kind: Kind) -> [String] {
        var names = Set(StandardPlugins.names(kind))
        for directory in directories {
            for file in Files.list("\(directory)/mcollective/\(kind.rawValue)") {
                for (ending, _) in DDLLibrary.readers where file.hasSuffix(".\(ending)") {
                    let name = String(file.dropLast(ending.count + 1))
                    names.insert(kind == .data && name.hasSuffix("_data") ? String(name.dropLast(5)) : name)
                }
            }
        }
        return names.sortedByBytes()
    }

    private static let readers: [(ending: String, read: @Sendable ([UInt8]) throws -> DDL)] = [
        ("json", { try DDL(json: $0) }), ("ddl", { try DDL(ruby: $0) }),
    ]

    private static func missing(_ kind: Kind, _ name: String) -> McoFailure {
        McoFailure("Can't find DDL for \(kind.rawValue) plugin '\(name)'")
    }
}
