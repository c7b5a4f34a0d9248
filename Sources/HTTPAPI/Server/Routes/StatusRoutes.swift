import Hummingbird
import MusterCore

/// `/v1/status` for people and `/v1/health` for a supervisor.
struct StatusRoutes: Sendable {
    let service: any ControllerService

    func add(to group: RouterGroup<APIContext>) {
        group.get("status", use: status)
        group.get("health", use: health)
    }

    @Sendable private func status(_ request: Request, _ context: APIContext) async throws -> Response {
        try Response(json: try await service.status())
    }

    /// 200 while the store takes writes, 503 while it does not.
    @Sendable private func health(_ request: Request, _ context: APIContext) async throws -> Response {
        let store = try await service.status().store
        let isHealthy = store.failure == nil
        return try Response(
            isHealthy ? .ok : .serviceUnavailable, json: Health(status: isHealthy ? .ok : .failing, store: store))
    }
}
