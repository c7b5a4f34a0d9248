import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

struct CompoundFilterTests {
    private let subject = FilterSubject(
        identity: "node1", classes: ["base", "role_web", "and"], facts: ["country": "de", "role": "web", "cpus": "8"],
        data: [
            DataCall("fstat", "/etc/hosts"): ["md5": "0123abcd", "size": 120, "present": 1, "gone": nil, "ratio": 1.5],
            DataCall("puppet"): ["enabled": true, "status": "idling"],
            DataCall("fstat", "`id`"): ["size": 1],
        ])

    @Test(
        "-S is read into the tokens that travel",
        arguments: [
            (
                "country=de and (role=web or cpus>=6)",
                [
                    .statement("country=de"), .and, .open, .statement("role=web"), .or, .statement("cpus>=6"), .close,
                ]
            ),
            ("not base", [.not, .statement("base")]), ("!base", [.not, .statement("base")]),
            ("! base", [.not, .statement("base")]),
            ("not(base)", [.not, .open, .statement("base"), .close]), ("android", [.statement("android")]),
            ("notes and order", [.statement("notes"), .and, .statement("order")]), ("and", [.statement("and")]),
            ("/role_(web|db)/ and a = b", [.statement("/role_(web|db)/"), .and, .statement("a=b")]),
            ("a=/b c/ or d", [.statement("a=/b c/"), .or, .statement("d")]), ("a='b c'", [.statement("a=b c")]),
            ("a=/x\\/y/", [.statement("a=/x\\/y/")]),
            (
                "agent('rpcutil').timeout > 5",
                [
                    .function(.init(DataCall("agent", "rpcutil"), output: "timeout", .greater, .text("5")))
                ]
            ),
            (
                "puppet().enabled=true and(x)",
                [
                    .function(.init(DataCall("puppet"), output: "enabled", .equal, .text("true"))), .and, .open,
                    .statement("x"),
                    .close,
                ]
            ),
            (
                "fstat('/etc/hosts').md5=/^[0-9a-f]+$/",
                [
                    .function(
                        .init(
                            DataCall("fstat", "/etc/hosts"), output: "md5", .matches, .regexp(RubyRegexp("^[0-9a-f]+$"))
                        ))
                ]
            ),
            (
                "f(\"a\").b != /c/",
                [.function(.init(DataCall("f", "a"), output: "b", .matchesNot, .regexp(RubyRegexp("c"))))]
            ),
            ("f('a','b').c=d", [.function(.init(DataCall("f", "a','b"), output: "c", .equal, .text("d")))]),
            ("f('a, b').c!=d", [.function(.init(DataCall("f", "a, b"), output: "c", .notEqual, .text("d")))]),
        ] as [(String, [CompoundFilter.Token])])
    func tokens(_ text: String, _ tokens: [CompoundFilter.Token]) throws {
        #expect(try CompoundFilter(argument: text).tokens == tokens)
    }

