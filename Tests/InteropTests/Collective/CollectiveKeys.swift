import Foundation
import MusterTestSupport

/// The keys of a collective with `ssl` or `aes_security`: one pair for all nodes, one for the client.
struct CollectiveKeys: Sendable {
    /// Who the client is: `cert=operator`.
    static let client = "operator"

    let directory: URL

    var nodePrivate: URL { directory.appending(path: "node-private.pem") }
    var nodePublic: URL { directory.appending(path: "node-public.pem") }
    var clientPrivate: URL { directory.appending(path: "\(CollectiveKeys.client)-private.pem") }
    /// The public keys of the clients that nodes obey, by their names.
    var clients: URL { directory.appending(path: "clients") }
    var clientPublic: URL { clients.appending(path: "\(CollectiveKeys.client).pem") }

    /// Makes them where they are not there yet.
    func make() async throws {
        guard !FileManager.default.fileExists(atPath: clientPublic.path) else { return }
        try FileManager.default.createDirectory(at: clients, withIntermediateDirectories: true)
        let openssl = Program(executable: URL(filePath: "/usr/bin/openssl"))
        for (secret, open) in [(nodePrivate, nodePublic), (clientPrivate, clientPublic)] {
            _ = try await openssl.checked(["genrsa", "-traditional", "-out", secret.path, "2048"])
            _ = try await openssl.checked(["rsa", "-in", secret.path, "-pubout", "-out", open.path])
        }
    }

    /// The lines of `server.cfg`.
    func nodeSettings(_ security: MCollective.Security) -> String {
        switch security {
        case .psk: CollectiveKeys.sharedKey
        case .ssl:
            """
            securityprovider = ssl
            plugin.ssl_server_private = \(nodePrivate.path)
            plugin.ssl_server_public = \(nodePublic.path)
            plugin.ssl_client_cert_dir = \(clients.path)
            """
        case .aes:
            """
            securityprovider = aes_security
            plugin.aes.server_private = \(nodePrivate.path)
            plugin.aes.server_public = \(nodePublic.path)
            plugin.aes.client_cert_dir = \(clients.path)
            """
        }
    }

    /// The lines of `client.cfg`.
    func clientSettings(_ security: MCollective.Security) -> String {
        switch security {
        case .psk: CollectiveKeys.sharedKey
        case .ssl:
            """
            securityprovider = ssl
            plugin.ssl_client_private = \(clientPrivate.path)
            plugin.ssl_client_public = \(clientPublic.path)
            plugin.ssl_server_public = \(nodePublic.path)
            """
        case .aes:
            """
            securityprovider = aes_security
            plugin.aes.client_private = \(clientPrivate.path)
            plugin.aes.client_public = \(clientPublic.path)
            """
        }
    }

    private static let sharedKey = "securityprovider = psk\nplugin.psk = a secret of this test"
}
