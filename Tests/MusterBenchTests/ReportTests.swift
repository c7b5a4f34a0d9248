import MusterCore
import Testing

@testable import muster_bench

struct ReportTests {
    private let machine = Machine(
        processor: "Example 3000", cores: 2, memoryMegabytes: 8000, kernel: "6.1.0", swift: "6.3.1",
        musterVersion: "0.1.0",
        load: "0.10 0.20 0.30", descriptorLimit: 20_000, isDebugBuild: false)
    private let ping = Figure(
        section: .ping, kind: "ping", nodes: 10, title: "10 nodes", unit: .milliseconds, better: .less)
    private let rate = Figure(
        section: .returns, kind: "returns", nodes: 10, title: "returns", unit: .perSecond, better: .more)

    private func report() throws -> Report {
        var report = Report(machine: machine)
        report.record(rate, .measured(Samples(40_100)), for: .muster)
        report.record(ping, .measured(try #require(Samples([100, 120, 90]))), for: .muster)
        report.record(ping, .measured(Samples(4300)), for: .saltMaster)
        report.record(rate, .measured(Samples(401)), for: .saltMaster)
        return report
    }

    @Test func columnsMeetInOneRowAndRowsAreBySection() throws {
        let rows = try report().rows
        #expect(rows.map(\.figure.id) == ["ping.10", "returns.10"])
        #expect(rows.map(\.cells.count) == [2, 2])
    }

    @Test func rowsOfAKindStandTogether() {
        var report = Report(machine: machine)
        for nodes in [100, 1000] {
            for kind in ["ping.cpu", "returns.cpu"] {
                let figure = Figure(
                    section: .cost, kind: kind, nodes: nodes, title: "", unit: .microseconds, better: .less)
                report.record(figure, .measured(Samples(1)), for: .muster)
            }
        }
        #expect(
            report.rows.map(\.figure.id) == ["ping.cpu.100", "ping.cpu.1000", "returns.cpu.100", "returns.cpu.1000"])
    }

    @Test func ratiosSayHowManyTimesBetter() throws {
        #expect(try report().rows.map(\.ratio) == [43, 100])
        var alone = Report(machine: machine)
        alone.record(ping, .measured(Samples(1)), for: .muster)
        #expect(alone.rows[0].ratio == nil)
    }

    @Test func brokersHaveATableOfTheirOwnAndAreComparedWithTheBestOfTheOthers() {
        let rate = Figure(
            section: .brokerRates, kind: "broker.queue.1", title: "queue", unit: .perSecond, better: .more)
        var report = Report(machine: machine)
        report.record(rate, .measured(Samples(120_000)), for: .muster)
        report.record(rate, .measured(Samples(20_000)), for: .rabbitMQ)
        report.record(rate, .measured(Samples(60_000)), for: .activeMQ)
        report.record(ping, .measured(Samples(100)), for: .muster)
        #expect(report.rows.map(\.ratio) == [nil, 2])
        let table = ReportTable(report: report).text.split(separator: "\n").filter { $0.hasPrefix("| What") }
        #expect(table.count == 2)
        #expect(table[1].contains("RabbitMQ") && table[1].contains("ActiveMQ") && !table[1].contains("salt"))
    }

    @Test func onlyAFailureMakesAReportIncomplete() throws {
        var report = try report()
        report.record(ping, .none, for: .saltMaster)
        #expect(!report.isIncomplete)
        report.record(ping, .failed(reason: "no answer"), for: .saltMaster)
        #expect(report.isIncomplete)
        #expect(ReportTable(report: report).text.contains("FAILED: 10 nodes, salt-master: no answer"))
    }

    @Test func theTableIsAlignedMarkdown() throws {
        var report = try report()
        report.note("A note.")
        report.note("A note.")
        let lines = ReportTable(report: report).text.split(separator: "\n", omittingEmptySubsequences: false)
        let table = lines.filter { $0.hasPrefix("|") }
        #expect(Set(table.map(\.count)).count == 1)
        #expect(table[1].allSatisfy { "|- ".contains($0) })
        #expect(table[3].hasPrefix("| 10 nodes"))
        #expect(table[3].contains("| 100 ms (90.0 to 120) | 4 300 ms"))
        #expect(table[3].contains("| 43.0 ×"))
        #expect(lines[0].hasPrefix("2 cores (Example 3000), 8000 MB of memory, Linux 6.1.0, Swift 6.3.1"))
        #expect(lines.count { $0 == "A note." } == 1)
    }

    @Test func theDocumentHasEverySample() throws {
        let document = ReportDocument(report: try report())
        #expect(try JSON.value(document.text) == document.value)
        let figure = try #require(document.value["figures"]?.array?.first)
        #expect(figure["id"] == "ping.10")
        #expect(figure["muster"]?["samples"] == [.double(90), .double(100), .double(120)])
        #expect(figure["muster"]?["median"]?.double == 100)
        #expect(figure["ratio"]?.double == 43)
        #expect(document.value["machine"]?["cores"] == 2)
    }
}