    @Test(
        "-S says what is wrong, and where",
        arguments: [
            ("a and", CompoundProblem.parseError, 2), ("a b", .parseError, 2), ("and a", .parseError, 0),
            ("a or or b", .parseError, 5),
            ("(a", .missingParenthesis, 2), ("a)", .missingParenthesis, 1), ("()", .parseError, 1),
            ("", .parseError, 0),
            ("not and b", .parseError, 4), ("f(a).b=1", .malformedToken, 0), ("f('a').b", .malformedToken, 0),
            ("f('a')=1", .malformedToken, 0),
            ("f('a", .malformedToken, 0), ("a=", .malformedToken, 0), ("=a", .malformedToken, 0),
            ("/a", .malformedToken, 0),
            ("/a/=b", .malformedToken, 0), ("a=/b/c", .malformedToken, 0), ("x and a=", .malformedToken, 6),
            ("f('a').b>/c/", .malformedToken, 0), (String(repeating: "not ", count: 200) + "a", .tooLong, 400),
        ] as [(String, CompoundProblem, Int)])
    func errors(_ text: String, _ problem: CompoundProblem, _ offset: Int) {
        // A word at the very end is a class, so the first of these is one too many.
        #expect(throws: FilterError.invalidCompound(text, offset: offset, problem: problem)) {
            try CompoundFilter(argument: text)
        }
    }

    @Test(
        "not binds closer than and, and and closer than or",
        arguments: [
            ("base", true), ("nosuch", false), ("not base", false), ("not not base", true),
            ("base or nosuch and nosuch", true),
            ("(base or nosuch) and nosuch", false), ("not nosuch and base", true), ("not (nosuch or base)", false),
            ("country=de and (role=db or cpus>=6)", true), ("role=/^w/", true), ("role=/^e/", false),
            ("/^role_/", true),
            ("cpus<10", true), ("country!=uk", false), ("nosuch=1 or base", true), ("and", true), ("a=b=c", false),
        ])
    func precedence(_ text: String, _ passes: Bool) throws {
        #expect(try CompoundFilter(argument: text).passes(subject) == passes)
    }

    @Test(
        "outputs of data plugins are compared as what they are",
        arguments: [
            ("fstat('/etc/hosts').md5=/^[0-9a-f]+$/", true), ("fstat('/etc/hosts').md5!=/z/", true),
            ("fstat('/etc/hosts').size>5", true), ("fstat('/etc/hosts').size<=120", true),
            ("fstat('/etc/hosts').size=120.0", true),
            ("fstat('/etc/hosts').size=/1/", false), ("fstat('/etc/hosts').size=big", false),
            ("fstat('/etc/hosts').size!=big", true),
            ("fstat('/etc/hosts').ratio<2", true), ("fstat('/etc/hosts').gone=x", false),
            ("fstat('/etc/hosts').gone!=x", false),
            ("fstat('/etc/hosts').nosuch=x", false), ("puppet().enabled=true", true), ("puppet().enabled=no", false),
            ("puppet().enabled!=no", true), ("puppet().enabled>no", false), ("puppet().status=idling", true),
            ("puppet().status>a", false), ("fstat('`id`').size=1", false), ("not fstat('`id`').size=1", true),
            ("nosuch('x').y=1", false), ("not nosuch('x').y=1", false), ("base or nosuch('x').y=1", false),
        ])
    func functions(_ text: String, _ passes: Bool) throws {
        let filter = try CompoundFilter(argument: text)
        #expect(filter.passes(subject) == passes)
        var whole = Filter()
        whole.compounds = [filter, filter]
        #expect(whole.calls == filter.calls)
        #expect(whole.passes(subject) == passes)
    }

    @Test("a filter of a captured request is the one that its command line makes")
    func captured() throws {
        let message = try #require(try CapturedMessage.load("rabbitmq-psk").first { $0.name == "find-compound" })
        let request = try SealedRequest(message.bytes, serializer: .marshal)
        let text = "country=de and (fstat('/etc/hosts').md5=/^[0-9a-f]+$/ or not base)"
        #expect(request.filter.compounds == [try CompoundFilter(argument: text)])
        #expect(request.filter.passes(FilterSubject(identity: "x", agents: ["rpcutil"], data: [:])) == false)
        var node = subject
        node.agents = ["rpcutil"]
        #expect(request.filter.passes(node))
    }

    @Test("mutated expressions are read or refused")
    func mutations() {
        var random = SeededRandom(seed: 0x636f_6d70)
        for seed in ["country=de and (role=web or not f('x','y').z=/a b/)", "!a and(b) or c>='d e'", "f().b!=\"x\""] {
            for _ in 0..<600 {
                let text = String(decoding: random.mutate(Array(seed.utf8)), as: UTF8.self)
                guard let filter = try? CompoundFilter(argument: text) else { continue }  // refused is as good as read
                var whole = Filter()
                whole.compounds = [filter]
                #expect(throws: Never.self) { try Filter(wire: whole.wire.hash ?? [:]) }
            }
        }
    }
}
