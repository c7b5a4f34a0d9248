import Logging
import MusterCore
import NIOCore
import NIOSSL

/// What new TLS connections are made with. A certificate that was renewed is used from the next connection on: the files are
/// looked at no oftener than once a second, and read when they have changed. What cannot be read changes nothing.
///
/// Owner: the broker's event loop.
final class CertificateDesk {
    private let certificates: BrokerCertificates
    private let logger: Logger
    private var context: NIOSSLContext
    /// When each file was last changed, as it was when the context was made.
    private var changed: [Int64?]
    private var looked: NIODeadline

    /// - Throws: `BrokerCertificateError`.
    init(_ certificates: BrokerCertificates, at now: NIODeadline, logger: Logger) throws {
        self.certificates = certificates
        self.logger = logger
        changed = CertificateDesk.changes(of: certificates)
        context = try CertificateDesk.makeContext(certificates)
        looked = now
    }

    /// The handler that encrypts a new connection.
    func makeHandler(at now: NIODeadline) -> NIOSSLServerHandler {
        if now >= looked + .seconds(1) {
            looked = now
            renew()
        }
        return NIOSSLServerHandler(context: context)
    }

    private func renew() {
        let changes = CertificateDesk.changes(of: certificates)
        guard changes != changed else { return }
        changed = changes
        do {
            context = try CertificateDesk.makeContext(certificates)
            logger.notice("certificate read again", metadata: ["file.path": "\(certificates.certificate)"])
        } catch {
            // Renewed in two steps: the key that fits may come in a moment, and is a change, too.
            logger.error("certificate not read again, the one before stays in use", metadata: ["error": "\(error)"])
        }
    }

    private static func changes(of certificates: BrokerCertificates) -> [Int64?] {
        certificates.files.map { Files.status($0)?.modified }
    }

    private static func makeContext(_ certificates: BrokerCertificates) throws -> NIOSSLContext {
        let chain = try explaining(certificates.certificate) {
            try NIOSSLCertificate.fromPEMFile(certificates.certificate)
        }
        let key = try explaining(certificates.key) { try NIOSSLPrivateKey(file: certificates.key, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        if let file = certificates.clientAuthority {
            let authorities = try explaining(file) { try NIOSSLCertificate.fromPEMFile(file) }
            configuration.trustRoots = .certificates(authorities)
            // Clients have no name that could be verified.
            configuration.certificateVerification = .noHostnameVerification
        }
        let complete = configuration
        return try explaining(certificates.key) { try NIOSSLContext(configuration: complete) }
    }

    private static func explaining<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch {
            let reason = Files.status(file) == nil ? "there is no such file" : "\(error)"
            throw BrokerCertificateError(file: file, reason: reason)
        }
    }
}
