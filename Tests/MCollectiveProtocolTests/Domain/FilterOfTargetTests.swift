import MCollectiveProtocol
import MusterCore
import Testing

struct FilterOfTargetTests {
    static let identities: [(Target, [String], [String])] = [
        (Target(.glob, "*"), ["web1", "a.b-c_d"], []),
        (Target(.glob, "web1"), ["web1"], ["web11", "xweb1", "WEB1"]),
        (Target(.glob, "web*"), ["web", "web1.example.net"], ["xweb1"]),
        (Target(.glob, "web?"), ["web1"], ["web", "web12"]),
        (Target(.glob, "web[0-4]"), ["web0", "web4"], ["web5", "web"]),
        (Target(.glob, "web[!0-4]"), ["web5"], ["web0"]),
        (Target(.glob, "web[]x]"), ["webx", "web]"], ["web"]),
        (Target(.glob, "a.b*"), ["a.b", "a.bc"], ["axb"]),
        (Target(.glob, "web[1*"), ["web[1x"], ["web1"]),
        (Target(.glob, "web[^a]"), ["web^", "weba"], ["webb"]),
        (Target(.pcre, "web.*|db1"), ["web1", "db1", "db12"], ["xdb1"]),
        (Target(.list, "web1, db1"), ["web1", "db1"], ["web2"]),
        (Target(.list, "web1,/.*/"), ["web1"], ["web2"]),
    ]

    @Test("ids are chosen as on Salt's wire", arguments: identities)
    func identity(target: Target, chosen: [String], others: [String]) throws {
        let filter = try #require(Filter(target))
        for name in chosen { #expect(filter.passes(subject(name)), "\(name)") }
        for name in others { #expect(!filter.passes(subject(name)), "\(name)") }
    }

    static let facts: [(Target, Bool)] = [
        (Target(.facts, "os:Debian"), true), (Target(.facts, "os:Deb*"), true), (Target(.facts, "os:debian"), true),
        (Target(.facts, "nested.name:x"), true), (Target(.facts, "nested:name:x"), true),
        (Target(.facts, "os|Debian", delimiter: "|"), true), (Target(.factsPCRE, "os:D.b"), true),
        (Target(.factsPCRE, "os:bian"), false), (Target(.facts, "none:x"), false),
        (Target(.facts, "os:Debia"), false), (Target(.facts, "os:*b.an"), false),
    ]

    @Test("facts are compared as on Salt's wire", arguments: facts)
    func fact(target: Target, passes: Bool) throws {
        let filter = try #require(Filter(target))
        #expect(filter.passes(subject("n", ["os": "Debian", "nested.name": "x"])) == passes)
    }

    @Test(
        "what nodes of a collective cannot judge has no filter",
        arguments: [
            Target(.pillar, "a:b"), Target(.pillarPCRE, "a:b"), Target(.pillarExact, "a:b"),
            Target(.address, "10.0.0.0/8"), Target(.nodegroup, "web"), Target(.compound, "web* and G@os:Debian"),
            Target(.facts, "os"), Target(.factsPCRE, "os"), Target(.list, "/.*/"), Target(.glob, "/.+/"),
        ])
    func none(target: Target) { #expect(Filter(target) == nil) }

    private func subject(_ identity: String, _ facts: ValueMap = [:]) -> FilterSubject {
        FilterSubject(identity: identity, agents: [], classes: [], facts: facts)
    }
}
