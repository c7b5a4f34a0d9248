import MusterCore
import NodeAgent
import Testing

@Suite struct BuiltInModulesTests {
    @Test(
        "what looks after jobs stays, whatever is disabled",
        arguments: [(["test"], []), ([], ["saltutil"])] as [([String], [String])])
    func jobControlStays(_ allowed: [String], _ disabled: [String]) async throws {
        var node = TestNode()
        node.registry = FunctionRegistry(ExecutionModule.builtIn(allowed: allowed, disabled: disabled))
        #expect(try await node.call("saltutil.find_job", ["20261121065700000002"]).value == .map([:]))
        await #expect(throws: FunctionError.notAvailable(function: "saltutil.refresh_pillar")) {
            try await node.call("saltutil.refresh_pillar")
        }
    }

    @Test func allowedAndDisabledModulesAreTakenAtTheirWord() {
        let names = ExecutionModule.builtIn(allowed: ["test", "cmd"], disabled: ["cmd"]).map(\.name)
        #expect(names == ["saltutil", "test"])
    }
}
