import MCollectiveProtocol

extension CapturedFleet {
    /// What the agents of plugins answered for a capture.
    static func plugin(_ request: RPCRequest, _ capture: String) -> RPCReply {
        let failure = capture.firstMatch(of: #/Request Aborted\n   ([^\n]*)/#).map { String($0.output.1) }
        switch (request.agent, request.action) {
        case ("puppet", "status"):
            let message = capture.firstMatch(of: #/Currently [^\n]*/#).map { String($0.output) } ?? ""
            return reply([
                ("applying", false), ("idling", false), ("enabled", true), ("daemon_present", false),
                ("lastrun", 0), ("status", "stopped"), ("message", .text(message)),
            ])
        case ("puppet", "enable"):
            return reply(failure == nil ? .ok : .aborted, failure ?? "OK", [("enabled", true), ("status", "enabled")])
        case ("puppet", "disable"): return reply([("enabled", false), ("status", "disabled")])
        case ("puppet", "runonce"): return reply(failure == nil ? .ok : .aborted, failure ?? "OK", [("summary", "")])
        case ("puppet", "last_run_summary"):
            let counts = ["out_of_sync", "failed", "corrected", "changed", "total"].map { ("\($0)_resources", 0) }
            return reply(
                (counts + [("config_retrieval_time", 0), ("total_time", 0), ("since_lastrun", 1_795_243_000)])
                    .map { ($0.0, .int(Int64($0.1))) })
        case ("package", "status"):
            return reply([("name", "bash"), ("ensure", "5.2.15-2+b8"), ("arch", .null)])
        case ("service", "status"): return reply([("status", "stopped")])
        case ("filemgr", "status"): return reply([("output", "present"), ("name", "/etc/hosts")])
        case ("shell", "run"): return reply([("stdout", "hello\n"), ("stderr", ""), ("exitcode", 0)])
        default: return reply(.unknownAction, "nothing is known of this", [])
        }
    }
}
