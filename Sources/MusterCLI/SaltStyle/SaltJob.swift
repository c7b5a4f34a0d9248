import MusterCore

/// Runs a job and prints it as the program `salt` does.
struct SaltJob {
    let options: OptionParser.Result
    let output: SaltOutput
    let context: CommandContext

    func run(_ request: JobRequest, on service: any ControllerService) async throws -> Int32 {
        let receipt: JobReceipt
        do {
            receipt = try await service.publish(request)
        } catch ControllerError.nothingMatched {
            try context.console.print("No minions matched the target. No command was sent, no jid was assigned.")
            throw SaltExit(2, "ERROR: No return received")
        }
        guard !options.has("async") else {
            let kind = request.batch == nil ? "command" : "batch command"
            try context.console.print("Executed \(kind) with job ID: \(receipt.job)")
            return 0
        }
        try announce(receipt.job)
        let presenter = SaltPresenter(
            style: style(request), output: output, missing: receipt.missing, showsSilent: showsSilent)
        var context = context
        context.console = output.sink
        guard
            case .ended(let report) = try await JobWatch(context: context)
                .follow(receipt.job, on: service, presenter: presenter)
        else { throw SaltExit(130) }
        let rows = SaltRow.rows(of: report, missing: receipt.missing)
            .filter { $0.hasAnswered || showsSilent }
        if options.has("summary"), !options.has("out"), style(request) == .streaming { try summarise(rows) }
        return try status(rows, isBatch: request.batch != nil)
    }

    private var showsSilent: Bool { !options.has("hide-timeout") || options.has("verbose") }

    private func style(_ request: JobRequest) -> SaltPresenter.Style {
        if request.calls.first?.function == "sys.doc" { return .documentation(hasLayout: options.has("out")) }
        return options.has("static") ? .atOnce : .streaming
    }

    private func announce(_ job: JobID) throws {
        if options.has("verbose") {
            let line = "Executing job with jid \(job)"
            try context.console.print(line)
            try context.console.print(String(repeating: "-", count: line.count) + "\n")
        } else if options.has("show-jid") {
            try context.console.print("jid: \(job)")
        }
    }

    /// Salt ends with 1 when a node failed or did not answer, with 2 when nothing came at all.
    private func status(_ rows: [SaltRow], isBatch: Bool) throws -> Int32 {
        guard !rows.isEmpty else { throw SaltExit(2, "ERROR: No return received") }
        let worst = rows.map(\.returnCode).max() ?? 0
        guard worst != 0 else { return 0 }
        if isBatch { return Int32(clamping: worst) }
        guard !options.has("static") else { return 0 }
        throw SaltExit(1, "ERROR: Minions returned with non-zero exit code")
    }

    private func summarise(_ rows: [SaltRow]) throws {
        let rule = String(repeating: "-", count: 43)
        let silent = rows.filter { !$0.hasAnswered }
        let failed = rows.filter { $0.hasAnswered && $0.returnCode != 0 }
        var lines = [
            "\n", rule, "Summary", rule, "# of minions targeted: \(rows.count)",
            "# of minions returned: \(rows.count - silent.count)",
            "# of minions that did not return: \(silent.count)", "# of minions with errors: \(failed.count)",
        ]
        if options.has("verbose") {
            func list(_ title: String, _ rows: [SaltRow]) {
                if !rows.isEmpty { lines.append("\(title): " + rows.map(\.node).joined(separator: " ")) }
            }
            list("Minions not connected", silent.filter(\.isOffline))
            list("Minions not responding", silent.filter { !$0.isOffline })
            list("Minions with failures", failed)
        }
        lines.append(rule)
        for line in lines { try context.console.print(line) }
    }
}
