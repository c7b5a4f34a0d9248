import NIOCore
import Synchronization
import ZMTP

/// The identity table of a ROUTER, shared by its loops.
final class RouterDirectory: Sendable {
    private let table = Mutex(RouterTable<RouterConnection>(firstInvented: .random(in: 0...UInt32.max)))

    /// Makes the handle of a newcomer; call on its loop.
    ///
    /// - Returns: The handle, and the older connection of the same identity.
    func admit(_ handler: ConnectionHandler, identity: ByteBuffer) -> (RouterConnection, displaced: RouterConnection?) {
        let id = table.withLock { $0.routingID(for: identity) }
        let connection = RouterConnection(id: id, handler: handler)
        // An invented id is a new number each time, so nobody can take it between the two locks.
        return (connection, table.withLock { $0.admit(connection, as: id) })
    }

    func remove(_ connection: RouterConnection) {
        table.withLock { $0.remove(connection, id: connection.id) }
    }

    subscript(id: RoutingID) -> RouterConnection? {
        table.withLock { $0[id] }
    }
}

/// The connections of a `RouterServer` on one event loop. Owner: that loop.
final class RouterLoop: ConnectionOwner {
    let loop: BusLoop
    let outbound: OutboundPeers
    private let options: ConnectionOptions
    private let slots: ConnectionSlots
    private let directory: RouterDirectory
    private let delegate: any RouterServerDelegate

    init(
        eventLoop: any EventLoop,
        options: ConnectionOptions,
        maxHeldBytes: Int,
        slots: ConnectionSlots,
        directory: RouterDirectory,
        delegate: any RouterServerDelegate
    ) {
        loop = BusLoop(eventLoop: eventLoop, maxHeldBytes: maxHeldBytes)
        self.options = options
        self.slots = slots
        self.directory = directory
        self.delegate = delegate
        outbound = OutboundPeers(.router, options: options, loop: loop)
        loop.tickEnded = { delegate.readCompleted(on: eventLoop) }
    }

    func accept(_ channel: any Channel) throws {
        guard let slot = slots.take(for: channel) else {
            let reason = CloseReason.tooManyConnections(limit: slots.limit)
            loop.metrics.count(reason)
            delegate.connectionRefused(from: channel.remoteAddress, reason: reason)
            throw ConnectionRefused()
        }
        let handler = ConnectionHandler(.router, options: options, loop: loop, owner: self)
        handler.slot = slot
        try ChannelSetup.configure(channel, options: options, handler: handler)
    }

    func opened(_ connection: ConnectionHandler, peer: PeerProperties) {
        let (handle, displaced) = directory.admit(connection, identity: peer.identity)
        connection.routerConnection = handle
        // A peer that came back takes over; a stranger elsewhere that says the same name must not cut anybody off.
        if let displaced, displaced.remoteAddress?.ipAddress == handle.remoteAddress?.ipAddress {
            displaced.close(.replaced)
        }
        delegate.connectionOpened(handle)
    }

    func received(_ message: Message, on connection: ConnectionHandler) throws(ZMTPError) {
        guard let handle = connection.routerConnection else { return }
        try delegate.messageReceived(message, from: handle)
    }

    func closed(_ connection: ConnectionHandler, reason: CloseReason, wasOpen: Bool) {
        guard let handle = connection.routerConnection else {
            delegate.connectionRefused(from: connection.remoteAddress, reason: reason)
            return
        }
        directory.remove(handle)
        delegate.connectionClosed(handle, reason: reason)
    }
}
