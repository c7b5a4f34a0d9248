import COpenSSL

/// Whom a certificate is for.
package enum CertificateName {
    /// The common name of a certificate whose subject begins with it; nil for all others, and for what is no certificate.
    ///
    /// Source: MCollective 2.12, `plugins/mcollective/security/aes_security.rb`,
    /// `callerid`: a subject that begins with `/CN=`.
    package static func commonName(pem: String) -> String? {
        guard pem.contains("BEGIN CERTIFICATE") else { return nil }
        let bytes = Array(pem.utf8)
        guard let source = BIO_new_mem_buf(bytes, Int32(bytes.count)) else { return nil }
        defer { BIO_free(source) }
        guard let certificate = PEM_read_bio_X509(source, nil, nil, nil) else { return nil }
        defer { X509_free(certificate) }
        var text = [CChar](repeating: 0, count: 512)
        guard X509_NAME_oneline(X509_get_subject_name(certificate), &text, Int32(text.count)) != nil else { return nil }
        let subject = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return subject.hasPrefix("/CN=") ? String(subject.dropFirst(4)) : nil
    }
}
