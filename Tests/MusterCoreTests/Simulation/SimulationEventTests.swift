import MusterCore
import Testing

@Suite struct SimulationEventTests {
    @Test("every kind of event comes back from its line", arguments: SimulationEvent.Kind.allCases)
    func survivesItsLine(_ kind: SimulationEvent.Kind) {
        var counts = SimulationCounts()
        counts.nodes = 1000
        counts.returns = 17
        counts.publishesRefused = 3
        let event = SimulationEvent(kind, seconds: 1.25, counts: counts, trouble: "pending \"keys\"")
        #expect(SimulationEvent(line: event.line) == event)
    }

    @Test("the lines that scripts read keep their keys")
    func hasStableKeys() {
        let line = SimulationEvent(.signedIn, seconds: 0.5, counts: SimulationCounts()).line
        #expect(
            line
                == #"{"event": "signed-in", "seconds": 0.5, "nodes": 0, "signed_in": 0, "connected": 0, "pending": 0, "#
                + #""refused": 0, "jobs": 0, "returns": 0, "sign_ins": 0, "reconnects": 0, "repeats": 0, "dropped": 0, "#
                + #""publishes_refused": 0}"#)
    }

    @Test(arguments: ["", "muster: no controller", "{}", #"{"event": "other"}"#, "[1]"])
    func isNoOtherLine(_ line: String) {
        #expect(SimulationEvent(line: line) == nil)
    }

    @Test("counts of processes are added, but every process sees every job")
    func addsUp() {
        var left = SimulationCounts()
        (left.nodes, left.returns, left.jobs) = (10, 30, 3)
        var right = SimulationCounts()
        (right.nodes, right.returns, right.jobs) = (5, 20, 4)
        let sum = left + right
        #expect((sum.nodes, sum.returns, sum.jobs) == (15, 50, 4))
    }
}
