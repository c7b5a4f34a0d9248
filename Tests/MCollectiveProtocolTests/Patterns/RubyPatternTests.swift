import MusterCore
import MCollectiveProtocol
import MusterTestSupport
import Testing

struct RubyPatternTests {
    @Test(
        "finds what Ruby finds",
        arguments: [
            ("node[12]", "mynode2", true), ("node[12]", "node3", false), ("^a$", "b\na\nc", true), ("^a$", "ab", false),
            ("\\Aa\\z", "a\n", false), ("\\Aa\\Z", "a\n", true), ("\\Aa\\Z", "a\n\n", false), ("a.c", "a\nc", false),
            ("(?m:a.c)", "a\nc", true), ("(?i)ABC", "xabcx", true), ("a(?i:B)c", "abc", true),
            ("a(?i:B)c", "aBC", false),
            ("a|b|", "zzz", true), ("^(a|bc)+d", "abcabcd", true), ("^(?:a|b){2,3}$", "abab", false),
            ("^a{2,3}$", "aaa", true),
            ("^a{,2}$", "aaa", false), ("^a{2}$", "aa", true), ("a{x}", "a{x}", true), ("{a", "{a", true),
            ("x*?y", "xxy", true),
            ("\\d+\\.\\d+", "v1.25", true), ("\\h{4}", "xbeefx", true), ("[\\h]g", "fg", true),
            ("\\w\\W\\s\\S\\D\\H", "a-\t.xz", true),
            ("[^a-c]", "abc", false), ("[^a-c]", "abd", true), ("[]a]", "]", true), ("[a-]", "-", true),
            ("[\\]]", "]", true),
            ("[[:alpha:]][[:digit:]]", "é7", true), ("[[:^digit:]]", "7", false), ("[a[bc]]", "c", true),
            ("[a[^b]]", "b", false),
            ("\\bweb\\b", "a web b", true), ("\\bweb\\b", "aweb", false), ("\\Beb", "web", true),
            ("\\x41\\u0042\\u{43}", "ABC", true),
            ("(?<name>a)b", "ab", true), ("(?'n'a)", "a", true), ("a(?#note)b", "ab", true),
            ("(?x) a b # c\n", "ab", true),
            ("", "", true), ("()", "", true), ("(a*)*b", "aaab", true), ("/", "a/b", true), ("\\/", "a/b", true),
            ("é", "café", true),
            ("a+?b{0,1}?", "ab", true), ("^$", "a\n\nb", true), ("(|a)+b", "aab", true),
        ] as [(String, String, Bool)])
    func finds(_ pattern: String, _ text: String, _ isFound: Bool) throws {
        #expect(try RubyPattern(pattern).isFound(in: text) == isFound)
    }

    @Test("takes the options of an object")
    func options() throws {
        #expect(try RubyPattern(RubyRegexp("a b", options: [.extended, .ignoreCase])).isFound(in: "xABx"))
        #expect(try RubyPattern(RubyRegexp("a.b", options: .multiLine)).isFound(in: "a\nb"))
    }

    @Test(
        "refuses what takes more than linear time, and what is none",
        arguments: [
            ("(a)\\1", PatternError.unsupported("a reference to a group", offset: 3)),
            ("(?<n>a)\\k<n>", .unsupported("a reference to a group", offset: 7)),
            ("(?=a)", .unsupported("look-ahead or an atomic group", offset: 1)),
            ("(?<!a)", .unsupported("look-behind", offset: 2)),
            ("a++", .unsupported("a possessive repetition", offset: 2)),
            ("[a&&b]", .unsupported("an intersection of sets", offset: 2)),
            ("\\p{Alpha}", .unsupported("\\p", offset: 1)),
            ("(", .malformed(offset: 1)), (")", .malformed(offset: 0)), ("*a", .malformed(offset: 0)),
            ("[a", .malformed(offset: 1)),
            ("[b-a]", .malformed(offset: 1)), ("a{3,2}", .malformed(offset: 1)), ("\\", .malformed(offset: 1)),
            ("(?q)", .malformed(offset: 2)), ("[[:nosuch:]]", .malformed(offset: 3)), ("\\u{}", .malformed(offset: 2)),
            ("((a{99}){99}){99}", .tooLarge(limit: 2000)), (String(repeating: "(", count: 60), .tooDeep(limit: 50)),
            (String(repeating: "a", count: 1025), .tooLong(bytes: 1025, limit: 1024)),
        ] as [(String, PatternError)])
    func refuses(_ pattern: String, _ error: PatternError) {
        #expect(throws: error) { try RubyPattern(pattern) }
        #expect(!error.description.isEmpty)
    }

    @Test(
        "what would take other engines years ends",
        arguments: [
            "(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*)*x", "(.*a){20}", "(a*)*(a*)*(a*)*$", "(?:a?){30}a{30}",
        ])
    func hostilePatterns(_ pattern: String) throws {
        let text = String(repeating: "a", count: 2000) + "!"
        _ = try RubyPattern(pattern).isFound(in: text)
    }

    @Test("mutated patterns are read or refused")
    func mutations() {
        var random = SeededRandom(seed: 0x7061_7474)
        for seed in ["^(a|b)*[^c-d\\w]{2,3}$", "(?i-m:x)\\u{41}|[[:alpha:]&]", "(?<n>a+?)\\b\\Z."] {
            for _ in 0..<500 {
                let source = String(decoding: random.mutate(Array(seed.utf8)), as: UTF8.self)
                _ = try? RubyPattern(source).isFound(in: "abcabc\nABC 12")  // refused is as good as read here
            }
        }
    }
}
