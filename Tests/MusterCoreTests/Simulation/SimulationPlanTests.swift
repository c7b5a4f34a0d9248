import MusterCore
import Testing

@Suite struct SimulationPlanTests {
    private static func plan(
        _ count: Int, descriptors: Int = 1024, ports: Int = 28_000,
        change: (inout SimulationSettings) -> Void = { _ in }
    ) throws(SimulationError) -> SimulationPlan {
        var settings = SimulationSettings(count: count)
        change(&settings)
        return try SimulationPlan(settings, limits: .init(descriptors: descriptors, ports: ports))
    }

    @Test("takes one process for as long as two descriptors a node fit, and not longer")
    func takesAsFewProcessesAsCanBe() throws {
        let fitting = (1024 - SimulationPlan.reserve) / 2
        #expect(
            try Self.plan(fitting).shares == [.init(first: 1, count: fitting, requestConnections: fitting)])
        #expect(try Self.plan(fitting + 1).shares.map(\.count) == [241, 240])
    }

    @Test func sharesAreConsecutiveAndDifferByOneAtMost() throws {
        let plan = try Self.plan(10) { settings in
            settings.processes = 3
            settings.names.first = 7
        }
        #expect(plan.shares.map(\.first) == [7, 11, 14])
        #expect(plan.shares.map(\.count) == [4, 3, 3])
        #expect(plan.shares.map(\.requestConnections) == [4, 3, 3])
    }

    @Test("fewer request connections let more nodes into a process")
    func sharesRequestConnections() throws {
        let plan = try Self.plan(900) { $0.requestConnections = 60 }
        #expect(plan.shares == [.init(first: 1, count: 900, requestConnections: 60)])
    }

    @Test func neverTakesMoreProcessesThanThereAreNodesOrConnections() throws {
        #expect(try Self.plan(2) { $0.processes = 8 }.shares.count == 2)
        #expect(
            try Self.plan(8) { settings in
                settings.processes = 8
                settings.requestConnections = 3
            }.shares.map(\.requestConnections) == [1, 1, 1])
    }

    @Test("signing in alone takes one descriptor a node, and no ports that stay")
    func signsInWithoutSubscriptions() throws {
        #expect(try Self.plan(960, ports: 10) { $0.signIn.isAll = true }.shares.count == 1)
    }

    @Test func refusesWhatDoesNotFitAndSaysWhatIsNeeded() {
        #expect(throws: SimulationError.tooManyDescriptors(nodes: 1000, needed: 2064, limit: 1024)) {
            try Self.plan(1000) { $0.processes = 1 }
        }
        #expect(throws: SimulationError.tooManyPorts(nodes: 1000, available: 999)) { try Self.plan(1000, ports: 999) }
    }
}
