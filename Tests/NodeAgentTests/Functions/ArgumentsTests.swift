import MusterCore
import NodeAgent
import Testing

/// The texts are those of `salt-call` 3008.5, shortened to the part before the documentation.
@Suite struct ArgumentsTests {
    static let function = ModuleFunction(
        "copy", "Copy.", parameters: [.required("source"), .required("target"), .optional("mode", "0644")]
    ) { _, _ in FunctionResult(nil) }

    @Test func bindsPositionsKeywordsAndDefaults() throws {
        let arguments = try Arguments(
            FunctionCall("file.copy", arguments: ["a"], keywords: ["target": "b", "__pub_jid": "1"]), to: Self.function)
        #expect(arguments["source"] == "a")
        #expect(arguments["target"] == "b")
        #expect(arguments["mode"] == "0644")
        #expect(arguments.keywords["__pub_jid"] == "1")
    }

    @Test(
        arguments: [
            (["a"], [:], "copy() missing 1 required positional argument: 'target'"),
            ([], [:], "copy() missing 2 required positional arguments: 'source' and 'target'"),
            (["a", "b", "c", "d"], [:], "copy() takes from 2 to 3 positional arguments but 4 were given"),
            (["a", "b"], ["source": "c"], "copy() got multiple values for argument 'source'"),
        ] as [([Value], ValueMap, String)])
    func refusesInPythonsWords(_ positional: [Value], _ keywords: ValueMap, _ text: String) {
        let call = FunctionCall("file.copy", arguments: positional, keywords: keywords)
        #expect(throws: FunctionError.invalidArguments(function: "file.copy", reason: text + "\nCopy.")) {
            try Arguments(call, to: Self.function)
        }
    }

    @Test func namesAllUnknownKeywords() {
        let call = FunctionCall("file.copy", arguments: ["a", "b"], keywords: ["x": 1, "y": "two", "__env__": "base"])
        #expect(throws: FunctionError.unknownKeywords(function: "file.copy", keywords: ["x=1", "y=two"])) {
            try Arguments(call, to: Self.function)
        }
    }
}
