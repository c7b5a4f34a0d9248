import MusterCore

/// Writes what a presenter says about one job, with the progress line below it on a terminal.
///
/// Owner of the presenter and of the progress line: updates, ticks and Ctrl-C reach it from different tasks.
actor JobScreen {
    private var presenter: any JobPresenter
    private let console: any Console
    private let showsProgress: Bool
    private var progressIsShown = false

    init(_ presenter: any JobPresenter, console: any Console) {
        self.presenter = presenter
        self.console = console
        // A dumb terminal cannot rewrite a line.
        showsProgress = console.isTerminal(.diagnostics) && console.variable("TERM") != "dumb"
    }

    func show(_ updates: [JobUpdate], at now: Timestamp) throws {
        for update in updates { try write(presenter.show(update, at: now)) }
    }

    func tick(at now: Timestamp) throws {
        try write(presenter.tick(at: now))
        drawProgress(at: now)
    }

    func interrupted(at now: Timestamp) throws {
        eraseProgress()
        try write(presenter.interrupted(at: now))
    }

    /// Takes the progress line away.
    func close() { eraseProgress() }

    private func write(_ presentation: Presentation) throws {
        guard presentation != .nothing else { return }
        eraseProgress()
        if !presentation.output.isEmpty { try console.write(presentation.output, to: .output) }
        if !presentation.diagnostics.isEmpty { try console.write(presentation.diagnostics, to: .diagnostics) }
    }

    private func drawProgress(at now: Timestamp) {
        guard showsProgress, let line = presenter.progress(at: now) else { return }
        // One column less than there are: a full line would wrap and could not be erased.
        let visible = String(line.prefix(max(0, console.columns - 1)))
        try? console.write("\r\u{1b}[K" + visible, to: .diagnostics)
        progressIsShown = true
    }

    private func eraseProgress() {
        guard progressIsShown else { return }
        try? console.write("\r\u{1b}[K", to: .diagnostics)
        progressIsShown = false
    }
}
