import MusterCore
import Testing

@testable import Controller

@Suite struct TargetedPillarTests {
    @Test("later entries lie on top, maps merge level by level")
    func merges() throws {
        let pillar = try TargetedPillar([
            .init(target: "*", data: ["a": 1, "deep": ["x": 1, "y": [1, 2]]]),
            .init(target: "web* and G@os:Debian", data: ["b": 2, "deep": ["y": [3], "z": 3]]),
            .init(target: "db*", data: ["a": 9]),
        ])
        #expect(pillar.facts != .none)
        let web = pillar.pillar(for: Make.node("web1"), facts: ["os": "Debian"])
        #expect(Value.map(web) == ["a": 1, "deep": ["x": 1, "y": [3], "z": 3], "b": 2])
        #expect(
            Value.map(pillar.pillar(for: Make.node("web1"), facts: [:])) == ["a": 1, "deep": ["x": 1, "y": [1, 2]]])
        #expect(Value.map(pillar.pillar(for: Make.node("db1"), facts: [:]))["a"] == 9)
    }

    @Test("nodegroups are expanded; ids alone need no facts")
    func nodegroups() throws {
        let pillar = try TargetedPillar([.init(target: "N@webs", data: ["a": 1])], nodegroups: ["webs": "web*"])
        #expect(pillar.facts == .none)
        #expect(Value.map(pillar.pillar(for: Make.node("web1"), facts: [:])) == ["a": 1])
        #expect(pillar.pillar(for: Make.node("db1"), facts: [:]).isEmpty)
    }

    @Test(
        "an expression that cannot be read is refused at the start",
        arguments: ["web* and", "N@nobody", "S@10.0.0.1/8"])
    func invalid(_ expression: String) {
        #expect(throws: TargetError.self) { _ = try TargetedPillar([.init(target: expression, data: [:])]) }
    }
}
