import MCollectiveProtocol
import MusterCore
import Testing

struct FilterTests {
    private let subject = FilterSubject(
        identity: "node1.example.com", agents: ["discovery", "rpcutil", "puppet"], classes: ["base", "role_web"],
        facts: [
            "country": "de", "cpus": "8", "load": "0.75", "version": "1.2.3", "empty": "", "roles": ["web", "db"],
            "os": ["name": "Debian"], "number": 12, "flag": true, "nothing": nil,
        ])

    @Test(
        "-F is read in the order of the peers",
        arguments: [
            ("a=>1", FactTest("a", .atLeast, "1")), ("a=<1", .init("a", .atMost, "1")),
            ("a >= 1", .init("a", .atLeast, "1")),
            ("a<=1", .init("a", .atMost, "1")), ("a < 1", .init("a", .less, "1")), ("a>1", .init("a", .greater, "1")),
            ("a!=b", .init("a", .notEqual, "b")), ("a==b", .init("a", .equal, "b")),
            ("a=~b", .init("a", .matches, "b")),
            ("a=/b c/", .init("a", .matches, "/b c/")), ("a = b c", .init("a", .equal, "b c")),
            ("os.name=x", .init("os.name", .equal, "x")),
            ("a=b=c", .init("a", .equal, "b=c")), ("a=//", .init("a", .equal, "//")),
        ] as [(String, FactTest)])
    func facts(_ text: String, _ test: FactTest) throws { #expect(try FactTest(argument: text) == test) }

    @Test("-F refuses what is no comparison", arguments: ["a", "", "=b", "a=", "a b=c", ">1", "a>"])
    func noFacts(_ text: String) {
        #expect(throws: FilterError.invalidFact(text)) { try FactTest(argument: text) }
    }

    @Test(
        "facts are compared as text, or as numbers when both are digits",
        arguments: [
            ("country", FactTest.Operator.equal, "de", true), ("country", .equal, "DE", false),
            ("nosuch", .notEqual, "x", false),
            ("country", .notEqual, "uk", true), ("country", .matches, "/^d/", true), ("country", .matches, "e$", true),
            ("country", .matches, "/(/", false), ("cpus", .atLeast, "8", true), ("cpus", .less, "10", true),
            ("cpus", .greater, "10", false), ("cpus", .atMost, "08", true), ("cpus", .notEqual, "08", false),
            ("cpus", .less, "10.5", false), ("load", .less, "1.25", true), ("load", .less, "1", true),
            ("version", .less, "1.10.0", false), ("cpus", .greater, "99999999999999999999999999", false),
            ("country", .greater, "cz", true),
            ("roles", .equal, "db", true), ("roles", .equal, "x", false), ("os", .equal, "name", true),
            ("os", .equal, "Debian", false),
            ("number", .equal, "12", true), ("flag", .equal, "true", true), ("nothing", .equal, "", false),
            ("empty", .equal, "", true),
        ] as [(String, FactTest.Operator, String, Bool)])
    func comparisons(_ fact: String, _ sign: FactTest.Operator, _ value: String, _ passes: Bool) {
        #expect(FactTest(fact, sign, value).passes(subject.facts) == passes)
    }

    @Test(
        "a node is meant when every test passes and there is one",
        arguments: [
            ([], true), ([.identity("node1.example.com")], true), ([.identity("node1")], false),
            ([.identity("/node[12]/")], true),
            ([.identity("/node/"), .identity("/example/")], false),
            ([.identity("other"), .identity("/example/")], true),
            ([.class("base")], true), ([.class("base"), .class("/web/")], true),
            ([.class("base"), .class("x")], false),
            ([.class("/b(a)se/")], true), ([.class("/role_/web/")], true), ([.agent("rpcutil")], true),
            ([.agent("mcollective")], true),
            ([.agent("/^pup/")], true), ([.agent("shell")], false), ([.fact("country=de"), .fact("cpus>=6")], true),
            ([.with("role_web country=de")], true), ([.with("role_web country=uk")], false), ([.with("nosuch")], false),
            ([.select("country=de and not role_db")], true), ([.select("role_db"), .select("base")], false),
            ([.class("/(/")], false),
        ] as [([Filter.Option], Bool)])
    func passing(_ options: [Filter.Option], _ passes: Bool) throws {
        let filter = try Filter(options)
        #expect(filter.passes(subject) == passes)
        // What travels means the same.
        #expect(try Filter(wire: try #require(filter.wire.hash)) == filter)
    }

    @Test("only the exactly empty filters mean everybody")
    func emptiness() throws {
        #expect(try Filter(wire: [:]).passes(subject))
        #expect(Filter().passes(subject))
        var filter = Filter()
        filter.collective = "mcollective"
        #expect(!filter.passes(subject))
        #expect(try !Filter(wire: ["agent": []]).passes(subject))
        var unknown = try #require(Filter().wire.hash)
        unknown["color"] = ["red"]
        #expect(try !Filter(wire: unknown).passes(subject))
        unknown["agent"] = ["rpcutil"]
        #expect(try Filter(wire: unknown).passes(subject))
    }

    @Test("identities may be patterns as objects, and classes have an old name")
    func oldForms() throws {
        let filter = try Filter(wire: [
            "identity": [.regexp(RubyRegexp("NODE", options: .ignoreCase))], "puppet_class": ["base"],
        ])
        #expect(filter.passes(subject))
        #expect(try !Filter(wire: ["puppet_class": ["x"]]).passes(subject))
    }

    @Test(
        "a filter of something else is refused by its key",
        arguments: [
            ("fact", RubyValue.text("x")), ("fact", ["country=de"]), ("cf_class", [1]), ("identity", .null),
            ("agent", [[]]),
            ("compound", ["x"]), ("compound", [[.hash([("nosuch", "x")])]]), ("compound", [[]]),
            ("fact", [.hash([(.symbol("fact"), "a"), (.symbol("value"), "b"), (.symbol("operator"), "**")])]),
        ] as [(String, RubyValue)])
    func malformed(_ key: String, _ value: RubyValue) {
        #expect(throws: FilterError.malformed(key: key)) { try Filter(wire: [.text(key): value]) }
    }

    @Test("a filter with more than a node would judge is refused")
    func tooMuch() throws {
        let refusal = FilterError.tooManyTests(1000, patterns: 50)
        let names = RubyValue.array(.init(repeating: "a", count: 1001))
        #expect(throws: refusal) { try Filter(wire: ["cf_class": names]) }
        let patterns = try Filter(Array(repeating: .identity("/a/"), count: 51))
        #expect(throws: refusal) { try Filter(wire: patterns.wire.hash ?? [:]) }
        let select = Array(repeating: "a=/b/ or /c/ or d('e').f=/g/", count: 17).joined(separator: " and ")
        let compound = try Filter([.select(select)])
        #expect(throws: refusal) { try Filter(wire: compound.wire.hash ?? [:]) }
    }

    @Test("plain identities need no discovery")
    func plainIdentities() throws {
        #expect(try Filter([.identity("a"), .identity("b")]).plainIdentities == ["a", "b"])
        #expect(try Filter([.identity("a"), .identity("/b/")]).plainIdentities == nil)
        #expect(Filter().plainIdentities == nil)
    }

    @Test(
        "a pattern that nodes refuse is reported by the client",
        arguments: [
            Filter.Option.class("/(/"), .identity("/(?=a)/"), .fact("a=/b++/"), .select("a=/(/"),
            .select("f('x').y=/(/"),
            .select("/(/"),
        ])
    func badPatterns(_ option: Filter.Option) throws {
        let filter = try Filter([option])
        #expect(throws: FilterError.self) { try filter.checkPatterns() }
        try Filter([.class("/a/"), .fact("b=/c/"), .select("d('e').f=/g/ and h=/i/")]).checkPatterns()
    }
}
