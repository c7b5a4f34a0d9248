import NIOCore
import Synchronization

/// How many more connections a server takes, over all its loops.
final class ConnectionSlots: Sendable {
    let limit: Int
    private let used = Mutex<Int>(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes a slot for as long as the channel is open; false when there is none.
    func take(for channel: any Channel) -> Bool {
        let isFree = used.withLock { used in
            guard used < limit else { return false }
            used += 1
            return true
        }
        if isFree { channel.closeFuture.whenComplete { _ in self.used.withLock { $0 -= 1 } } }
        return isFree
    }
}

/// Thrown to have NIO close a connection that came over the limit.
struct ConnectionRefused: Error {}
