import DaemonSupport
import MusterCore

/// What a demo shows: the fleet gathers, is accepted, and answers three jobs.
struct DemoShow {
    let fleet: DemoFleet
    let service: any ControllerService
    let context: CommandContext

    /// Runs to the last job.
    ///
    /// - Returns: whether every node answered every job and succeeded.
    /// - Throws: `CommandFailure` when a daemon ends or the fleet does not gather in time.
    func run() async throws -> Bool {
        say("Starting a controller and \(fleet.names.count) nodes in \(fleet.directory.path) …")
        _ = try await wait("the controller listens") { try await service.status() }
        let keys = try await wait("every node asked to be accepted") {
            let keys = try await service.keys()
            return keys.count { $0.state == .pending } == fleet.names.count ? keys : nil
        }
        say("\nEvery node asks to join with its key:")
        var table = Table(header: ["NODE", "STATE", "FINGERPRINT"])
        table.rows = keys.sorted { $0.node < $1.node }.map { [$0.node.text, $0.state?.rawValue ?? "", $0.fingerprint] }
        try table.print(to: context.console)
        let change = KeyChange(action: .accept, match: fleet.names, user: context.user)
        let accepted = try await service.change(change)
        say("\nAccepted \(accepted.count) keys; waiting for the nodes to sign in …")
        _ = try await wait("every node is connected") {
            let nodes = try await service.preview(Target(.glob, "*")).nodes
            return nodes.count(where: \.isConnected) == fleet.names.count ? nodes : nil
        }
        return try await runJobs()
    }

    private func runJobs() async throws -> Bool {
        let palette = context.console.palette(for: .output)
        let diagnostics = context.console.palette(for: .diagnostics)
        func presenter(_ folding: AnswersPresenter.Folding) -> AnswersPresenter {
            AnswersPresenter(folding: folding, palette: palette, diagnosticsPalette: diagnostics)
        }
        let jobs: [(title: String, call: FunctionCall, presenter: AnswersPresenter)] = [
            ("test.ping: each answer as it comes", FunctionCall("test.ping"), presenter(.none)),
            (
                "grains.items: what each node knows of itself, the counts only", FunctionCall("grains.items"),
                presenter(.summaryOnly)
            ),
            (
                "cmd.run 'uname -r': identical answers folded into one",
                FunctionCall("cmd.run", arguments: ["uname -r"]), presenter(.atEnd)
            ),
        ]
        var allAnswered = true
        for job in jobs {
            say("\n" + diagnostics.paint(job.title, .bold))
            let request = JobRequest(calls: [job.call], target: Target(.glob, "*"), user: context.user)
            let receipt = try await service.publish(request)
            let ending = try await JobWatch(context: context)
                .follow(receipt.job, on: service, presenter: job.presenter)
            guard case .ended(let report) = ending else { return false }
            if report.nodes.count != fleet.names.count || ExitStatus(report) != .success { allAnswered = false }
        }
        return allAnswered
    }

    /// What can be done with the fleet now.
    func suggest() {
        let socket = "--socket \(fleet.socket)"
        say(
            """

            The fleet stays up until Ctrl-C. In another terminal:

              muster run \(socket) '*' test.version
              muster run \(socket) -G os_family:Debian cmd.run 'df -h /'
              muster run \(socket) --json 'node[12]' grains.item os num_cpus
              muster nodes list \(socket)
              muster jobs list \(socket)
              muster events \(socket)
              muster as salt --socket \(fleet.socket) '*' test.ping --out=txt
            """)
    }

    private func say(_ text: String) { context.console.note(text) }

    /// Asks again and again until there is an answer, for half a minute.
    private func wait<Answer>(_ what: String, _ ask: () async throws -> Answer?) async throws -> Answer {
        var lastError: (any Error)?
        for _ in 0..<600 {
            try fleet.check()
            do {
                if let answer = try await ask() { return answer }
                lastError = nil
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                // The controller is not there yet; the last reason is told if it never comes.
                lastError = error
            }
            try await context.sleep(.milliseconds(50))
        }
        throw CommandFailure(
            .failure, "waited half a minute until \(what), in vain" + (lastError.map { ": \($0)" } ?? ""))
    }
}
