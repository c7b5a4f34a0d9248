import HTTPTypes
import Hummingbird
import MusterCore

/// `/v1/nodes` and `/v1/preview`.
struct NodeRoutes: Sendable {
    let service: any ControllerService
    let maxBodyBytes: Int

    func add(to group: RouterGroup<APIContext>) {
        group.get("nodes", use: list)
        group.get("nodes/:node", use: show)
        group.post("preview", use: preview)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try Query(request, allowing: "target", "kind", "delimiter")
        return try Response(json: NodeList(nodes: try await service.nodes(try target(query))))
    }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        try Response(json: try await service.node(try context.node()))
    }

    @Sendable private func preview(_ request: Request, _ context: APIContext) async throws -> Response {
        let target: Target = try await request.decode(maxBytes: maxBodyBytes, defaults: TargetDefaults.fields)
        return try Response(json: try await service.preview(target))
    }

    /// The target of a query, nil when there is none.
    private func target(_ query: Query) throws(APIError) -> Target? {
        guard let expression = query.text("target") else {
            guard query.text("kind") == nil, query.text("delimiter") == nil else {
                throw .badParameter(name: "target", reason: "is missing, while kind or delimiter is given")
            }
            return nil
        }
        let name = query.text("kind") ?? Target.Kind.glob.rawValue
        guard let kind = Target.Kind(rawValue: name) else {
            let known = Target.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badParameter(name: "kind", reason: "'\(name)' is none of \(known)")
        }
        return Target(kind, expression, delimiter: query.text("delimiter") ?? ":")
    }
}

/// What a target in a request body may leave out.
enum TargetDefaults {
    static var fields: ValueMap { ["kind": "glob", "delimiter": ":"] }
    static var map: Value { .map(fields) }
}
