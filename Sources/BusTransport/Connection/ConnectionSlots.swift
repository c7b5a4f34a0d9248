import NIOCore
import Synchronization

/// The places for connections of one server, over all its loops; `ConnectionTable` says who gets one.
///
/// Owner of the table: a mutex.
final class ConnectionSlots: Sendable {
    /// A connection's place, for as long as its channel is open.
    struct Slot: Sendable {
        fileprivate let id: ObjectIdentifier
        fileprivate let slots: ConnectionSlots

        /// The handshake is over.
        func established() {
            slots.state.withLock { $0.table.established(id) }
        }
    }

    private struct State {
        var table: ConnectionTable<ObjectIdentifier, HostGroup>
        var channels: [ObjectIdentifier: any Channel] = [:]
    }

    let limit: Int
    private let state: Mutex<State>

    init(limit: Int) {
        self.limit = limit
        state = Mutex(State(table: ConnectionTable(limit: limit)))
    }

    /// How many are taken.
    var used: Int { state.withLock { $0.table.count } }

    /// Takes a place for as long as the channel is open; nil when there is none. Whoever has to go for it is told by a
    /// `ConnectionDisplaced`.
    func take(for channel: any Channel) -> Slot? {
        let id = ObjectIdentifier(channel)
        let host = HostGroup(channel.remoteAddress)
        let now = channel.eventLoop.now
        let (isAdmitted, displaced) = state.withLock { state -> (Bool, (any Channel)?) in
            switch state.table.admit(id, from: host, at: now) {
            case .refused: return (false, nil)
            case .admitted:
                state.channels[id] = channel
                return (true, nil)
            case .displacing(let victim):
                defer { state.channels[id] = channel }
                return (true, state.channels.removeValue(forKey: victim))
            }
        }
        guard isAdmitted else { return nil }
        displaced?.pipeline.fireUserInboundEventTriggered(ConnectionDisplaced(limit: limit))
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { state in
                state.table.remove(id)
                state.channels[id] = nil
            }
        }
        return Slot(id: id, slots: self)
    }
}

/// Tells a connection that another one takes its place.
struct ConnectionDisplaced: Sendable {
    let limit: Int
}

/// Thrown to have NIO close a connection that came over the limit.
struct ConnectionRefused: Error {}
