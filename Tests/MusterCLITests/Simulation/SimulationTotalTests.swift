import MusterCore
import Testing

@testable import MusterCLI

@Suite struct SimulationTotalTests {
    private static func event(_ kind: SimulationEvent.Kind, nodes: Int, connected: Int = 0) -> SimulationEvent {
        var counts = SimulationCounts()
        (counts.nodes, counts.connected) = (nodes, connected)
        return SimulationEvent(kind, seconds: 99, counts: counts)
    }

    @Test("starts with the first process, signs in with the last, on its own clock")
    func reachesMilestones() {
        var total = SimulationTotal(nodes: [6, 4])
        #expect(total.take(Self.event(.started, nodes: 6), of: 0, at: 0).map(\.kind) == [.started])
        #expect(total.take(Self.event(.started, nodes: 4), of: 1, at: 0.2) == [])
        #expect(total.take(Self.event(.signedIn, nodes: 6), of: 0, at: 1) == [])
        let events = total.take(Self.event(.signedIn, nodes: 4), of: 1, at: 2)
        #expect(events.map(\.kind) == [.signedIn])
        #expect(events.map(\.seconds) == [2])
        #expect(events.map(\.counts.nodes) == [10])
    }

    @Test("is whole while every process is, and tells each change once")
    func followsConnections() {
        var total = SimulationTotal(nodes: [6, 4])
        func take(_ kind: SimulationEvent.Kind, _ part: Int) -> [SimulationEvent.Kind] {
            total.take(Self.event(kind, nodes: part == 0 ? 6 : 4), of: part, at: 1).map(\.kind)
        }
        #expect(take(.connected, 0) == [])
        #expect(take(.connected, 1) == [.connected])
        #expect(take(.lost, 0) == [.lost])
        #expect(take(.lost, 1) == [])
        #expect(take(.rejoined, 0) == [])
        #expect(take(.rejoined, 1) == [.rejoined])
    }

    @Test("a process that is not whole for the first time does not hide that another one lost")
    func waitsForThoseThatWereNeverWhole() {
        var total = SimulationTotal(nodes: [6, 4])
        #expect(total.take(Self.event(.connected, nodes: 6), of: 0, at: 1) == [])
        #expect(total.take(Self.event(.lost, nodes: 6), of: 0, at: 2) == [])
        #expect(total.take(Self.event(.connected, nodes: 4), of: 1, at: 3) == [])
        #expect(total.take(Self.event(.rejoined, nodes: 6), of: 0, at: 4).map(\.kind) == [.connected])
    }

    @Test("answers are held and acknowledged when all processes say so, let go with the first, and all of it again")
    func repeatsMilestones() {
        var total = SimulationTotal(nodes: [6, 4])
        func take(_ kind: SimulationEvent.Kind, _ part: Int) -> [SimulationEvent.Kind] {
            total.take(Self.event(kind, nodes: part == 0 ? 6 : 4), of: part, at: 1).map(\.kind)
        }
        for _ in 1...2 {
            #expect(take(.held, 0) == [])
            #expect(take(.released, 0) == [.released])
            #expect(take(.held, 1) == [.held])
            #expect(take(.released, 1) == [])
            #expect(take(.acknowledged, 1) == [])
            #expect(take(.acknowledged, 0) == [.acknowledged])
        }
    }

    @Test func countsWhenEveryProcessHasCounted() {
        var total = SimulationTotal(nodes: [6, 4])
        #expect(total.take(Self.event(.counts, nodes: 6, connected: 5), of: 0, at: 1) == [])
        #expect(total.take(Self.event(.counts, nodes: 6, connected: 6), of: 0, at: 2) == [])
        #expect(total.take(Self.event(.counts, nodes: 4, connected: 1), of: 1, at: 2).map(\.counts.connected) == [7])
        #expect(total.take(Self.event(.counts, nodes: 4, connected: 2), of: 1, at: 3) == [])
    }
}
