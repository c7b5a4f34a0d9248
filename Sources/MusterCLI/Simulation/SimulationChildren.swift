import MusterCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A simulation in several processes: copies of this program, each with its share of the nodes.
///
/// They speak the lines of `--json` into pipes, and end with this process, however it ends: their standard input is a
/// pipe that only this process holds open.
final class SimulationChildren: Sendable {
    private struct State {
        var total: SimulationTotal
        var start: ContinuousClock.Instant?
        var running: Int
        var failure: SimulationError?
        var isStopping = false
        var end: CheckedContinuation<Void, Never>?
    }

    private let report: @Sendable (SimulationEvent) -> Void
    private let lifeline: Lifeline
    private let children: Mutex<[ChildProcess]> = Mutex([])
    private let state: Mutex<State>

    private init(
        _ shares: [SimulationPlan.Share], report: @escaping @Sendable (SimulationEvent) -> Void
    ) throws(CommandFailure) {
        self.report = report
        lifeline = try Lifeline()
        state = Mutex(State(total: SimulationTotal(nodes: shares.map(\.count)), running: shares.count))
    }

    /// Simulates until it is cancelled, or until all processes have ended by themselves.
    ///
    /// - Parameter arguments: The words behind the program's name for a share, its place among the shares included.
    /// - Throws: `SimulationError.processEnded` when one ends before its time: the others are ended then too.
    static func run(
        _ shares: [SimulationPlan.Share], arguments: (SimulationPlan.Share, Int) -> [String],
        report: @escaping @Sendable (SimulationEvent) -> Void
    ) async throws {
        let family = try SimulationChildren(shares, report: report)
        do {
            for (place, share) in shares.enumerated() { try family.start(place, arguments(share, place)) }
        } catch {
            family.stop()
            throw error
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = family.state.withLock { state in
                    guard state.running > 0 else { return true }
                    state.end = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            family.stop()
        }
        if let failure = family.state.withLock(\.failure) { throw failure }
    }

    private func start(_ place: Int, _ arguments: [String]) throws(CommandFailure) {
        let pipe = try OutputPipe()
        let child = try ChildProcess(
            "process \(place + 1)", arguments, lifeline: lifeline, output: .descriptor(pipe.writingEnd))
        pipe.closeWritingEnd()
        children.withLock { $0.append(child) }
        SystemThread.detach {
            pipe.forEachLine { line in
                if let event = SimulationEvent(line: line) { self.take(event, of: place) }
            }
            self.ended(place, child.waitForEnd())
        }
    }

    private func stop() {
        state.withLock { $0.isStopping = true }
        for child in children.withLock({ $0 }) { child.terminate() }
    }

    private func take(_ event: SimulationEvent, of place: Int) {
        state.withLock { state in
            let start = state.start ?? .now
            state.start = start
            for event in state.total.take(event, of: place, at: (.now - start).inSeconds) { report(event) }
        }
    }

    private func ended(_ place: Int, _ ending: ChildProcess.Ending) {
        let (isFailure, end) = state.withLock { state in
            let isFailure = ending != .status(0) && !state.isStopping && state.failure == nil
            if isFailure { state.failure = .processEnded(number: place + 1, how: "\(ending)") }
            state.running -= 1
            guard state.running == 0 else { return (isFailure, CheckedContinuation<Void, Never>?.none) }
            defer { state.end = nil }
            return (isFailure, state.end)
        }
        if isFailure { stop() }
        end?.resume()
    }
}
