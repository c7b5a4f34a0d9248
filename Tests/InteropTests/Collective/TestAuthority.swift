import Foundation
import MusterTestSupport

/// An authority of a test, and what it has signed.
struct TestAuthority {
    private let site: CollectiveSite
    private let folder: URL

    init(in site: CollectiveSite, folder name: String = "tls") async throws {
        self.site = site
        folder = site.site.file(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        _ = try await openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=authority of a test",
            "-keyout",
            path("ca.key"), "-out", file)
        for name in ["broker", "client"] { try await sign(name, as: name) }
    }

    /// Makes a key and a certificate for this machine, in place of those before.
    func sign(_ name: String, as subject: String) async throws {
        _ = try await openssl(
            "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(subject)", "-addext",
            "subjectAltName=IP:127.0.0.1", "-keyout", key(name), "-out", path("\(name).csr"))
        _ = try await openssl(
            "x509", "-req", "-days", "2", "-in", path("\(name).csr"), "-CA", file, "-CAkey", path("ca.key"),
            "-CAcreateserial", "-copy_extensions", "copy", "-out", certificate(name))
    }

    /// What stands in the certificate that a server shows.
    func subject(at port: Int) async throws -> String {
        try await openssl(
            "s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", file, "-cert", certificate("client"), "-key",
            key("client")
        ).standardOutput
    }

    var file: String { path("ca.pem") }
    func certificate(_ name: String) -> String { path("\(name).pem") }
    func key(_ name: String) -> String { path("\(name).key") }

    func openssl(_ words: String...) async throws -> Program.Output {
        try await Program(executable: URL(filePath: "/usr/bin/openssl")).run(words, within: .seconds(60))
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }
}
