import MusterCore
import Testing

@testable import MusterCLI

@Suite struct SaltArgumentsTests {
    @Test("reads a word as Salt 3008 does", arguments: try Vectors.load("arguments-3008"))
    func reads(_ vector: Value) throws {
        let arguments = SaltArguments([try #require(vector["word"]?.string)])
        // Compared as Python writes them, because NaN equals nothing.
        let positional = try Vectors.untagged(try #require(vector["arguments"]))
        #expect(Value.array(arguments.positional).pythonLiteral == positional.pythonLiteral)
        let named = try Vectors.untagged(try #require(vector["keywords"]))
        #expect(Value.map(arguments.named).pythonLiteral == named.pythonLiteral)
    }

    @Test func keepsTheOrderAndTheLastOfARepeatedName() {
        let arguments = SaltArguments(["a", "x=1", "2", "y=b", "x=3"])
        #expect(arguments.positional == ["a", 2])
        #expect(arguments.named == ["x": 3, "y": "b"])
    }

    @Test func leavesNamedArgumentsUnparsedOnRequest() {
        let arguments = SaltArguments(["version=1.10", "other=1.10"], unparsed: ["version"])
        #expect(arguments.named == ["version": "1.10", "other": 1.1])
    }
}
