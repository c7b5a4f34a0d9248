import HTTPTypes
import Hummingbird
import MusterCore

/// `/v1/jobs`: publish, list, show, answers, why, cancel, follow.
struct JobRoutes: Sendable {
    let service: any ControllerService
    let maxBodyBytes: Int
    let heartbeat: Duration

    func add(to group: RouterGroup<APIContext>) {
        let jobs = group.group("jobs")
        jobs.post(use: publish)
        jobs.get(use: list)
        jobs.get(":job", use: show)
        jobs.get(":job/answers", use: answers)
        jobs.get(":job/why/:node", use: why)
        jobs.post(":job/cancel", use: cancel)
        jobs.get(":job/follow", use: follow)
    }

    @Sendable private func publish(_ request: Request, _ context: APIContext) async throws -> Response {
        var job: JobRequest = try await request.decode(
            maxBytes: maxBodyBytes,
            defaults: [
                "calls": [["arguments": [], "keywords": [:]]], "target": TargetDefaults.map, "user": "",
                "allowsMissing": false, "returners": "",
            ])
        job.user = context.user(claimed: job.user)
        return try Response(.created, json: try await service.publish(job))
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try Query(request, allowing: "limit", "before", "open", "function")
        let jobs = try await service.jobs(
            JobQuery(
                limit: try query.number("limit", in: 1...10_000) ?? 50, before: try query.job("before"),
                onlyOpen: try query.flag("open", default: false), function: query.text("function")))
        return try Response(json: JobList(jobs: jobs))
    }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        try Response(json: try await service.job(try context.job()))
    }

    @Sendable private func answers(_ request: Request, _ context: APIContext) async throws -> Response {
        let nodes = try Query(request, allowing: "node").all("node")?.map { try NodeID.parameter($0, named: "node") }
        return try Response(json: AnswerList(answers: try await service.answers(of: try context.job(), nodes: nodes)))
    }

    @Sendable private func why(_ request: Request, _ context: APIContext) async throws -> Response {
        try Response(json: try await service.why(try context.job(), try context.node()))
    }

    @Sendable private func cancel(_ request: Request, _ context: APIContext) async throws -> Response {
        let job = try context.job()
        let claim: CancelRequest = try await request.decode(maxBytes: maxBodyBytes, defaults: ["user": ""])
        return try Response(json: try await service.cancel(job, by: context.user(claimed: claim.user)))
    }

    @Sendable private func follow(_ request: Request, _ context: APIContext) async throws -> Response {
        .events(try await service.follow(try context.job()), of: request, heartbeat: heartbeat) { updates in
            try updates.map { update in
                ServerSentEvent(name: update.kind.rawValue, data: JSON.text(try ValueEncoder().encode(update)))
            }
        }
    }
}
