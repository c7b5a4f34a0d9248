import Testing

@testable import MCollectiveProtocol

struct AggregateTests {
    private func aggregate(
        _ function: String, format: String? = nil, arguments: RubyHash = [:], _ values: [RubyValue]
    ) throws -> Aggregate {
        var declaration = DDLAggregate(function, "out")
        declaration.format = format
        declaration.arguments = arguments
        var aggregate = try #require(Aggregate(declaration))
        for value in values { aggregate.add(RPCReply(data: [.symbol("out"): value])) }
        return aggregate
    }

    @Test("a summary counts values, those of lists one by one, the most frequent first, of equals the last")
    func summary() throws {
        let summary = try aggregate("summary", ["de", "uk", "de", .null, ["uk", "at", "de"], 12])
        #expect(
            summary.result
                == .counts([
                    .init(value: "de", count: 3), .init(value: "uk", count: 2), .init(value: 12, count: 1),
                    .init(value: "at", count: 1),
                ]))
        #expect(summary.lines == ["de = 3", "uk = 2", "12 = 1", "at = 1"])
        #expect(try aggregate("summary", ["a", "longer"]).lines == ["longer = 1", "     a = 1"])
        #expect(try aggregate("summary", format: "%-8s: %d", ["a"]).lines == ["a       : 1"])
        #expect(try aggregate("summary", [.null]).lines == ["No aggregate summary could be computed"])
    }

    @Test("a boolean summary has words")
    func booleanSummary() throws {
        let words: RubyHash = [.symbol("true"): "enabled", .symbol("false"): "disabled"]
        #expect(
            try aggregate("boolean_summary", arguments: words, [true, true, false]).lines
                == ["enabled = 2", "disabled = 1"])
        #expect(try aggregate("boolean_summary", arguments: ["true": "on"], [true]).lines == ["   on = 1"])
    }

    @Test("averages and sums are of numbers")
    func numbers() throws {
        #expect(try aggregate("average", [1, 2, .double(4.5)]).result == .number(2.5))
        #expect(try aggregate("average", [1, 2]).lines == ["Average of out: 1.500000"])
        #expect(try aggregate("average", format: "Average: %0.2f", [1, 2]).lines == ["Average: 1.50"])
        #expect(try aggregate("sum", [1, 2, .null]).lines == ["Sum of out: 3.000000"])
        #expect(try aggregate("sum", []).result == .nothing)
        #expect(
            try aggregate("average", [1, .null]).lines
                == ["Could not compute summary - exception raised while processing result data"])
        #expect(try aggregate("sum", ["x"]).result == .failed)
        #expect(try aggregate("nettest_mma", [3, .null, 1]).lines == ["Min: 1.000  Max: 3.000  Average: 2.000"])
        #expect(Aggregate(DDLAggregate("of_a_plugin", "rtt")) == nil)
    }

    @Test(
        "formats are Ruby's",
        arguments: [
            ("%s", ["a"], "a"), ("%5s|%-5s|", ["a", "b"], "    a|b    |"), ("%.2s", ["abc"], "ab"), ("%d%%", [5], "5%"),
            ("%05d", [-5], "-0005"),
            ("%+d", [5], "+5"), ("%d", [.double(2.9)], "2"), ("%f", [1], "1.000000"), ("%.0f", [.double(2.5)], "2"),
            ("%.2f", [.double(2.675)], "2.67"),
            ("%8.3f", [.double(-1.5)], "  -1.500"), ("%08.3f", [.double(-1.5)], "-001.500"),
            ("%.1f", [.double(9.96)], "10.0"), ("é%s", ["x"], "éx"),
            ("%s", [], nil), ("%d", ["x"], nil), ("%q", [1], nil), ("%", [1], nil), ("%99999s", ["a"], nil),
        ] as [(String, [RubyValue], String?)])
    func formats(_ format: String, _ values: [RubyValue], _ text: String?) {
        #expect(RubyFormat.text(format, values) == text)
    }
}
