import DaemonSupport
import MusterCore

/// One run: what is measured, on what, and in which order.
///
/// Each stage has a fresh controller. What cannot be measured is recorded as failed, and the rest goes on.
final class Bench {
    let site: Site
    let scale: Scale
    private let parts: Set<Part>
    private(set) var report: Report
    private var stages = 0
    /// The memory of each controller of a kind before its fleet came.
    private var idle: [MemoryUse] = []

    init(_ site: Site, _ scale: Scale, parts: Set<Part>, machine: Machine) {
        self.site = site
        self.scale = scale
        self.parts = parts
        report = Report(machine: machine)
    }

    /// - Throws: `CancellationError` only.
    func run() async throws {
        if parts.contains(.floor) { try await measureFloor() }
        if parts.contains(.brokers) { try await measureBrokers() }
        guard !parts.subtracting([.floor, .brokers]).isEmpty else { return }
        try await measure(MusterController.self)
        switch site.salt {
        case .programs: try await measure(SaltMaster.self)
        case .absent(let reason): report.note("No column for salt-master: \(reason).")
        }
    }

    // MARK: Stages

    private func measure<Kind: Contender>(_ kind: Kind.Type) async throws {
        let rounds = scale.rounds(for: Kind.column)
        if parts.contains(.start) {
            try await fill(StartUp.figures, Kind.column) {
                try await StartUp.measure(Kind.version(site), rounds: rounds * 3)
            }
        }
        if parts.contains(.node) {
            try await stage(kind, OneNode.figures) { contender, directory in
                try await fill(OneNode.figures, Kind.column) {
                    try await OneNode.measure(contender, in: directory, idle: scale.idle, rounds: rounds * 3)
                }
            }
        }
        idle = []
        for size in scale.sizes(for: Kind.column) {
            try await measure(kind, nodes: size)
            if parts.contains(.heldReturns) { try await measureHeldReturns(kind, nodes: size) }
        }
        if parts.contains(.signIns) {
            let signIns = SignIns(nodes: scale.signIns)
            try await stage(kind, signIns.figures) { contender, _ in
                try await fill(signIns.figures, Kind.column) {
                    try await signIns.measure(contender, rounds: rounds, site)
                }
            }
        }
    }

    /// What needs a fleet.
    private func measure<Kind: Contender>(_ kind: Kind.Type, nodes wanted: Int) async throws {
        var parts = parts.intersection([.ping, .returns, .memory])
        if !scale.collectsReturns(nodes: wanted, for: Kind.column) { parts.remove(.returns) }
        guard !parts.isEmpty else { return }
        let plan = FleetPlan(nodes: wanted, descriptorLimit: site.descriptorLimit)
        note(plan, wanted)
        let all = Part.allCases.filter(parts.contains).flatMap { figures(of: $0, nodes: plan.nodes) }
        try await stage(kind, all) { contender, directory in
            let idle = try await ControllerMemory.read(contender)
            self.idle.append(idle)
            if parts.contains(.memory) {
                record(ControllerMemory.idleFigures, ControllerMemory.idle(self.idle), Kind.column)
            }
            Progress.say("\(Kind.column.rawValue): \(plan.nodes) nodes join")
            let fleet = try await Fleet.join(plan, contender, in: directory, site)
            do {
                try await measure(parts, contender, nodes: plan.nodes, idle: idle)
            } catch {
                await fleet.leave()
                throw error
            }
            await fleet.leave()
        }
    }

    /// Needs a fleet of its own, which keeps its answers.
    private func measureHeldReturns<Kind: Contender>(_ kind: Kind.Type, nodes wanted: Int) async throws {
        guard scale.collectsReturns(nodes: wanted, for: Kind.column) else { return }
        let plan = FleetPlan(nodes: wanted, descriptorLimit: site.descriptorLimit)
        let returns = HeldReturns(nodes: plan.nodes)
        let jobs = scale.jobs(nodes: plan.nodes, for: Kind.column)
        try await stage(kind, returns.figures) { contender, directory in
            let fleet = try await Fleet.join(plan, contender, holding: jobs * plan.nodes, in: directory, site)
            do {
                try await fill(returns.figures, Kind.column) {
                    try await returns.measure(contender, fleet, jobs: jobs, rounds: scale.rounds(for: Kind.column))
                }
            } catch {
                await fleet.leave()
                throw error
            }
            await fleet.leave()
        }
    }

