import STOMP
import Testing

struct SelectorTests {
    private static let headers = Headers([
        "mc_identity": "node1", "priority": "5", "load": "0.75", "name": "it's", "flag": "TRUE",
        "content-type": "text/plain",
        "path": "50%_off",
    ])

    @Test(
        "is true, false or unknown",
        arguments: [
            ("mc_identity = 'node1'", true), ("mc_identity='node2'", false), ("'node1' = mc_identity", true),
            ("mc_identity <> 'node2'", true), ("mc_identity != 'node1'", false), ("name = 'it''s'", true),
            ("priority > 4", true), ("priority >= 5 and priority <= 5", true), ("priority < -1", false),
            ("priority = 5.0", true), ("load BETWEEN 0.5 AND 1", true), ("load not between 0.5 and 1", false),
            ("load < 1e0", true), ("load > .5", true), ("mc_identity > 3", false), ("NOT mc_identity > 3", false),
            ("mc_identity IN ('a', 'node1')", true), ("mc_identity NOT IN ('a')", true), ("none NOT IN ('a')", false),
            ("mc_identity LIKE 'node_'", true), ("mc_identity LIKE 'n%'", true), ("mc_identity LIKE 'n'", false),
            ("path LIKE '50!%!_%' ESCAPE '!'", true), ("path LIKE '5%!_x%' ESCAPE '!'", false),
            ("mc_identity NOT LIKE '%1'", false), ("mc_identity LIKE '%o%e%1'", true), ("mc_identity LIKE ''", false),
            ("none IS NULL", true), ("none IS NOT NULL", false), ("mc_identity IS NOT NULL", true),
            ("none = 'x'", false), ("NOT none = 'x'", false), ("none <> 'x'", false),
            ("none = 'x' OR mc_identity = 'node1'", true), ("none = 'x' AND mc_identity = 'node1'", false),
            ("NOT (none = 'x' AND mc_identity = 'other')", true), ("TRUE", true), ("false", false), ("flag", true),
            ("flag = TRUE", false), ("mc_identity", false), ("\"content-type\" = 'text/plain'", true),
            ("content-type = 'text/plain'", true), ("mc_identity = 'x' OR priority = 5 AND load = 0.75", true),
            ("(mc_identity = 'x' OR priority = 5) AND load = 1", false), ("NOT NOT priority = 5", true),
            ("mc_identity >= 'a'", false),
        ])
    func evaluates(text: String, isMatch: Bool) throws {
        #expect(try Selector(text).matches(SelectorTests.headers) == isMatch)
    }

    @Test(
        "is refused with a reason",
        arguments: [
            ("", .empty), ("  ", .empty), ("a = 'x", .unterminatedText(offset: 4)),
            ("a = 1.2.3", .malformedNumber("1.2.3", offset: 4)), ("a = #", .unexpectedCharacter("#", offset: 4)),
            ("a =", .expected("a header, a text or a number", found: "the end", offset: 3)),
            ("a = 1 b", .expected("AND, OR or the end", found: "b", offset: 6)),
            ("(a = 1", .expected("a closing parenthesis", found: "the end", offset: 6)),
            ("a IN 'x'", .expected("an opening parenthesis", found: "'x'", offset: 5)),
            ("a IN (1)", .expected("a text in quotes", found: "1.0", offset: 6)),
            ("a LIKE 'x' ESCAPE 'ab'", .expected("one character", found: "'ab'", offset: 18)),
            ("a NOT 1", .expected("IN, LIKE or BETWEEN", found: "1.0", offset: 6)),
            ("1", .expected("a comparison", found: "the end", offset: 1)),
            ("a + 1 = 2", .unsupported("arithmetic", offset: 2)), ("a = 1 * 2", .unsupported("arithmetic", offset: 6)),
            ("a = -b", .unsupported("arithmetic", offset: 5)),
            ("XPATH('//a')", .unsupported("the function XPATH", offset: 0)),
            (String(repeating: "(", count: 70), .tooDeep(limit: 64)),
            (String(repeating: "NOT ", count: 70), .tooDeep(limit: 64)),
            (String(repeating: "x", count: 9000), .tooLong(limitBytes: 8192)),
        ] as [(String, SelectorError)])
    func refuses(text: String, error: SelectorError) {
        #expect(throws: error) { _ = try Selector(text) }
        #expect(!error.description.isEmpty)
    }

    @Test func equalityIsKnownForAnIndex() throws {
        let selector = try Selector("mc_identity = 'node1'")
        #expect(selector.equality?.header == "mc_identity")
        #expect(selector.equality?.text == "node1")
        #expect(try Selector("('node1' = mc_identity)").equality?.text == "node1")
        #expect(try Selector("mc_identity = 1").equality == nil)
        #expect(try Selector("a = 'x' AND b = 'y'").equality == nil)
    }

    @Test func aHostilePatternCostsNoMoreThanItsLength() throws {
        let selector = try Selector("a LIKE '" + String(repeating: "%x", count: 1000) + "y'")
        #expect(!selector.matches { _ in String(repeating: "x", count: 2000) })
    }
}
