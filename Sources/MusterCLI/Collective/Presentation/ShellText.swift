import MCollectiveProtocol

/// The answers of the shell agent, by the names of the nodes.
///
/// Source: `application/shell.rb` of the shell plugin.
struct ShellText: Sendable {
    var layout: McoLayout
    var isVerbose = false

    /// What commands printed, and how they ended.
    func answers(_ results: [McoResult]) -> String {
        sorted(results).map { result in
            guard result.reply.status == .ok else { return failure(result) }
            let errors = output("stderr", result)
            let code = result.reply.data[named: "exitcode"] ?? .null
            return "\(layout.name(result.sender)):\n" + ended(output("stdout", result))
                + (errors.isEmpty ? "" : "    STDERR:\n" + ended(errors))
                + (code == 0 ? "" : "exitcode: \(RubyText.text(of: code))\n") + "\n"
        }.joined()
    }

    /// Under which handles commands were started.
    func handles(_ results: [McoResult]) -> String {
        sorted(results).map { result in
            guard result.reply.status == .ok else { return failure(result) }
            return "\(layout.name(result.sender)): \(output("handle", result))\n"
        }.joined()
    }

    /// What runs, by its handle; with `-v` what it is.
    func jobs(_ results: [McoResult]) -> String {
        sorted(results).map { result in
            let jobs = result.reply.data[named: "jobs"]?.hash ?? [:]
            guard result.reply.status == .ok, !jobs.isEmpty else { return "" }
            let lines = jobs.pairs.map { (handle: RubyText.text(of: $0.key), job: $0.value.hash ?? [:]) }
                .sorted { $0.handle < $1.handle }.map { text($0.handle, $0.job) }
            return "\(layout.name(result.sender)):\n" + lines.joined()
        }.joined()
    }

    private func text(_ handle: String, _ job: RubyHash) -> String {
        let line = "    \(layout.name(handle))\n"
        guard isVerbose else { return line }
        return line + "        command: \(layout.shown(RubyText.text(of: job[named: "command"] ?? .null)))\n"
            + "        status:  \(layout.shown(RubyText.text(of: job[named: "status"] ?? .null)))\n\n"
    }

    private func failure(_ result: McoResult) -> String {
        "\(layout.name(result.sender)): ERROR: \(layout.shown(result.reply.message))\n"
    }

    private func output(_ name: String, _ result: McoResult) -> String {
        layout.shown(RubyText.text(of: result.reply.data[named: name] ?? .null))
    }

    private func ended(_ text: String) -> String { text.hasSuffix("\n") ? text : text + "\n" }

    private func sorted(_ results: [McoResult]) -> [McoResult] {
        results.sorted { $0.sender.utf8.lexicographicallyPrecedes($1.sender.utf8) }
    }
}
