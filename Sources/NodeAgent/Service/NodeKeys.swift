import MusterCore
package import SaltProtocol

/// The node's key files in Salt's layout: `minion.pem` (0400), `minion.pub`, and the masters' keys.
package struct NodeKeys: Sendable {
    package let directory: String
    package let key: PrivateKey

    /// Reads the key pair, or makes one at the first start.
    ///
    /// - Throws: `NodeError.keyFile` or `FileError`; nothing is left half made.
    package init(directory: String, bits: Int = 2048) throws {
        self.directory = directory
        try Files.makeDirectory(directory)
        let path = "\(directory)/minion.pem"
        if let status = Files.status(path) {
            guard status.mode & 0o077 == 0 else {
                throw NodeError.keyFile(path: path, reason: "others than its owner may read it: chmod 0400")
            }
            do throws(CryptographyError) {
                key = try PrivateKey(pem: try NodeKeys.text(path))
            } catch {
                throw NodeError.keyFile(path: path, reason: error.description)
            }
        } else {
            key = try PrivateKey.generate(bits: bits)
            try Files.write(try key.secretPEM().utf8, to: path, mode: 0o400)
        }
        let publicPath = "\(directory)/minion.pub"
        let text = key.publicKey.pem + (key.publicKey.pem.hasSuffix("\n") ? "" : "\n")
        if (try? Files.text(publicPath)).map(PEM.normalised) != PEM.normalised(text) {  // missing or of another pair
            try Files.write(text.utf8, to: publicPath, mode: 0o644)
        }
    }

    /// The file with a master's key. One master's is Salt's; several masters may have different keys, so each has its own.
    package func masterKeyPath(_ master: NodeConfiguration.Master, among count: Int) -> String {
        guard count > 1 else { return "\(directory)/minion_master.pub" }
        let host = String(master.host.map { $0 == "/" || $0 == "%" ? "_" : $0 })
        return "\(directory)/minion_master.\(host)_\(master.requestPort).pub"
    }

    /// A public key of a file, nil when there is no such file.
    package static func publicKey(_ path: String) throws -> PublicKey? {
        guard Files.status(path) != nil else { return nil }
        do throws(CryptographyError) {
            return try PublicKey(pem: try text(path))
        } catch {
            throw NodeError.keyFile(path: path, reason: error.description)
        }
    }

    /// Keeps a master's key.
    package static func store(_ key: PublicKey, at path: String) throws {
        try Files.write((key.pem + (key.pem.hasSuffix("\n") ? "" : "\n")).utf8, to: path, mode: 0o644)
    }

    /// A file that cannot be read counts as one without a key: the error that follows names it.
    private static func text(_ path: String) throws(CryptographyError) -> String { (try? Files.text(path)) ?? "" }
}
