import ArgumentParser
import DaemonSupport
import Foundation
import MusterCore
import UnixSignals

/// `muster-bench`: measures, and prints the table.
struct MeasureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract:
            "Measure our controller and an unchanged salt-master, and our broker, RabbitMQ and ActiveMQ, side by side.",
        discussion: """
            All run on this machine, one after the other; controllers are driven by the same 'muster simulate', brokers by \
            the same publishers and subscribers. The table goes to \
            standard output, progress to standard error. The status is 1 when something could not be measured, whatever \
            the figures are. docs/PERFORMANCE.md says what each row is.
            """)

    @Flag(help: "Fewer nodes and rounds.") var quick = false
    @Option(help: ArgumentHelp("Write the figures with every sample to this file, too.", valueName: "file"))
    var json: String?
    @Option(help: ArgumentHelp("Only this part; may be repeated.", valueName: "part")) var only: [Part] = []
    @Option(help: ArgumentHelp("How many nodes, by commas.", valueName: "n,n…")) var nodes: String?
    @Option(help: ArgumentHelp("Rounds of what is repeated.", valueName: "n")) var rounds: Int?
    @Option(help: ArgumentHelp("Returns that a round of ours collects.", valueName: "n")) var returns: Int?
    @Flag(help: "Leave salt-master out.") var withoutSalt = false
    @Option(help: ArgumentHelp("Our program; the one beside this one by default.", valueName: "file"))
    var muster: String?

    func validate() throws { _ = try scale() }

    func run() async throws {
        let machine = await Machine.current()
        let directory = try TemporaryDirectory("mb")
        defer { directory.remove() }
        let site = try Site(
            muster: program(), salt: salt(), directory: directory, descriptorLimit: machine.descriptorLimit)
        let report: Report
        do {
            report = try await measured(site, machine)
        } catch is CancellationError {
            Progress.say("interrupted")
            throw ExitCode(130)
        }
        if let json { try Files.write(Array(ReportDocument(report: report).text.utf8), to: json, mode: 0o644) }
        print(ReportTable(report: report).text)
        if report.isIncomplete { throw ExitCode.failure }
    }

    /// Measures until it is done or a signal comes; then everything that was started is ended first.
    private func measured(_ site: Site, _ machine: Machine) async throws -> Report {
        let (scale, parts) = (try scale(), Set(only.isEmpty ? Part.allCases : only))
        return try await withThrowingTaskGroup(of: Report?.self) { group in
            group.addTask {
                let bench = Bench(site, scale, parts: parts, machine: machine)
                try await bench.run()
                return bench.report
            }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) { return nil }
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            guard let first else {
                // Its end is what ends the daemons.
                while try await group.next() != nil {}
                throw CancellationError()
            }
            return first
        }
    }

    private func scale() throws -> Scale {
        var scale = quick ? Scale.quick : Scale.full
        if let nodes {
            let sizes = nodes.split(separator: ",").map { Int($0) ?? 0 }
            guard !sizes.isEmpty, sizes.allSatisfy({ (1...99_999).contains($0) }) else {
                throw ValidationError("--nodes takes numbers from 1 to 99999 by commas, not '\(nodes)'")
            }
            scale.sizes = Set(sizes).sorted()
            scale.signIns = scale.sizes.last { $0 <= scale.saltNodes } ?? scale.saltNodes
        }
        if let rounds {
            guard rounds > 0 else { throw ValidationError("--rounds takes a number from 1 on") }
            (scale.rounds, scale.saltRounds, scale.brokerRounds) = (rounds, rounds, rounds)
        }
        if let returns {
            guard returns > 0 else { throw ValidationError("--returns takes a number from 1 on") }
            scale.returns = returns
        }
        return scale
    }

    private func program() throws -> String {
        let own = URL(filePath: Spawn.ownProgram).deletingLastPathComponent().appending(path: "muster").path
        let program = muster ?? own
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw ValidationError("there is no program \(program): build it, or name it with --muster")
        }
        return program
    }

    private func salt() -> SaltInstallation {
        if withoutSalt { return .absent(reason: "it was left out with --without-salt") }
        let chosen = ProcessInfo.processInfo.environment["MUSTER_PEERS"] ?? ""
        let peers = chosen.isEmpty ? NSHomeDirectory() + "/.cache/muster/peers" : chosen
        let directory = "\(peers)/salt-\(SaltMaster.release)/bin"
        guard FileManager.default.isExecutableFile(atPath: "\(directory)/salt-master") else {
            return .absent(
                reason: "Salt \(SaltMaster.release) is not installed in \(peers); "
                    + "'scripts/peers/install-salt.sh \(SaltMaster.release)' does it")
        }
        return .programs(directory)
    }
}
