import Testing

@testable import muster_bench

struct FigureTextTests {
    @Test(
        "numbers have three digits that count",
        arguments: [
            (0, "0.00"), (0.049, "0.05"), (1.006, "1.01"), (9.994, "9.99"), (12.34, "12.3"), (99.94, "99.9"),
            (123.4, "123"), (999.6, "1 000"), (40_100, "40 100"), (1_234_567, "1 234 567"), (-2.5, "-2.50"),
        ])
    func number(_ value: Double, _ text: String) {
        #expect(FigureText.number(value) == text)
    }

    @Test func cellsNameTheRangeOfSeveralRounds() throws {
        #expect(FigureText.cell(.measured(Samples(7)), .kilobytes) == "7.00 KB")
        #expect(FigureText.cell(.measured(try #require(Samples([1, 2, 3]))), .megabytes) == "2.00 MB (1.00 to 3.00)")
        #expect(FigureText.cell(.none, .megabytes) == "–")
        #expect(FigureText.cell(.failed(reason: "x"), .megabytes) == "failed")
    }
}
