import Foundation
import GRDB
import MusterCore
import Synchronization

/// The one thread that writes: takes what waits, commits it together, then completes each submission.
///
/// When a commit fails because of the store (disk full, locked), everything in it fails at once. When it fails because
/// of a submission, each is tried alone, so that only the bad ones fail.
final class Writer: Sendable {
    /// What the thread is asked to do.
    enum Work: Sendable {
        case submission(Submission)
        /// Something else that needs the write connection; it gets a transaction of its own.
        case maintenance(@Sendable (WriterThread) -> Void)
        /// Always the last.
        case close(@Sendable (Result<Void, any Error>) -> Void)
    }

    /// What kept the last commit from working.
    struct Failure: Sendable {
        var error: StoreError
        var since: Timestamp
    }

    let configuration: SQLiteConfiguration
    private let queue: WriteQueue<Work>
    private let record: FailureRecord

    /// Starts the thread.
    ///
    /// - Parameter sequence: the highest sequence number ever given.
    init(
        pool: DatabasePool, configuration: SQLiteConfiguration, lock: DatabaseFile.Lock, sequence: Int64,
        now: @escaping @Sendable () -> Timestamp, told: @escaping @Sendable (StoreTurn) -> Void
    ) {
        self.configuration = configuration
        queue = WriteQueue(limit: .init(writes: configuration.queuedWrites, bytes: configuration.queuedBytes))
        record = FailureRecord(now: now, told: told)
        let state = WriterThread(
            pool: pool, configuration: configuration, lock: lock, queue: queue, record: record, sequence: sequence)
        let thread = Thread {
            var state = state
            state.run()
        }
        thread.name = "store-writer"
        thread.start()
    }

    /// Nil while writes work.
    var failure: Failure? { record.current }
    var pendingWrites: Int { queue.pendingWrites }

    /// Hands a submission to the thread, or completes it at once with the reason why not.
    func submit(_ submission: Submission) {
        switch queue.add(.submission(submission), weight: submission.weight) {
        case .accepted: break
        case .overloaded(let pending): submission.completion(.failure(StoreError.overloaded(pendingWrites: pending)))
        case .closed: submission.completion(.failure(StoreError.closed))
        }
    }

    /// Runs `body` in a transaction on the thread, after what was submitted before.
    func perform<Answer: Sendable>(_ body: @escaping @Sendable (Database) throws -> Answer) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let work = Work.maintenance { thread in
                continuation.resume(with: thread.transaction { try body($0) })
            }
            switch queue.add(work, weight: .none) {
            case .accepted: break
            case .overloaded(let pending): continuation.resume(throwing: StoreError.overloaded(pendingWrites: pending))
            case .closed: continuation.resume(throwing: StoreError.closed)
            }
        }
    }

    /// Moves what is committed into the database file, after what was submitted before.
    func checkpoint() {
        _ = queue.add(.maintenance { $0.checkpoint() }, weight: .none)
    }

    /// Commits what waits, closes the database and ends the thread.
    func close(_ completion: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        if !queue.close(with: .close(completion)) { completion(.success(())) }
    }
}

/// Whether the last commit worked, for those who ask from other threads; says once that it begins or ends to fail.
final class FailureRecord: Sendable {
    private let failure = Mutex<Writer.Failure?>(nil)
    private let now: @Sendable () -> Timestamp
    private let told: @Sendable (StoreTurn) -> Void

    init(now: @escaping @Sendable () -> Timestamp, told: @escaping @Sendable (StoreTurn) -> Void) {
        self.now = now
        self.told = told
    }

    var current: Writer.Failure? { failure.withLock { $0 } }

    func succeeded() {
        let hadFailed = failure.withLock { failure in
            defer { failure = nil }
            return failure != nil
        }
        if hadFailed { told(.resumed) }
    }

    /// Notes an outage; the first one of a row keeps its time.
    func failed(_ error: StoreError) {
        let time = now()
        let isFirst = failure.withLock { failure in
            defer { failure = Writer.Failure(error: error, since: failure?.since ?? time) }
            return failure == nil
        }
        if isFirst { told(.stopped(error)) }
    }
}

/// The state of the writer's thread; it never leaves the thread once `run` has begun.
struct WriterThread: Sendable {
    let pool: DatabasePool
    let configuration: SQLiteConfiguration
    let lock: DatabaseFile.Lock
    let queue: WriteQueue<Writer.Work>
    let record: FailureRecord
    var sequence: Int64

    /// Returns after `close`.
    mutating func run() {
        let limit = WriteWeight(writes: configuration.batchWrites, bytes: 8 << 20)
        while true {
            var batch: [Submission] = []
            for work in queue.take(upTo: limit) {
                switch work {
                case .submission(let submission):
                    batch.append(submission)
                case .maintenance(let body):
                    commit(&batch)
                    body(self)
                case .close(let completion):
                    commit(&batch)
                    completion(closePool())
                    return
                }
            }
            commit(&batch)
        }
    }

    /// Runs `body` in a transaction of its own; an error undoes it all.
    func transaction<Answer>(_ body: (Database) throws -> Answer) -> Result<Answer, StoreError> {
        do {
            let answer = try pool.writeWithoutTransaction { db in
                var answer: Answer?
                try db.inTransaction(.immediate) {
                    answer = try body(db)
                    return .commit
                }
                return answer
            }
            record.succeeded()
            guard let answer else { return .failure(.failed(place: configuration.path, reason: "no transaction")) }
            return .success(answer)
        } catch {
            let error = StoreError(error, configuration: configuration)
            if error.isOutage { record.failed(error) }
            return .failure(error)
        }
    }

    /// Stores the submissions and empties the batch.
    private mutating func commit(_ batch: inout [Submission]) {
        guard !batch.isEmpty else { return }
        defer { batch.removeAll(keepingCapacity: true) }
        switch store(batch[...]) {
        case .success(let commits):
            for (submission, commit) in zip(batch, commits) { submission.completion(.success(commit)) }
        case .failure(let error) where error.isOutage || batch.count == 1:
            for submission in batch { submission.completion(.failure(error)) }
        case .failure:
            for submission in batch {
                let result = store([submission])
                submission.completion(result.map { $0[0] }.mapError { $0 as any Error })
            }
        }
    }

    /// One transaction. The numbers it used are free again when it fails.
    private mutating func store(_ batch: ArraySlice<Submission>) -> Result<[StoreCommit], StoreError> {
        var next = sequence
        let result = transaction { db in
            var writing = WriteTransaction(db, sharedBodyBytes: configuration.sharedBodyBytes, sequence: next)
            var commits: [StoreCommit] = []
            commits.reserveCapacity(batch.count)
            for submission in batch {
                var results: [StoreCommit.Result] = []
                results.reserveCapacity(submission.writes.count)
                for write in submission.writes { results.append(try writing.apply(write)) }
                commits.append(StoreCommit(results: results))
            }
            next = writing.sequence
            return commits
        }
        if case .success = result { sequence = next }
        return result
    }

    /// Moves what is committed into the database file, so that the file shrinks after a prune.
    ///
    /// It takes what no reader needs any more and waits for nobody; the rest waits for the next time.
    func checkpoint() {
        // What fails here fails again, and is told, at the next commit.
        _ = try? pool.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
    }

    private func closePool() -> Result<Void, any Error> {
        let result = Result {
            // The connection that closes last only reads and could not do it. What stays in the WAL is read next time.
            _ = try? pool.barrierWriteWithoutTransaction { try $0.checkpoint(.truncate) }
            try pool.close()
        }
        lock.release()
        return result.mapError { StoreError($0, configuration: configuration) }
    }
}
