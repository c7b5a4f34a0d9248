import MusterCore
import Testing

@Suite struct TargetTests {
    @Test("globs match as Python's", arguments: SaltAnswers.rows("globs"))
    func globs(_ row: Value) throws {
        let (pattern, text) = (try #require(row["pattern"]?.string), try #require(row["text"]?.string))
        #expect(Glob(pattern).matches(text) == row["matches"]?.bool, "\(pattern) on \(text)")
    }

    @Test("fact paths match as Salt's", arguments: SaltAnswers.rows("paths"))
    func paths(_ row: Value) throws {
        let expression = try #require(row["expression"]?.string)
        let facts = Value.map(SaltAnswers.facts)
        #expect(FactPath.matches(expression, in: facts) == row["glob"]?.bool, "\(expression)")
        #expect(
            FactPath.matches(expression, in: facts, comparison: .exact) == row["exact"]?.bool, "\(expression) exactly")
    }

    @Test("fact paths by regular expression match as Salt's", arguments: SaltAnswers.rows("regexes"))
    func regexes(_ row: Value) throws {
        let expression = try #require(row["expression"]?.string)
        #expect(
            FactPath.matches(expression, in: .map(SaltAnswers.facts), comparison: .regex) == row["matches"]?.bool,
            "\(expression)")
    }

    @Test("compound targets match as Salt's minion does", arguments: SaltAnswers.rows("compounds"))
    func compounds(_ row: Value) throws {
        let expression = try #require(row["expression"]?.string)
        let node = try #require(NodeID(SaltAnswers.all["id"]?.string ?? ""))
        // What Salt cannot evaluate matches nobody there; here it is an error before anything is published.
        let matcher = try? TargetMatcher(Target(.compound, expression), nodegroups: SaltAnswers.nodegroups)
        let matches =
            matcher?.matches(node, facts: SaltAnswers.facts, pillar: SaltAnswers.all["pillar"]?.map ?? [:]) ?? false
        #expect(matches == row["matches"]?.bool, "\(expression)")
    }

    @Test("the selected facts are enough for every verdict", arguments: ["paths", "regexes", "compounds"])
    func selection(_ rows: String) throws {
        let node = try #require(NodeID(SaltAnswers.all["id"]?.string ?? ""))
        let kind: Target.Kind = rows == "paths" ? .facts : rows == "regexes" ? .factsPCRE : .compound
        for row in SaltAnswers.rows(rows) {
            let expression = try #require(row["expression"]?.string)
            guard let matcher = try? TargetMatcher(Target(kind, expression), nodegroups: SaltAnswers.nodegroups) else {
                continue
            }
            let pillar = SaltAnswers.all["pillar"]?.map ?? [:]
            let selected = ValueMap(SaltAnswers.facts.filter { matcher.facts.contains($0.key) })
            #expect(
                matcher.matches(node, facts: selected, pillar: pillar)
                    == matcher.matches(node, facts: SaltAnswers.facts, pillar: pillar), "\(expression)")
        }
    }

    @Test(
        "a target needs the facts it names, and no more",
        arguments: [
            (Target(.glob, "web*"), FactSelection.none), (Target(.facts, "os:Debian"), .named(["os"])),
            (Target(.facts, "*:x"), .all), (Target(.address, "10.0.0.0/8"), .named(["ipv4"])),
            (Target(.compound, "G@os:x and not P@a:b:c or web* and I@role:db"), .named(["a", "os"])),
        ])
    func needs(_ target: Target, _ facts: FactSelection) throws {
        #expect(try TargetMatcher(target).facts == facts)
    }

    @Test("the vectors are there")
    func vectorsAreThere() {
        for name in ["globs", "paths", "regexes", "compounds", "texts"] { #expect(SaltAnswers.rows(name).count > 9) }
    }

    @Test(
        "without facts a verdict is unknown only where facts decide",
        arguments: [
            ("G@os:Debian", TargetVerdict.unknown), ("not G@os:Debian", .unknown), ("web* and G@os:Debian", .unknown),
            ("db* and G@os:Debian", .no), ("web* or G@os:Debian", .yes), ("db* or G@os:Debian", .unknown),
            ("S@10.0.0.0/8", .unknown), ("web*", .yes),
        ])
    func unknown(_ expression: String, _ verdict: TargetVerdict) throws {
        let subject = TargetSubject(node: try #require(NodeID("web1")), facts: nil, pillar: nil)
        #expect(try TargetMatcher(Target(.compound, expression)).verdict(on: subject) == verdict)
    }

    @Test(
        "expressions that cannot be read say why",
        arguments: [
            "", "and web*", "web* and", "( web*", "web* )", "web* db*", "not not a", "T@a", "R@a", "N@missing",
            "N@loop", "E@(", "S@10.0.0.1/8",
            String(repeating: "( ", count: 200) + "a" + String(repeating: " )", count: 200),
        ])
    func refused(_ expression: String) {
        #expect(throws: TargetError.self) {
            try TargetMatcher(Target(.compound, expression), nodegroups: ["loop": "N@loop"])
        }
    }

    @Test(
        "nodegroups are written out for nodes that do not know them",
        arguments: [
            ("web* and G@os:Debian", "web* and G@os:Debian"), ("N@db", "( db* or L@a,b )"),
            ("not N@db and x", "not ( db* or L@a,b ) and x"),
            ("N@all or y", "( E@^w and ( db* or L@a,b ) ) or y"),
        ])
    func nodegroupsWrittenOut(_ expression: String, _ expanded: String) throws {
        let nodegroups = ["db": "db* or L@a,b", "all": "E@^w and N@db", "loop": "N@loop"]
        #expect(try CompoundExpression.expanding(expression, nodegroups: nodegroups) == expanded)
        for wrong in ["N@nobody", "x or N@loop"] {
            #expect(throws: TargetError.self) { try CompoundExpression.expanding(wrong, nodegroups: nodegroups) }
        }
    }

    @Test("a glob made of a text matches that text only")
    func escaping() {
        for text in ["a", "a*", "[x]", "?", "a[!b"] {
            #expect(Glob(Glob.escaping(text)).matches(text))
            #expect(!Glob(Glob.escaping(text)).matches(text + "x"))
        }
    }

    @Test("listed names are trimmed and empty ones left out")
    func listedNames() {
        #expect(Target(.list, " a, b ,,c").listedNames == ["a", "b", "c"])
        #expect(Target(.glob, "a,b").listedNames == [])
    }

    @Test(
        "networks hold the addresses inside them",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("0.0.0.0/0", "1.2.3.4", true),
            ("10.1.2.3", "10.1.2.3", true), ("fe80::/10", "fe80::1", true), ("fe80::/10", "10.0.0.1", false),
            ("::1", "0:0:0:0:0:0:0:1", true), ("10.0.0.0/8", "no address", false),
        ])
    func networks(_ network: String, _ address: String, _ contains: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(address) == contains)
    }

    @Test(
        "what is no network is refused",
        arguments: ["", "10.0.0.1/8", "10.0.0.0/33", "10.0.0/8", "x", "10.0.0.0/", "10.0.0.0/-1", "::1/129"])
    func noNetwork(_ text: String) {
        #expect(IPNetwork(text) == nil)
    }
}
