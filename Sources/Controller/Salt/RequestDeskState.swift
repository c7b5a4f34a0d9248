import BusTransport
import MusterCore
import NIOCore
import SaltProtocol

/// What `RequestDesk` remembers between requests. Owner: the desk's event loop.
final class RequestDeskState {
    /// A signed-in node: its key ready to use, and what it sent lately.
    final class Session {
        let container: Container
        let publicKey: PublicKey
        let epoch: Int64
        var proof: ProofToken
        var replays: ReplayMemory

        init(container: Container, publicKey: PublicKey, epoch: Int64, replays: ReplayMemory) {
            self.container = container
            self.publicKey = publicKey
            self.epoch = epoch
            self.replays = replays
            proof = ProofToken(for: publicKey)
        }
    }

    /// Where an answer goes and what seals it.
    struct Reply {
        let connection: RouterConnection
        let session: Session
        let nonce: Nonce
    }

    /// What goes to the store as one submission.
    struct Batch {
        var writes: [StoreWrite]
        var returns: [(Int, JobEngine.StoredReturn)]
        var replies: [Reply]
    }

    var hosts: [RouterConnection: String] = [:]
    var sessions: [NodeID: Session] = [:]
    /// The key store's generation that `sessions` was checked against.
    var keyGeneration = -1
    /// Reused for every opened load.
    var opened = ByteBuffer()

    /// Collected in this tick. A return is kept with its place among the writes.
    var writes: [StoreWrite] = []
    var returns: [(Int, JobEngine.StoredReturn)] = []
    var replies: [Reply] = []
    /// Submitted and not yet committed; bounded by the nodes' requests, each of which waits for its answer.
    var inFlight: [UInt64: [Reply]] = [:]
    private var batches: UInt64 = 0
    private var logged: [String: (at: Timestamp, left: Int)] = [:]

    /// Ends the tick's collection.
    func takeBatch() -> (UInt64, Batch) {
        defer { (writes, returns, replies) = ([], [], []) }
        batches += 1
        return (batches, Batch(writes: writes, returns: returns, replies: replies))
    }

    /// Whether a line of this kind may be logged now, and how many were left out since the last one.
    func mayLog(_ kind: String, at now: Timestamp) -> Int? {
        if let last = logged[kind], now - last.at < .seconds(60) {
            logged[kind] = (last.at, last.left + 1)
            return nil
        }
        let left = logged[kind]?.left ?? 0
        logged[kind] = (now, 0)
        return left
    }
}