    private func figures(of part: Part, nodes: Int) -> [Figure] {
        switch part {
        case .ping: Ping(nodes: nodes).figures
        case .returns: Returns(nodes: nodes).figures
        case .memory: ControllerMemory(nodes: nodes).figures
        case .floor, .start, .node, .signIns, .heldReturns, .brokers: []
        }
    }

    /// Everything that is measured on one fleet; its memory before it has done anything.
    private func measure<Kind: Contender>(
        _ parts: Set<Part>, _ contender: Kind, nodes: Int, idle: MemoryUse
    ) async throws {
        let rounds = scale.rounds(for: Kind.column)
        let (memory, ping, returns) = (ControllerMemory(nodes: nodes), Ping(nodes: nodes), Returns(nodes: nodes))
        if parts.contains(.memory) {
            try await fill(memory.figures, Kind.column) {
                memory.values(try await ControllerMemory.read(contender), idle: idle)
            }
        }
        if parts.contains(.ping) {
            try await fill(ping.figures, Kind.column) { try await ping.measure(contender, rounds: rounds) }
        }
        if parts.contains(.returns) {
            let jobs = scale.jobs(nodes: nodes, for: Kind.column)
            try await fill(returns.figures, Kind.column) {
                try await returns.measure(contender, jobs: jobs, rounds: rounds)
            }
        }
    }

    /// Starts a controller for `body`, and ends it; when that fails, `figures` have failed.
    private func stage<Kind: Contender>(
        _ kind: Kind.Type, _ figures: [Figure], _ body: (Kind, String) async throws -> Void
    ) async throws {
        do {
            let directory = try stageDirectory()
            Progress.say("\(Kind.column.rawValue) starts")
            let contender = try await kind.start(in: directory, site)
            do {
                try await body(contender, directory)
            } catch {
                await contender.stop()
                throw error
            }
            await contender.stop()
        } catch {
            try Task.checkCancellation()
            fail(figures, "\(error)", Kind.column)
        }
    }

    /// A new one.
    func stageDirectory() throws -> String {
        stages += 1
        let directory = site.directory.file("\(stages)")
        try Files.makeDirectory(directory)
        return directory
    }

    private func measureFloor() async throws {
        // One descriptor a peer.
        for size in scale.sizes.suffix(2) {
            let peers = min(size, site.descriptorLimit - 100)
            let (requests, fanOut) = (RequestFloor(peers: peers), FanOutFloor(subscribers: peers))
            try await fill(requests.figures, .muster) {
                try await requests.measure(rounds: scale.rounds, time: scale.floorTime, site)
            }
            try await fill(fanOut.figures, .muster) { try await fanOut.measure(rounds: scale.rounds, site) }
        }
    }

    // MARK: Recording

    /// Measures figures; when that fails, they have failed, and the rest goes on.
    func fill(
        _ figures: [Figure], _ column: Column, _ measure: () async throws -> [Samples]
    ) async throws {
        do {
            record(figures, try await measure(), column)
        } catch {
            try Task.checkCancellation()
            fail(figures, "\(error)", column)
        }
    }

    private func record(_ figures: [Figure], _ samples: [Samples], _ column: Column) {
        for (figure, samples) in zip(figures, samples) {
            let cell = Cell.measured(samples)
            report.record(figure, cell, for: column)
            Progress.say("\(column.rawValue): \(figure.id): \(FigureText.cell(cell, figure.unit))")
        }
    }

    /// Leaves what has been measured already.
    func fail(_ figures: [Figure], _ reason: String, _ column: Column) {
        for figure in figures where !report.has(figure, column) {
            Progress.say("\(column.rawValue): \(figure.id) failed: \(reason)")
            report.record(figure, .failed(reason: reason), for: column)
        }
    }

    func note(_ text: String) { report.note(text) }

    private func note(_ plan: FleetPlan, _ wanted: Int) {
        let limit = "a process may have \(site.descriptorLimit) descriptors here"
        if plan.nodes < wanted {
            report.note("\(plan.nodes) nodes instead of \(wanted): \(limit), and the controller needs two a node.")
        }
    }
}
