import MCollectiveProtocol
import Testing

@testable import MusterCLI

/// The expected texts were printed by `pp` of Ruby 3.1.
@Suite("values as Ruby's pp prints them")
struct RubyPrettyPrinterTests {
    @Test(
        "short values are one line",
        arguments: [
            (.null, "nil"), (true, "true"), (.double(1.5), "1.5"), (.symbol("a"), ":a"), ([], "[]"), (.hash([:]), "{}"),
            (["a", 1], #"["a", 1]"#), (.hash([.symbol("a"): "b", "c": .null]), #"{:a=>"b", "c"=>nil}"#),
            ("a\nb\n", #""a\n" + "b\n""#),
        ] as [(RubyValue, String)])
    func short(_ value: RubyValue, _ text: String) {
        #expect(RubyPrettyPrinter.lines(value) == [text])
    }

    @Test("what does not fit is broken at the outermost bracket first")
    func nested() {
        let value: RubyValue = .hash([
            .symbol("first"): ["aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"],
            .symbol("second"): .hash([("deep", ["x", "y"]), ("wide", .text(String(repeating: "w", count: 70)))]),
        ])
        #expect(
            RubyPrettyPrinter.lines(value) == [
                #"{:first=>["aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"],"#,
                " :second=>", #"  {"deep"=>["x", "y"],"#, #"   "wide"=>"#,
                #"    ""# + String(repeating: "w", count: 70) + #""}}"#,
            ])
    }

    @Test("the width is kept to the last character")
    func edge() {
        let fits: RubyValue = [.text(String(repeating: "a", count: 36)), .text(String(repeating: "b", count: 35))]
        #expect(RubyPrettyPrinter.lines(fits).count == 1)
        let wide: RubyValue = [.text(String(repeating: "a", count: 36)), .text(String(repeating: "b", count: 36))]
        #expect(RubyPrettyPrinter.lines(wide).count == 2)
    }

    @Test("thousands of values take no time")
    func large() {
        let value = RubyValue.array((0..<20_000).map { .hash([(.symbol("n"), .int($0))]) })
        #expect(RubyPrettyPrinter.lines(value).count == 20_000)
    }
}
