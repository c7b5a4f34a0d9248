import MusterCore

/// What is said about a job when it has ended: who did not answer and why, and how many nodes are in each outcome.
struct Summary {
    let report: JobReport
    /// Ids given by name that have no accepted key.
    var missing: [String] = []
    var palette: Palette = .plain

    /// The lines, the counts last.
    var lines: [String] { reasons + [counts] }

    /// One line for each reason why nodes did not succeed, with the nodes.
    var reasons: [String] {
        var groups: [(text: String, kind: Outcome.Kind, nodes: [NodeID])] = []
        for expectation in report.nodes where expectation.outcome.kind != .ok {
            let text = expectation.outcome.description
            if let index = groups.firstIndex(where: { $0.text == text }) {
                groups[index].nodes.append(expectation.node)
            } else {
                groups.append((text, expectation.outcome.kind, [expectation.node]))
            }
        }
        let silent = groups.map {
            palette.paint(NodeSet.text($0.nodes), Self.color($0.kind)) + ": " + $0.text.replacingEscapes()
        }
        let unknown =
            missing.isEmpty ? [] : ["\(missing.joined(separator: ", ")): no accepted key, not part of the job"]
        let unexpected =
            report.unexpected.isEmpty ? [] : ["\(NodeSet.text(report.unexpected)): answered without being expected"]
        return silent + unknown + unexpected
    }

    /// `12 ok, 1 failed, 2 unreachable of 15 · test.ping · 0.4 s · job 2026…`
    var counts: String {
        let counts = report.counts
        let parts = Outcome.Kind.allCases.compactMap { kind in
            counts[kind].map { palette.paint("\($0) \(kind.rawValue)", Self.color(kind)) }
        }
        var line = (parts.isEmpty ? "no node" : parts.joined(separator: ", ")) + " of \(report.nodes.count)"
        line += " · " + report.job.calls.map(\.function).joined(separator: ",")
        if let ended = report.ended { line += " · " + (ended - report.job.published).short }
        return line + " · job \(report.job.id)"
    }

    /// The colour that stands for an outcome.
    static func color(_ kind: Outcome.Kind) -> Palette.Color {
        switch kind {
        case .ok: .green
        case .failed, .refused, .lost: .red
        case .running, .waiting: .cyan
        case .timedOut, .unreachable, .cancelled: .yellow
        }
    }
}

extension Duration {
    /// `0.42 s`, `12 s`, `3 min 05 s`, `2 h 10 min`.
    var short: String {
        let seconds = max(0, inSeconds)
        if seconds < 10 {
            let hundredths = Int((seconds * 100).rounded())
            return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) s"
        }
        let whole = Int(seconds)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if whole < 120 { return "\(whole) s" }
        if whole < 7200 { return "\(whole / 60) min \(two(whole % 60)) s" }
        return "\(whole / 3600) h \(two(whole % 3600 / 60)) min"
    }
}
