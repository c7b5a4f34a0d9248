/// How the broker proves who it is to clients that speak TLS: files of PEM.
package struct BrokerCertificates: Sendable, Hashable {
    /// The broker's certificate, and those between it and its authority.
    package var certificate: String
    package var key: String
    /// Who must have signed clients' certificates; nil asks for none.
    package var clientAuthority: String?

    package init(certificate: String, key: String, clientAuthority: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.clientAuthority = clientAuthority
    }

    /// The files there are.
    var files: [String] { [certificate, key] + [clientAuthority].compactMap(\.self) }
}

/// A file of TLS that cannot be used.
package struct BrokerCertificateError: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let reason: String

    package var description: String { "TLS cannot use '\(file)': \(reason)" }
}
