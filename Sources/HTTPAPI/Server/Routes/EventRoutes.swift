import HTTPTypes
import Hummingbird
import MusterCore

/// `/v1/events`: the controller's events as they come, from a cursor when the client has one.
struct EventRoutes: Sendable {
    let service: any ControllerService
    let heartbeat: Duration

    func add(to group: RouterGroup<APIContext>) {
        group.get("events", use: subscribe)
    }

    @Sendable private func subscribe(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try Query(request, allowing: "tag", "after", "follow")
        let events = EventQuery(
            tag: query.text("tag") ?? "*",
            after: try lastEventID(request) ?? (try query.number("after", in: 0...Int64.max)),
            follows: try query.flag("follow", default: true))
        return .events(try await service.events(events), of: request, heartbeat: heartbeat, encode: EventRoutes.encode)
    }

    /// What a client that reconnects saw last. It wins over `after`, which is in the address of the first request.
    private func lastEventID(_ request: Request) throws(APIError) -> Int64? {
        guard let name = HTTPField.Name("Last-Event-ID"), let text = request.headers[name] else { return nil }
        guard let id = Int64(text), id >= 0 else {
            throw .badParameter(name: "Last-Event-ID", reason: "'\(text)' is no sequence number")
        }
        return id
    }

    @Sendable private static func encode(_ batch: EventBatch) throws -> [ServerSentEvent] {
        switch batch {
        case .events(let events):
            try events.map { event in
                ServerSentEvent(
                    name: "event", id: "\(event.sequence)", data: JSON.text(try ValueEncoder().encode(event)))
            }
        case .gap(let after, let count):
            [
                ServerSentEvent(
                    name: "gap", id: "\(after + count)",
                    data: JSON.text(try ValueEncoder().encode(EventGap(after: after, count: count))))
            ]
        }
    }
}
