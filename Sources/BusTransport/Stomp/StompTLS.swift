import NIOCore
import NIOSSL

/// How a broker proves who it is, and we to it. Files are PEM, and read when a connection is made, so that a renewed
/// certificate is used from the next one on.
package struct StompTLS: Sendable, Hashable {
    /// What a broker's certificate must be.
    package enum Verification: Sendable, Hashable {
        /// Signed by an authority, and for the name or address that we connect to.
        case full
        /// Signed by an authority: whoever has any certificate of it can stand in for the broker.
        case authorityOnly
        /// Anything: only who listens passively is kept out.
        case none
    }

    package var verification = Verification.full
    /// Files with the certificates of authorities; empty means those of the system.
    package var authorityFiles: [String] = []
    /// Our own certificate, for brokers that ask for one.
    package var certificateFile: String?
    package var keyFile: String?

    package init() {}

    /// Reads the files.
    ///
    /// - Throws: `StompTLSError`, which names the file.
    func makeContext() throws(StompTLSError) -> NIOSSLContext {
        do {
            let configuration = try configuration()
            return try StompTLS.explaining("the configuration", try NIOSSLContext(configuration: configuration))
        } catch {
            throw error as? StompTLSError ?? StompTLSError(what: "the configuration", reason: "\(error)")
        }
    }

    /// The handler that encrypts a connection.
    ///
    /// - Parameter host: The name or address that was connected to.
    static func makeHandler(_ context: NIOSSLContext, for host: String) throws -> NIOSSLClientHandler {
        // Addresses are verified as such; they have no place in the server name of the handshake.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try StompTLS.explaining(
            "the name '\(host)'", try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host))
    }

    private func configuration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification =
            switch verification {
            case .full: .fullVerification
            case .authorityOnly: .noHostnameVerification
            case .none: .none
            }
        if !authorityFiles.isEmpty {
            configuration.trustRoots = .certificates(
                try authorityFiles.flatMap { file in
                    try StompTLS.explaining(file, try NIOSSLCertificate.fromPEMFile(file))
                })
        }
        if let certificateFile, let keyFile {
            configuration.certificateChain = try StompTLS.explaining(
                certificateFile, try NIOSSLCertificate.fromPEMFile(certificateFile)
            ).map { .certificate($0) }
            configuration.privateKey = .privateKey(
                try StompTLS.explaining(keyFile, try NIOSSLPrivateKey(file: keyFile, format: .pem)))
        }
        return configuration
    }

    private static func explaining<Result>(_ what: String, _ body: @autoclosure () throws -> Result) throws -> Result {
        do { return try body() } catch { throw StompTLSError(what: what, reason: "\(error)") }
    }
}

/// A file of TLS that cannot be used.
package struct StompTLSError: Error, Hashable, Sendable, CustomStringConvertible {
    package let what: String
    package let reason: String

    package var description: String { "TLS cannot use \(what): \(reason)" }
}
