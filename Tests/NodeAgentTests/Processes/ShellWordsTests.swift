import NodeAgent
import Testing

/// Expectations are those of Python's `shlex.split`.
@Suite struct ShellWordsTests {
    @Test(
        arguments: [
            ("", []), ("  ", []), ("a b\tc\nd", ["a", "b", "c", "d"]), ("a 'b c' d", ["a", "b c", "d"]),
            (#"a "b \"c\" \n" d"#, ["a", #"b "c" \n"#, "d"]), (#"a\ b"#, ["a b"]), ("a''b \"\"", ["ab", ""]),
            (#"'\'"#, [#"\"#]), ("x=\"1 2\"3", ["x=1 23"]),
        ])
    func splits(_ text: String, _ words: [String]) throws {
        #expect(try ShellWords.split(text) == words)
    }

    @Test(arguments: [
        ("'a", "No closing quotation"), ("\"a", "No closing quotation"), (#"a\"#, "No escaped character"),
    ])
    func refuses(_ text: String, _ reason: String) {
        #expect(throws: ShellWords(description: reason)) { try ShellWords.split(text) }
    }
}
