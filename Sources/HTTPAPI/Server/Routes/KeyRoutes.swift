import Hummingbird
import MusterCore

/// `/v1/keys`: list, change, the controller's own fingerprint.
struct KeyRoutes: Sendable {
    let service: any ControllerService
    let maxBodyBytes: Int

    func add(to group: RouterGroup<APIContext>) {
        let keys = group.group("keys")
        keys.get(use: list)
        keys.post(use: change)
        keys.get("fingerprint", use: fingerprint)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        try Response(json: KeyList(keys: try await service.keys()))
    }

    @Sendable private func change(_ request: Request, _ context: APIContext) async throws -> Response {
        var change: KeyChange = try await request.decode(maxBytes: maxBodyBytes, defaults: ["states": [], "user": ""])
        change.user = context.user(claimed: change.user)
        return try Response(json: KeyList(keys: try await service.change(change)))
    }

    @Sendable private func fingerprint(_ request: Request, _ context: APIContext) async throws -> Response {
        try Response(json: Fingerprint(fingerprint: try await service.ownFingerprint()))
    }
}
