import MCollectiveProtocol

/// Shows what commands print until all of them have ended.
///
/// Source: `application/shell.rb` of the shell plugin, `watch_these`.
struct ShellWatch {
    /// What is known of one command.
    private struct Watched {
        let job: ShellJob
        var output: PrefixedLines
        var errors: PrefixedLines
        var outputOffset = 0
        var errorsOffset = 0
    }

    let client: McoClient
    /// Whether Ctrl-C ends the commands, and not only the watching.
    let killsOnInterrupt: Bool

    /// - Returns: The exit status.
    func run(_ jobs: [ShellJob]) async throws -> Int32 {
        var client = client
        client.showsProgress = false
        let layout = client.world.layout
        var watched = jobs.map { job in
            let name = layout.name(job.node)
            return Watched(
                job: job, output: PrefixedLines(prefix: "\(name) stdout: "),
                errors: PrefixedLines(prefix: "\(name) stderr: "))
        }
        var isStopping = false
        while !watched.isEmpty {
            let isCut = try await look(&watched, isStopping: isStopping, client)
            guard isCut else { continue }
            guard killsOnInterrupt, !isStopping else {
                try client.world.puts(isStopping ? "OK you meant it; bye" : "")
                return 1
            }
            isStopping = true
            try client.world.puts("Attempting to stop cleanly, interrupt again to kill")
        }
        return 0
    }

    /// Asks for every command once, and rests a little.
    ///
    /// - Returns: Whether Ctrl-C was pressed.
    private func look(
        _ watched: inout [Watched], isStopping: Bool, _ client: McoClient
    ) async throws -> Bool {
        var rest: [Watched] = []
        for (place, var command) in watched.enumerated() {
            let handle: (RubyValue, RubyValue) = (.symbol("handle"), .text(command.job.handle))
            if isStopping {
                try client.world.puts("Sending kill to \(command.job.node) \(command.job.handle)")
                _ = try await client.call("kill", RubyHash([handle]), on: [command.job.node])
            }
            let inputs = RubyHash([
                handle, (.symbol("stdout_offset"), .int(Int64(command.outputOffset))),
                (.symbol("stderr_offset"), .int(Int64(command.errorsOffset))),
            ])
            let outcome = try await client.call("status", inputs, on: [command.job.node])
            if try show(outcome.results.first, &command, client.world) { rest.append(command) }
            if outcome.isCut {
                watched = rest + watched.dropFirst(place + 1)
                return true
            }
        }
        watched = rest
        guard !watched.isEmpty else { return false }
        return try await Interruption.pausing(client.world.context, for: .milliseconds(200))
    }

    /// Shows what a command has printed since.
    ///
    /// - Returns: Whether it goes on.
    private func show(_ result: McoResult?, _ command: inout Watched, _ world: McoWorld) throws -> Bool {
        guard let reply = result?.reply else { return true }
        var text = ""
        if reply.status == .ok {
            text += take("stdout", reply, &command.outputOffset, &command.output, world)
            text += take("stderr", reply, &command.errorsOffset, &command.errors, world)
        }
        let isOver = reply.status != .ok || reply.data[named: "status"]?.text == "stopped"
        if isOver { text += command.output.finish() + command.errors.finish() }
        if !text.isEmpty { try world.puts(text) }
        return !isOver
    }

    private func take(
        _ name: String, _ reply: RPCReply, _ offset: inout Int, _ lines: inout PrefixedLines, _ world: McoWorld
    ) -> String {
        guard case .string(let string)? = reply.data[named: name] else { return "" }
        offset += string.bytes.count
        return lines.add(world.layout.shown(String(decoding: string.bytes, as: UTF8.self)))
    }
}

/// Lines that arrive in pieces, each with the same words in front.
struct PrefixedLines: Sendable, Hashable {
    let prefix: String
    private var unfinished = ""

    init(prefix: String) { self.prefix = prefix }

    /// The lines that are whole now.
    mutating func add(_ text: String) -> String {
        var lines = (unfinished + text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        unfinished = lines.removeLast()
        return lines.map { "\(prefix)\($0)\n" }.joined()
    }

    /// What is left, as a line.
    mutating func finish() -> String { unfinished.isEmpty ? "" : add("\n") }
}
