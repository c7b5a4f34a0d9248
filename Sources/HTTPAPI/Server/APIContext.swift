package import Hummingbird
import MusterCore
import NIOCore

/// What a route knows beside the request: who is at the other end.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The connection, for the peer's credentials.
    private let channel: any Channel
    /// Set by `PeerMiddleware`.
    var peer: Peer?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The peer of this connection, as the kernel knows it.
    func identifyPeer() async throws -> Peer { try await Peer(of: channel) }

    /// The name to put into requests instead of the one the client claims.
    func user(claimed: String) -> String { peer?.user(claimed: claimed) ?? claimed }

    /// A path parameter that is a job id.
    func job() throws(APIError) -> JobID { try .parameter(text("job"), named: "job") }

    /// A path parameter that is a node id.
    func node() throws(APIError) -> NodeID { try .parameter(text("node"), named: "node") }

    private func text(_ name: String) throws(APIError) -> String {
        guard let text = PercentEncoding.decode(parameters.get(name) ?? "") else {
            throw .badParameter(name: name, reason: "its percent-encoding cannot be read")
        }
        return text
    }
}
