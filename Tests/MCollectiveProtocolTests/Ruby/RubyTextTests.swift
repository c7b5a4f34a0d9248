import MCollectiveProtocol
import Testing

struct RubyTextTests {
    @Test(
        "values print as Ruby's inspect",
        arguments: [
            (.null, "nil"), (true, "true"), (12, "12"), (.double(1.5), "1.5"), (.double(10), "10.0"),
            (.double(1e20), "1.0e+20"),
            (.double(1.5e-10), "1.5e-10"), (.double(1e15), "1.0e+15"),
            (.double(-123_456_789_012_345), "-123456789012345.0"), (.double(0.00001), "1.0e-05"),
            (.double(.nan), "NaN"), (.double(-.infinity), "-Infinity"),
            ("a\"b\\\n\u{1b}\u{1}", "\"a\\\"b\\\\\\n\\e\\u0001\""),
            ("é#{x} #a", "\"é\\#{x} #a\""), (.bytes([0, 0xff, 0x41]), "\"\\x00\\xFFA\""),
            (.ascii("\u{1}"), "\"\\x01\""), (.symbol("a?"), ":a?"),
            (.symbol("a b"), ":\"a b\""),
            ([1, "x", []], "[1, \"x\", []]"), (.hash([(.symbol("a"), 1), ("b", .null)]), "{:a=>1, \"b\"=>nil}"),
            (.hash([]), "{}"),
            (.regexp(RubyRegexp("a/b", options: [.ignoreCase])), "/a\\/b/i"), (.regexp(RubyRegexp("a\\/b")), "/a\\/b/"),
        ] as [(RubyValue, String)])
    func inspects(_ value: RubyValue, _ text: String) { #expect(RubyText.inspect(value) == text) }

    @Test(
        "texts are themselves, and a regexp is what can stand in another",
        arguments: [
            (.null, ""), ("a", "a"), (.symbol("a"), "a"), (1, "1"), (.regexp(RubyRegexp(".+")), "(?-mix:.+)"),
            (.regexp(RubyRegexp("a", options: [.ignoreCase, .multiLine])), "(?mi-x:a)"),
            (.regexp(RubyRegexp("a", options: [.ignoreCase, .multiLine, .extended])), "(?mix:a)"),
        ] as [(RubyValue, String)])
    func texts(_ value: RubyValue, _ text: String) { #expect(RubyText.text(of: value) == text) }
}
