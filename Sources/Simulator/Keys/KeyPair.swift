import MusterCore
import SaltProtocol

/// What proves who a node is: its key pair, and the `tok` of its requests.
struct KeyPair: Sendable {
    let key: PrivateKey
    let token: [UInt8]

    /// - Throws: `CryptographyError`; the token costs one private operation.
    init(_ key: PrivateKey) throws(CryptographyError) {
        self.key = key
        token = try ProofToken.make(with: key)
    }

    /// The pair of a file, which is made when it is missing.
    ///
    /// - Throws: `SimulationError.keyFile`, `FileError`.
    init(file path: String) throws {
        if Files.status(path) == nil { try Self.makeFile(path) }
        let text = try Files.text(path)
        do throws(CryptographyError) {
            try self.init(try PrivateKey(pem: text))
        } catch {
            throw SimulationError.keyFile(path: path, reason: error.description)
        }
    }

    /// Makes the file when it is missing, before several processes want it.
    static func makeFile(_ path: String) throws {
        guard Files.status(path) == nil else { return }
        try Files.write(PrivateKey.generate().secretPEM().utf8, to: path, mode: 0o400)
    }
}
