package import MusterCore
import NIOCore
import Synchronization

/// A running broker, for operators: every question and change runs on its event loop.
///
/// The broker that serves is put in by ``BrokerServer``; before and after, everything is answered with
/// `BrokerServiceError.shuttingDown`. Owner of that: a `Mutex`.
package final class BrokerAdministration: BrokerService {
    private let broker = Mutex<Served?>(nil)

    /// The loop's state, and the loop.
    struct Served: Sendable {
        let broker: NIOLoopBound<BrokerLoop>
        let eventLoop: any EventLoop
    }

    package init() {}

    /// From now on this broker is meant; none when nil.
    func serve(_ served: Served?) { broker.withLock { $0 = served } }

    package func status() async throws -> BrokerStatus { try await ask(\.status) }
    package func queues() async throws -> [BrokerQueue] { try await ask(\.queues) }
    package func topics() async throws -> [BrokerTopic] { try await ask(\.topics) }
    package func connections() async throws -> [BrokerClientConnection] { try await ask(\.clients) }
    package func users() async throws -> [BrokerUser] { try await ask(\.accounts.users) }
    package func permissions() async throws -> [BrokerPermission] { try await ask(\.accounts.book.sortedPermissions) }

    package func change(_ change: BrokerChange, by user: String) async throws -> BrokerChangeResult {
        let served = try current()
        return try await served.eventLoop.flatSubmit { served.broker.value.change(change, by: user) }.get()
    }

    private func ask<Answer: Sendable>(_ question: any KeyPath<BrokerLoop, Answer> & Sendable) async throws -> Answer {
        let served = try current()
        return try await served.eventLoop.submit { served.broker.value[keyPath: question] }.get()
    }

    private func current() throws -> Served {
        guard let served = broker.withLock({ $0 }) else { throw BrokerServiceError.shuttingDown }
        return served
    }
}
