import MusterCore
import NIOCore

/// Counts what a process's nodes do, and tells the milestones.
///
/// Owner: the fleet's event loop.
final class FleetReporter {
    private(set) var counts = SimulationCounts()
    /// Why the last sign-in failed.
    var trouble: String?
    private let start: NIODeadline
    private let report: @Sendable (SimulationEvent) -> Void
    private var haveAllSignedIn = false
    private var haveAllConnected = false
    private var isWhole = false
    private var isClosed = false

    init(nodes: Int, report: @escaping @Sendable (SimulationEvent) -> Void) {
        counts.nodes = nodes
        start = .now()
        self.report = report
    }

    /// Since the first sign-in began.
    var seconds: Double { Double((NIODeadline.now() - start).nanoseconds) / 1e9 }

    /// Changes the counts, and tells when they have come to a milestone.
    func count(_ change: (inout SimulationCounts) -> Void) {
        guard !isClosed else { return }
        change(&counts)
        if !haveAllSignedIn, counts.signedIn == counts.nodes {
            haveAllSignedIn = true
            trouble = nil
            tell(.signedIn)
        }
        let isWhole = counts.connected == counts.nodes
        guard isWhole != self.isWhole else { return }
        self.isWhole = isWhole
        if isWhole {
            tell(haveAllConnected ? .rejoined : .connected)
            haveAllConnected = true
        } else {
            tell(.lost)
        }
    }

    /// Counts no more: what nodes lose while they are ended is no loss.
    func close() { isClosed = true }

    func tell(_ kind: SimulationEvent.Kind) {
        report(SimulationEvent(kind, seconds: seconds, counts: counts, trouble: trouble))
    }
}
