import MCollectiveProtocol
import MusterCore

/// The answers of a call as text: those that the action or the operator wants to see.
///
/// Source: MCollective 2.12, `rpc/helpers.rb`, `rpcresults`, `text_for_result`.
struct ResultsText: Sendable {
    var layout: McoLayout
    /// What the answers are to: names of outputs, and which answers are shown.
    var action: DDLAction
    /// In the place of the action's own choice.
    var display: DDLAction.Display?
    var isVerbose = false

    /// All answers, each with an empty line behind it.
    func text(_ results: [McoResult]) -> String {
        results.map { isVerbose ? verbose($0) : isShown($0) ? text($0) : "" }.joined()
    }

    /// All answers as JSON: in one line, or one element a line for a terminal.
    func json(_ results: [McoResult]) -> String {
        let value = Value.array(results.map(\.json))
        return layout.shown(JSON.text(value, layout: layout.isTerminal ? .indented(2) : .compact))
    }

    private func isShown(_ result: McoResult) -> Bool {
        switch display ?? action.display {
        case .ok: result.reply.status == .ok
        case .failed: result.reply.status != .ok
        case .always: true
        }
    }

    private func text(_ result: McoResult) -> String {
        var text = "\(RubyText.padded(layout.name(result.sender), 40)) \(label(result.reply.status))\n"
        if result.reply.message != "OK" {
            text += "   \(layout.colors.text(.yellow, layout.shown(result.reply.message)))\n"
        }
        if result.reply.status == .ok { text += fields(result.reply.data) }
        return text + "\n"
    }

    private func label(_ status: RPCStatus) -> String {
        switch status {
        case .ok: ""
        case .aborted, .unknownError: layout.colors.text(.red, status.label)
        case .unknownAction, .missingData, .invalidData: layout.colors.text(.yellow, status.label)
        }
    }

    /// The outputs by their names, with their labels aligned at the colon.
    private func fields(_ data: RubyHash) -> String {
        let fields = data.pairs.map { (name: RubyText.text(of: $0.key), value: $0.value) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            .map { (label: label(of: $0.name), value: $0.value) }
        let width = fields.map(\.label.unicodeScalars.count).max() ?? 0
        return fields.map { field in
            RubyText.aligned(field.label, width + 3) + ":" + text(field.value, indent: width + 5)
        }.joined()
    }

    private func label(of output: String) -> String {
        action.outputs.first { $0.name == output }?.displayAs ?? layout.name(output)
    }

    /// What stands behind the colon: further lines begin below the first.
    private func text(_ value: RubyValue, indent: Int) -> String {
        let lines: [String]
        if case .string(let string) = value {
            lines = layout.shown(String(decoding: string.bytes, as: UTF8.self)).rubyLines
        } else {
            lines = layout.pretty(value)
        }
        guard !lines.isEmpty else { return "\n" }
        return " " + lines.joined(separator: "\n" + String(repeating: " ", count: indent)) + "\n"
    }

    private func verbose(_ result: McoResult) -> String {
        let head = "\(RubyText.padded(layout.name(result.sender), 40)): \(layout.shown(result.reply.message))\n"
        switch result.reply.status {
        case .ok, .aborted:
            return head + layout.pretty(.hash(result.reply.data)).map { "    \($0)" }.joined() + "\n\n"
        case .unknownAction, .missingData, .invalidData: return head
        case .unknownError: return head + "    \(layout.shown(result.reply.message))"
        }
    }
}

extension String {
    /// Ruby's `split("\n")`: the lines, without empty ones at the end.
    var rubyLines: [String] {
        var lines = split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
