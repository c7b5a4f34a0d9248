import MCollectiveProtocol
import Testing

struct DDLValidationTests {
    @Test(
        "a call is refused with the words of the peers",
        arguments: [
            ("nosuch", [:], "Attempted to call action nosuch for sample but it's not declared in the DDL"),
            ("status", [:], "Action status needs a fact argument"),
            ("status", [.symbol("fact"): 1], "Cannot validate input fact: value should be a string"),
            ("status", [.symbol("fact"): "a b"], "Cannot validate input fact: value should match ^[\\w\\-\\.]+$"),
            (
                "status", [.symbol("fact"): .text(String(repeating: "x", count: 41))],
                "Cannot validate input fact: Input string is longer than 40 character(s)"
            ),
            ("status", ["fact": "os"], "Action status needs a count argument"),
            ("status", ["fact": "os", "count": "5"], "Cannot validate input count: value should be a integer"),
            (
                "status", ["fact": "os", "count": 5, "command": "a;b"],
                "Cannot validate input command: value should not have ; in it"
            ),
            (
                "status", ["fact": "os", "count": 5, "query": "b"],
                "Cannot validate input query: value should match (?i-mx:^a)"
            ),
            (
                "status", ["fact": "os", "count": 5, "query": "abcd"],
                "Cannot validate input query: Input string is longer than 3 character(s)"
            ),
            (
                "status", ["fact": "os", "count": 5, "force": "true"],
                "Cannot validate input force: value should be a boolean"
            ),
            ("status", ["fact": "os", "count": 5, "ratio": 1], "Cannot validate input ratio: value should be a float"),
            (
                "status", ["fact": "os", "count": 5, "delay": "x"],
                "Cannot validate input delay: value should be a number"
            ),
            (
                "status", ["fact": "os", "count": 5, "mode": "idle"],
                "Cannot validate input mode: value should be one of fast, slow"
            ),
            (
                "status", ["fact": "os", "count": 5, "host": "1.2.3.4"],
                "Cannot validate input host: value should be an ipv6 address"
            ),
        ] as [(String, RubyHash, String)])
    func refuses(_ action: String, _ inputs: RubyHash, _ text: String) throws {
        let request = RPCRequest(agent: "sample", action: action, inputs: inputs)
        let ddl = try SampleDDL.rubyDDL()
        #expect { try ddl.check(request) } throws: { "\($0)" == text }
    }

    @Test("a call that fits is accepted, also with more than the file knows unless that is refused")
    func accepts() throws {
        let ddl = try SampleDDL.rubyDDL()
        let inputs: RubyHash = [
            .symbol("fact"): "os.name", "count": 5, "query": "Ab", "force": false, "ratio": .double(1),
            "delay": .double(2),
            "mode": "slow", "host": "fe80::1", "command": "ls -l", "other": "x",
        ]
        let request = RPCRequest(agent: "sample", action: "status", inputs: inputs)
        #expect(try ddl.check(request).name == "status")
        #expect { try ddl.check(request, refusesUnknown: true) } throws: { error in
            "\(error)".hasPrefix("Cannot validate input other: value should be one of fact, command")
        }
    }

    @Test("what is typed becomes what the file says")
    func conversion() throws {
        let action = try #require(try SampleDDL.rubyDDL().action("status"))
        let inputs = try action.inputs(from: [
            ("fact", "12"), ("force", "yes"), ("ratio", "2"), ("delay", "1.5"), ("mode", "fast"), ("other", "1"),
        ])
        #expect(
            inputs == [
                .symbol("fact"): "12", .symbol("force"): true, .symbol("ratio"): .double(2),
                .symbol("delay"): .double(1.5),
                .symbol("mode"): "fast", .symbol("other"): "1", .symbol("count"): 5,
            ])
        #expect(try action.inputs(from: [("count", "7")])[.symbol("count")] == 7)
        for (name, text) in [("force", "maybe"), ("count", "x"), ("delay", "inf")] {
            #expect(throws: DDLRefusal.self) { try action.inputs(from: [(name, text)]) }
        }
    }

    @Test(
        "addresses are whole addresses",
        arguments: [
            ("1.2.3.4", 4, true), ("255.255.255.255", 4, true), ("256.1.1.1", 4, false), ("1.2.3", 4, false),
            ("01.2.3.4", 4, false),
            ("1.2.3.4/8", 4, false), ("1.2.3.", 4, false), ("::", 6, true), ("::1", 6, true), ("fe80::1", 6, true),
            ("1:2:3:4:5:6:7:8", 6, true),
            ("1:2:3:4:5:6:7", 6, false), ("1::2::3", 6, false), ("12345::", 6, false), ("::ffff:1.2.3.4", 6, true),
            ("1:2:3:4:5:6:7::8", 6, false),
            ("g::", 6, false), ("", 6, false), ("1.2.3.4", 6, false), (":1::", 6, false),
        ])
    func addresses(_ text: String, _ version: Int, _ isAddress: Bool) {
        let input = DDLInput("x", .string(.validator("ipv\(version)address"), maxLength: 0))
        #expect((input.problem(with: .text(text)) == nil) == isAddress)
    }

    @Test("a pattern of the file that cannot be used accepts nothing")
    func badPattern() {
        let input = DDLInput("x", .string(.pattern("("), maxLength: 0))
        #expect(input.problem(with: "a") == .invalidPattern)
    }
}
