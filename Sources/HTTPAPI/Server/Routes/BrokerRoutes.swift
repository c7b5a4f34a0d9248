import HTTPTypes
import Hummingbird
import MusterCore

/// Everything of a broker's API: what there is, and `/v1/changes`.
struct BrokerRoutes: Sendable {
    let service: any BrokerService
    let maxBodyBytes: Int

    func add(to group: RouterGroup<APIContext>) {
        group.get("status") { _, _ in try Response(json: try await service.status()) }
        group.get("queues") { _, _ in try Response(json: BrokerQueueList(queues: try await service.queues())) }
        group.get("topics") { _, _ in try Response(json: BrokerTopicList(topics: try await service.topics())) }
        group.get("connections") { _, _ in
            try Response(json: BrokerConnectionList(connections: try await service.connections()))
        }
        group.get("users") { _, _ in try Response(json: BrokerUserList(users: try await service.users())) }
        group.get("permissions") { _, _ in
            try Response(json: BrokerPermissionList(permissions: try await service.permissions()))
        }
        group.post("changes", use: change)
    }

    @Sendable private func change(_ request: Request, _ context: APIContext) async throws -> Response {
        let wanted: BrokerChangeRequest = try await request.decode(maxBytes: maxBodyBytes, defaults: ["user": ""])
        return try Response(json: try await service.change(wanted.change, by: context.user(claimed: wanted.user)))
    }
}

extension BrokerServiceError {
    /// The HTTP status that says the same most nearly.
    var status: HTTPResponse.Status {
        switch self {
        case .unknownUser, .unknownVirtualHost, .unknownQueue, .unknownConnection, .noPermission: .notFound
        case .userExists, .virtualHostExists, .isConfigured, .hasMessages, .isBeingRemoved, .notKept: .conflict
        case .invalid: .badRequest
        case .cannotStore: .internalServerError
        case .shuttingDown: .serviceUnavailable
        }
    }
}
