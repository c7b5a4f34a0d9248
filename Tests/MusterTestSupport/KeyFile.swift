#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The throw-away key files of `Tests/Vectors/keys`.
package enum KeyFile {
    /// The text of `NAME.pem`.
    package static func text(_ name: String) throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/keys/\(name).pem")
        return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }
}
