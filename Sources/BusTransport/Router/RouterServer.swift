package import NIOCore
package import ZMTP

/// A ROUTER socket that listens: many peers' requests in, replies out.
///
/// A newcomer with a known identity takes over from the older connection, which is closed if it came from the same
/// address. Connections are spread over the loops of the
/// group, and each stays on its own; only the identity table, touched when a connection opens or closes, is shared.
/// A server lives until `shutdown(within:)`.
package final class RouterServer: Sendable {
    private let loops: LoopStates<RouterLoop>
    private let listener: Listener
    private let directory: RouterDirectory
    private let slots: ConnectionSlots

    /// - Parameters:
    ///   - group: The caller's; it must outlive the server.
    ///   - delegate: Kept until the server is gone.
    package init(
        group: any EventLoopGroup,
        options: ServerOptions = ServerOptions(),
        delegate: any RouterServerDelegate
    ) {
        let directory = RouterDirectory()
        let slots = ConnectionSlots(limit: options.maxConnections)
        let share = options.maxHeldBytes / group.loopCount
        let loops = LoopStates(group) { loop in
            RouterLoop(
                eventLoop: loop, options: options.connection, maxHeldBytes: share, slots: slots, directory: directory,
                delegate: delegate)
        }
        self.directory = directory
        self.slots = slots
        self.loops = loops
        listener = Listener(group: group, options: options) { channel in
            try loops(on: channel.eventLoop).accept(channel)
        } acceptFailed: { error in
            delegate.acceptFailed(error.description)
        }
    }

    /// Listens at all these endpoints, or throws a `BusError` and listens at none of them.
    ///
    /// - Returns: The real addresses, in the same order.
    package func bind(to endpoints: [Endpoint]) async throws -> [SocketAddress] {
        try await listener.bind(to: endpoints)
    }

    /// Connects to a peer that listens, and connects again whenever the connection is lost; beside or instead of `bind`.
    ///
    /// - Parameter identity: What the peer shall call us, if it is a ROUTER too.
    package func connect(
        to endpoint: Endpoint, identity: ByteBuffer = ByteBuffer(),
        reconnect policy: ReconnectPolicy = ReconnectPolicy()
    ) {
        loops.onFirst { $0.outbound.connect(to: endpoint, identity: identity, policy: policy, owner: $0) }
    }

    /// The peer that is connected under this identity.
    package func connection(_ id: RoutingID) -> RouterConnection? {
        directory[id]
    }

    /// Reads no more from any peer, because the owner's queue is full; requests then wait in the peers' sockets.
    ///
    /// Each loop stops at the end of its tick: what it has read by then is still delivered.
    package func suspendReading() {
        loops.forEach { $0.loop.suspendReading() }
    }

    /// Reads on from every peer that has not been paused by itself.
    package func resumeReading() {
        loops.forEach { $0.loop.resumeReading() }
    }

    /// How many connections are taken, those in their handshake included, and how many there may be.
    package var connectionUse: (used: Int, limit: Int) { (slots.used, slots.limit) }

    /// The counters of all loops together.
    package func metrics() async -> BusMetrics {
        var sum = await loops.map { $0.loop.metrics }.reduce(BusMetrics(), +)
        sum.acceptFailures = listener.acceptFailures
        return sum
    }

    /// Stops to accept and to read, sends the replies that wait for at most `grace`, and closes.
    package func shutdown(within grace: TimeAmount) async {
        await listener.stop()
        await loops.waitForAll { state in
            state.outbound.stop()
            return state.loop.drain(within: grace)
        }
    }
}
