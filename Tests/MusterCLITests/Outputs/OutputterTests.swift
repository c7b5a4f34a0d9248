import MusterCore
import Testing

@testable import MusterCLI

/// One printed value, as a real outputter printed it.
struct OutputVector: Sendable, CustomTestStringConvertible {
    let outputter: String
    let name: String
    let value: Value
    let options: Outputter.Options
    let text: String

    var testDescription: String { "\(outputter): \(name)" }

    static func load(_ file: String) throws -> [OutputVector] {
        try Vectors.load(file).map { entry in
            OutputVector(
                outputter: try #require(entry["out"]?.string),
                name: try #require(entry["name"]?.string),
                value: try Vectors.untagged(try #require(entry["value"])),
                options: Outputter.Options(
                    palette: entry["color"]?.bool == true ? .colored : .plain,
                    indent: entry["indent"]?.int.map { Int($0) },
                    returnCode: entry["retcode"]?.int.map { Int($0) } ?? 0),
                text: try #require(entry["text"]?.string))
        }
    }
}

@Suite struct OutputterTests {
    @Test("prints what Salt 3008 prints", arguments: try OutputVector.load("outputs-3008"))
    func printsAs3008(_ vector: OutputVector) throws {
        let outputter = try #require(Outputter(name: vector.outputter))
        #expect(outputter.text(vector.value, options: vector.options) == vector.text)
    }

    @Test("prints what Salt 3006 prints", arguments: try OutputVector.load("outputs-3006"))
    func printsAs3006(_ vector: OutputVector) throws {
        let outputter = try #require(Outputter(name: vector.outputter))
        #expect(outputter.text(vector.value, options: vector.options) == vector.text)
    }

    @Test func knowsTheNamesThatSaltTakes() {
        #expect(Outputter(name: "text") == .txt)
        #expect(Outputter(name: "highstate") == .nested)
        #expect(Outputter(name: "no_such") == nil)
    }
}
