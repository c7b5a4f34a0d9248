package import MusterCore

/// Files of this package that tests read, named from its root: `Tests/Vectors/keys/private-pkcs1.pem`.
package enum PackageFile {
    private static let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    /// Where a file is on this machine.
    package static func path(_ name: String) -> String { "/\(root)/\(name)" }

    package static func text(_ name: String) throws -> String { try Files.text(path(name)) }

    package static func json(_ name: String) throws -> Value { try JSON.value(Files.read(path(name))) }
}
