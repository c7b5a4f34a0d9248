import HTTPAPI
import MusterCore
import MusterTestSupport
import Testing
import ZMTP

/// The limit of open files, which a fleet meets first.
@Suite(.timeLimit(.minutes(3))) struct DescriptorTests {
    @Test func aLowLimitIsToldAndBoundsTheConnectionsAndNotTheControllersOwnFiles() async throws {
        try await FaultSite.with { site in
            // 128 are the controller's own: half of the other 172 for each port.
            let process = try await site.startController(shell: "ulimit -n 300")
            #expect(
                try await site.connections("salt request")
                    == ConnectionUse(port: "salt request", used: 0, limit: 86, isLimitedByDescriptors: true))
            let told = site.logLines("open files limit the number of nodes")
            #expect(told.count == 1 && told.allSatisfy { $0.contains("nodes=86") && $0.contains("LimitNOFILE") })
            #expect(try await site.muster("status").standardOutput.contains("of 86, limited by open files"))

            let node = try await LightNode.signIn("web1", at: site.requests)
            let before = ProcessFigures(pid: process.pid).descriptors
            var flood: [RawConnection] = []
            for _ in 0..<400 {
                let connection = try RawConnection(port: site.requestPort)
                connection.send(RawConnection.handshake(.req))
                flood.append(connection)
            }
            try await poll("the port is full", within: .seconds(20)) {
                try await site.connections("salt request").used == 86
            }
            #expect(ProcessFigures(pid: process.pid).descriptors <= before + 86)
            // Who was there stays there, and so does everything that needs files: keys, store, control socket.
            try await node.ping()
            #expect(try await site.controller.keys().count == 1)
            #expect(try await site.counter("muster_salt_accept_failures_total") == 0)
            #expect(try await site.counter("muster_salt_connections_refused_total") > 0)

            flood.removeAll()
            let other = try await LightNode.signIn("web2", at: site.requests)
            try await other.ping()
            #expect(site.logLines("connection refused").count <= 1)
            for node in [node, other] { await node.leave() }
        }
    }

    @Test func whenTheSystemHasNoDescriptorsAcceptingPausesAndGoesOnByItself() async throws {
        try await FaultSite.with { site in
            let process = try await site.startController()
            let figures = ProcessFigures(pid: process.pid)
            let node = try await LightNode.signIn("web1", at: site.requests)
            try await figures.set(.openFiles, figures.descriptors)
            let start = ContinuousClock.now
            let late = try RawConnection(port: site.requestPort)
            late.send(RawConnection.handshake(.req))
            try await poll("the controller says so", within: .seconds(20)) {
                !site.logLines("connections not accepted, tried again").isEmpty
            }
            try await node.ping()
            try await figures.set(.openFiles, nil)
            // The greeting and READY: it was accepted after all.
            #expect(!late.receive().isEmpty)
            let failures = try await site.counter("muster_salt_accept_failures_total")
            let rounds = Int64(start.duration(to: .now) / .milliseconds(250))
            #expect(
                failures >= 1 && failures <= rounds + 2,
                "\(failures) in \(rounds) rounds: a loop that spins fails thousands of times")
            #expect(site.logLines("connections not accepted").count == 1)
            try await node.ping()
            await node.leave()
        }
    }
}
