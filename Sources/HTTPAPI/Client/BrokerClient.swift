package import MusterCore
package import NIOCore
import NIOHTTP1
import NIOPosix

/// A broker at the other end of its control socket: docs/broker.md. Every call uses a connection of its own.
///
/// Calls throw the broker's `BrokerServiceError` as it threw it, and `ClientError` for everything in between.
package struct BrokerClient: BrokerService {
    private let caller: APICaller

    /// - Parameters:
    ///   - group: Where the connections run; the one of the process by default.
    ///   - maxSilence: How long nothing may come before the broker counts as hanging.
    package init(
        socketPath: String, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        maxSilence: Duration = .seconds(60)
    ) {
        caller = APICaller(
            socketPath: socketPath, group: group, maxSilence: maxSilence, maxAnswerBytes: 1 << 29,
            error: BrokerClient.error)
    }

    /// The error that a refusal stands for.
    @Sendable private static func error(_ document: ErrorDocument, status: Int) -> any Error {
        let content = document.error
        if let error = BrokerServiceError(code: content.code, details: document.brokerDetails) { return error }
        return ClientError.refused(status: status, code: content.code, message: content.message)
    }

    package func status() async throws -> BrokerStatus { try await caller.call(.GET, "/v1/status") }

    package func queues() async throws -> [BrokerQueue] {
        let list: BrokerQueueList = try await caller.call(.GET, "/v1/queues")
        return list.queues
    }

    package func topics() async throws -> [BrokerTopic] {
        let list: BrokerTopicList = try await caller.call(.GET, "/v1/topics")
        return list.topics
    }

    package func connections() async throws -> [BrokerClientConnection] {
        let list: BrokerConnectionList = try await caller.call(.GET, "/v1/connections")
        return list.connections
    }

    package func users() async throws -> [BrokerUser] {
        let list: BrokerUserList = try await caller.call(.GET, "/v1/users")
        return list.users
    }

    package func permissions() async throws -> [BrokerPermission] {
        let list: BrokerPermissionList = try await caller.call(.GET, "/v1/permissions")
        return list.permissions
    }

    package func change(_ change: BrokerChange, by user: String) async throws -> BrokerChangeResult {
        try await caller.call(.POST, "/v1/changes", body: BrokerChangeRequest(user: user, change: change))
    }
}
