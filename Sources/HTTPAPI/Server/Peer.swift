import Hummingbird
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The process at the other end of a connection, as the kernel knows it.
struct Peer: Sendable, Hashable {
    /// Nil where the kernel does not tell: not a unix socket, or not Linux.
    var uid: UInt32?

    /// Whether the peer may command the controller: root, and the user the controller runs as. Where the kernel does not
    /// tell, the permissions of the socket file are what protects it.
    var isAllowed: Bool { uid.map { $0 == 0 || $0 == geteuid() } ?? true }

    /// The login name of the peer. Root may say for whom it acts, as `sudo_NAME`; nobody else is believed.
    func user(claimed: String) -> String {
        guard let uid else { return claimed }
        if uid == 0, claimed.hasPrefix("sudo_"), LoginName.isPlain(claimed) { return claimed }
        return LoginName.of(uid: uid)
    }
}

extension Peer {
    init(of channel: any Channel) async throws {
        #if os(Linux)
            guard channel.localAddress?.protocol == .unix, let options = channel as? any SocketOptionProvider else {
                self.init(uid: nil)
                return
            }
            self.init(uid: try await Peer.credentials(options).get().uid)
        #else
            self.init(uid: nil)
        #endif
    }

    #if os(Linux)
        /// Linux's `struct ucred`, the same three integers on every architecture: unix(7), SO_PEERCRED.
        private struct Credentials: Sendable {
            var pid: Int32
            var uid: UInt32
            var gid: UInt32
        }

        private static func credentials(_ options: any SocketOptionProvider) -> EventLoopFuture<Credentials> {
            options.unsafeGetSocketOption(
                level: SocketOptionLevel(SOL_SOCKET), name: SocketOptionName(SO_PEERCRED))
        }
    #endif
}

/// Refuses every peer that is neither root nor the controller's own user, also in the moment between the creation of the
/// socket and its `chmod`.
struct PeerMiddleware: RouterMiddleware {
    typealias Context = APIContext

    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let peer = try await context.identifyPeer()
        guard peer.isAllowed else { throw APIError.notAllowed(uid: peer.uid) }
        var context = context
        context.peer = peer
        return try await next(request, context)
    }
}
