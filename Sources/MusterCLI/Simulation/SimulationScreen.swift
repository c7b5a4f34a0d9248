import MusterCore

/// Shows how a simulation goes: lines of JSON, or milestones and, on a terminal, a line that is written anew.
struct SimulationScreen {
    private let console: any Console
    private let isJSON: Bool
    private let showsProgress: Bool
    private var progressIsShown = false
    private var last: SimulationEvent?
    private var lastTrouble: String?
    /// When held answers were let go.
    private var released: SimulationEvent?

    init(_ console: any Console, isJSON: Bool) {
        self.console = console
        self.isJSON = isJSON
        // A dumb terminal cannot rewrite a line.
        showsProgress = !isJSON && console.isTerminal(.diagnostics) && console.variable("TERM") != "dumb"
    }

    mutating func show(_ event: SimulationEvent) throws(OutputFailure) {
        defer { last = event }
        guard !isJSON else { return try console.print(event.line) }
        eraseProgress()
        if let text = milestone(event) { try console.print(text) }
        if event.kind == .counts { drawProgress(event) }
    }

    /// Takes the progress line away.
    mutating func close() { eraseProgress() }

    private mutating func milestone(_ event: SimulationEvent) -> String? {
        let counts = event.counts
        switch event.kind {
        case .started: return nil
        case .signedIn:
            return "\(counts.nodes) nodes signed in after \(event.seconds.shown) s, "
                + "\(rate(Double(counts.nodes), event.seconds)) a second"
        case .connected: return "\(counts.nodes) nodes connected after \(event.seconds.shown) s"
        case .lost: return "connections lost after \(event.seconds.shown) s"
        case .rejoined: return "\(counts.nodes) nodes connected again after \(event.seconds.shown) s"
        case .held: return "answers held after \(event.seconds.shown) s"
        case .released:
            released = event
            return nil
        case .acknowledged:
            let seconds = event.seconds - (released?.seconds ?? 0)
            let returns = counts.returns - (released?.counts.returns ?? 0)
            return "\(returns) returns let go and acknowledged in \(seconds.shown) s, "
                + "\(rate(Double(returns), seconds)) a second"
        case .counts: return nil
        case .ended: return summary(event)
        }
    }

    private func summary(_ event: SimulationEvent) -> String {
        let counts = event.counts
        var parts = [
            "\(counts.nodes) nodes", "\(counts.jobs) jobs", "\(counts.returns) returns acknowledged",
            "\(counts.signIns) sign-ins",
        ]
        for (count, name) in [
            (counts.reconnects, "reconnects"), (counts.repeats, "requests repeated"), (counts.dropped, "returns lost"),
            (counts.publishesRefused, "publishes refused"), (counts.pending, "keys not accepted"),
            (counts.refused, "nodes refused"),
        ] where count > 0 {
            parts.append("\(count) \(name)")
        }
        return parts.joined(separator: ", ") + " in \(event.seconds.shown) s"
    }

    private mutating func drawProgress(_ event: SimulationEvent) {
        let text = progress(event)
        guard showsProgress else {
            // Without a terminal only what somebody must do something about, and not how many times.
            let trouble = event.counts.pending > 0 ? "keys wait to be accepted\(Self.remedy)" : trouble(event)
            guard let trouble, trouble != lastTrouble else { return }
            lastTrouble = trouble
            return console.note(trouble)
        }
        // One column less than there are: a full line would wrap and could not be erased.
        let visible = String(text.prefix(max(0, console.columns - 1)))
        try? console.write("\r\u{1b}[K" + visible, to: .diagnostics)
        progressIsShown = true
    }

    private func progress(_ event: SimulationEvent) -> String {
        let counts = event.counts
        var parts = ["\(counts.connected) of \(counts.nodes) connected"]
        if counts.signedIn < counts.nodes { parts.insert("\(counts.signedIn) signed in", at: 0) }
        parts.append("\(counts.jobs) jobs")
        let before = last?.counts.returns ?? 0
        let seconds = event.seconds - (last?.seconds ?? 0)
        parts.append("\(counts.returns) returns (\(rate(Double(counts.returns - before), seconds)) a second)")
        if let trouble = trouble(event) { parts.append(trouble) }
        return parts.joined(separator: ", ")
    }

    private static let remedy = " (muster keys accept, salt-key -A)"

    private func trouble(_ event: SimulationEvent) -> String? {
        if event.counts.pending > 0 {
            return "waiting for \(event.counts.pending) keys to be accepted\(Self.remedy)"
        }
        return event.counts.signedIn < event.counts.nodes ? event.trouble : nil
    }

    private mutating func eraseProgress() {
        guard progressIsShown else { return }
        try? console.write("\r\u{1b}[K", to: .diagnostics)
        progressIsShown = false
    }

    private func rate(_ count: Double, _ seconds: Double) -> String {
        seconds > 0 ? String(Int((count / seconds).rounded())) : "0"
    }
}

extension Double {
    /// With two decimals.
    fileprivate var shown: String {
        let hundredths = Int((self * 100).rounded())
        return "\(hundredths / 100).\((hundredths % 100).digits(2))"
    }
}
