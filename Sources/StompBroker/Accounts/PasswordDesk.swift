import NIOCore

/// Judges the passwords that clients give, without keeping the event loop: each is derived once, on another thread, and
/// known from then on by a fast hash with a key that only this process has.
///
/// So a fleet that comes back all at once costs one derivation for each user. Clients that give the same word meanwhile wait
/// together; what is wrong stays wrong without being derived again. Beyond its bound it refuses instead of waiting.
///
/// Owner: the broker's event loop.
final class PasswordDesk {
    enum Answer: Hashable {
        case right, wrong
        /// Too many wait.
        case busy
    }

    /// Runs work elsewhere; the work is told whether the broker ends, and nobody waits for its result any more.
    typealias Elsewhere = @Sendable (@escaping @Sendable (_ isStopping: Bool) -> Void) -> Void

    /// How many different passwords may wait to be derived: what is done within the time that a client has to come in.
    static let maxPending = 200
    /// How many wrong ones are remembered.
    private static let maxWrong = 4096

    private let eventLoop: any EventLoop
    private let elsewhere: Elsewhere
    private let key = Secrets.random(32)
    /// The mark of the right password, by user.
    private var right: [String: [UInt8]] = [:]
    private var wrong: Set<[UInt8]> = []
    private var pending: [[UInt8]: [(Answer) -> Void]] = [:]
    /// What a user that is not there is compared with, so that it takes as long to say no.
    private let decoy = PasswordHash(
        iterations: PasswordHash.defaultIterations, salt: Secrets.random(16), bytes: Secrets.random(32))

    init(on eventLoop: any EventLoop, elsewhere: @escaping Elsewhere) {
        self.eventLoop = eventLoop
        self.elsewhere = elsewhere
    }

    /// Says whether a password is a user's, at once when that is known already.
    ///
    /// - Parameter hash: What is kept of the user's password; nil when there is no such user.
    func judge(_ password: String, of user: String, _ hash: PasswordHash?, then answer: @escaping (Answer) -> Void) {
        let hash = hash ?? decoy
        let password = Array(password.utf8)
        // The hash stands for the user and for this very password: another password makes another one.
        let mark = Secrets.mark(hash.bytes + hash.salt + password, key: key)
        if right[user] == mark { return answer(.right) }
        if wrong.contains(mark) { return answer(.wrong) }
        if pending[mark] != nil {
            pending[mark]?.append(answer)
            return
        }
        guard pending.count < PasswordDesk.maxPending else { return answer(.busy) }
        pending[mark] = [answer]
        let desk = NIOLoopBound(self, eventLoop: eventLoop)
        elsewhere { [eventLoop] isStopping in
            guard !isStopping else { return }
            let isRight = hash.matches(password)
            eventLoop.execute { desk.value.derived(mark, of: user, isRight) }
        }
    }

    /// Hashes a new password.
    func hash(_ password: String) -> EventLoopFuture<PasswordHash> {
        let promise = eventLoop.makePromise(of: PasswordHash.self)
        let password = Array(password.utf8)
        elsewhere { _ in promise.succeed(PasswordHash(of: password)) }
        return promise.futureResult
    }

    private func derived(_ mark: [UInt8], of user: String, _ isRight: Bool) {
        if isRight {
            right[user] = mark
        } else {
            if wrong.count >= PasswordDesk.maxWrong { wrong = [] }
            wrong.insert(mark)
        }
        for answer in pending.removeValue(forKey: mark) ?? [] { answer(isRight ? .right : .wrong) }
    }
}
