import MusterCore
import MusterTestSupport
import SaltProtocol
import Testing

@testable import Controller

/// Section 16 of `docs/protocols/salt.md` against the request port: every row of `AttackTable.swift` gets the answer it says,
/// is counted, changes nothing, harms nobody else, and leaves one line in the log.
@Suite(.timeLimit(.minutes(2))) struct SecurityTableTests {
    /// Counters whose rows an operator reads of; the others count what also honest peers do all the time.
    private static let logged: Set<SaltCounter> = [
        .refused, .malformed, .replayed, .clearRefused, .refusedEvents, .droppedEvents,
    ]

    @Test("each attack is answered as specified, counted and logged, and harms nobody", arguments: Attack.groups)
    func holds(_ group: Attack.Group) async throws {
        try await TestPort.with(pillar: TargetedPillar.Entry(target: "*", data: ["role": "web"])) { port in
            let scene = try await HostileScene(port)
            let files = try scene.files()
            for attack in group.rows {
                // Another minute, in which a line of each kind may be logged.
                port.clock.advance(.seconds(61))
                let shot = try await attack.make(scene)
                let (count, lines) = (port.counters.value(attack.counter), port.log.lines.count)
                #expect(try await scene.answer(to: shot) == attack.answer, "\(attack.fault)")
                #expect(port.counters.value(attack.counter) == count + 1, "\(attack.fault)")
                let said = port.log.lines.dropFirst(lines)
                if SecurityTableTests.logged.contains(attack.counter) {
                    #expect(said.count == 1 && said.first?.contains("127.0.0.1") == true, "\(attack.fault): \(said)")
                }
                #expect(try await scene.bystander.ask(.mineGet) == .value([:]), "\(attack.fault)")
                #expect(try await scene.insider.ask(.mineGet) == .value([:]), "\(attack.fault)")
            }
            #expect(try await port.tags().allSatisfy { ["salt/auth", "my/tag", "minion/refresh/web1"].contains($0) })
            #expect(try await port.store.returnedNodes(of: Make.jobID(1)).isEmpty)
            #expect(try await port.store.jobs(JobQuery()).isEmpty)
            #expect(try await port.store.contacts().allSatisfy { ["web1", "web2"].contains($0.key.text) })
            #expect(port.revoked.value.isEmpty && port.reports.value.isEmpty)
            #expect(try scene.files().subtracting(["minions_denied/web2"]) == files)
            scene.expectNoSecrets(in: port.log.lines)
        }
    }

    @Test("a thousand attacks are a few lines, whoever the attacker is")
    func isNotFlooded() async throws {
        try await TestPort.with { port in
            let scene = try await HostileScene(port)
            let rows = Attack.groups.flatMap(\.rows)
            let lines = port.log.lines.count
            for round in 0..<1000 {
                _ = try await scene.answer(to: await rows[round % rows.count].make(scene))
            }
            #expect(port.log.lines.count - lines <= 8, "\(port.log.lines)")
            #expect(try await scene.bystander.ask(.mineGet) == .value([:]))
        }
    }
}

extension HostileScene {
    /// What lies in the key directory and beside it.
    func files() throws -> Set<String> {
        var names = Set(Files.list(port.disk.directory.path))
        for directory in Files.list(port.keys.directory) {
            for name in Files.list("\(port.keys.directory)/\(directory)") { names.insert("\(directory)/\(name)") }
        }
        return names
    }

    /// Neither keys nor payloads stand in the log.
    func expectNoSecrets(in lines: [String]) {
        let keys = [insider.session?.sessionKey, insider.session?.publishKey, bystander.session?.sessionKey]
        let secrets = keys.compactMap { $0.map { String(decoding: $0.ascii, as: UTF8.self) } } + ["forged", "guess"]
        #expect(secrets.count == 5)
        for line in lines { #expect(!secrets.contains { line.contains($0) }) }
    }
}
