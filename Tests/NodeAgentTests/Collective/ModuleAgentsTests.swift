import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

@testable import NodeAgent

@Suite struct ModuleAgentsTests {
    private let sample = ExecutionModule(
        "sample", summary: "A sample",
        functions: [
            ModuleFunction("join", "Joins.", parameters: [.required("a"), .optional("b", "x")], extras: .positional) {
                arguments, _ in
                let words = [arguments["a"], arguments["b"]] + arguments.rest
                return FunctionResult(.string(words.map(\.pythonText).joined(separator: "-")))
            },
            ModuleFunction("fail", "Fails.") { _, _ in FunctionResult("bad", returnCode: 4) },
        ])

    @Test func callsFunctionsAsActions() async throws {
        let fixture = try CollectiveFixture(agents: [CollectiveAgent(sample)], modules: [sample])
        #expect(try await fixture.call("sample", "join", ["a": "1"]).data[named: "result"] == "1-x")
        #expect(try await fixture.call("sample", "join", ["a": 1, "b": 2]).data[named: "result"] == "1-2")
        let missing = try await fixture.call("sample", "join")
        #expect(missing.status == .invalidData && missing.message == "Action join needs a a argument")
        let failed = try await fixture.call("sample", "fail")
        #expect(failed.status == .aborted && failed.data[named: "result"] == "bad")
        #expect(try await fixture.call("sample", "join", ["a": 1, "nosuch": 2]).status == .aborted)
    }

    @Test func callsActionsAsFunctions() async throws {
        let fixture = try CollectiveFixture(agents: [.filemgr])
        let modules = ExecutionModule.adding(
            fixture.profile.agents, to: [.service, sample], profile: fixture.profile)
        #expect(Set(modules.map(\.name)) == ["service", "sample", "rpcutil", "filemgr"])
        let rpcutil = try #require(modules.first { $0.name == "rpcutil" })
        #expect(try await rpcutil.call("get_fact", [], ["fact": "country"]) == ["fact": "country", "value": "uk"])
        #expect(try await rpcutil.call("ping", [], ["__pub_jid": "1"])["pong"]?.int ?? 0 > 0)
        await #expect(throws: FunctionError.self) { try await rpcutil.call("get_fact", [], ["fact": "a b"]) }
        await #expect(throws: FunctionError.failed(reason: "Unknown config property x")) {
            try await rpcutil.call("get_config_item", ["x"])
        }
    }

    @Test func keepsTheFunctionsOfAModule() throws {
        let fixture = try CollectiveFixture()
        let modules = ExecutionModule.adding([.service], to: [.service], profile: fixture.profile)
        #expect(modules[0].functions.map(\.name) == ExecutionModule.service.functions.map(\.name))
    }
}
