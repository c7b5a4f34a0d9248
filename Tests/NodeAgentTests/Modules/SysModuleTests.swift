import MusterCore
import NodeAgent
import Testing

@Suite struct SysModuleTests {
    let node: TestNode

    init() {
        let greet = ModuleFunction(
            "greet", "Greet.", parameters: [.required("who"), .optional("how", "Hello")], extras: .keywords
        ) { _, _ in FunctionResult(nil) }
        let bye = ModuleFunction("bye", "Leave.") { _, _ in FunctionResult(nil) }
        var node = TestNode()
        node.registry = FunctionRegistry([
            .sys, ExecutionModule("zoo", summary: "", functions: [greet, bye]),
            ExecutionModule("abc", summary: "", functions: [bye]),
        ])
        self.node = node
    }

    @Test(
        arguments: [
            ("sys.list_modules", [], ["abc", "sys", "zoo"]), ("sys.list_modules", ["z*"], ["zoo"]),
            ("sys.list_modules", ["abc", "none"], ["abc"]),
            ("sys.list_functions", ["zoo", "abc"], ["abc.bye", "zoo.bye", "zoo.greet"]),
            ("sys.list_functions", ["*.bye"], ["abc.bye", "zoo.bye"]),
            ("sys.list_functions", ["zoo.greet"], ["zoo.greet"]),
            ("sys.doc", ["zoo"], .map(["zoo.bye": "Leave.", "zoo.greet": "Greet."])),
            ("sys.doc", ["zoo.bye"], .map(["zoo.bye": "Leave."])), ("sys.doc", ["z*t"], .map(["zoo.greet": "Greet."])),
            ("sys.doc", ["zo"], .map([:])), ("sys.reload_modules", [], true), ("sys.list_state_modules", [], []),
            (
                "sys.argspec", ["zoo.greet"],
                .map([
                    "zoo.greet": .map(["args": ["who", "how"], "defaults": ["Hello"], "varargs": nil, "kwargs": true])
                ])
            ),
            (
                "sys.argspec", ["abc"],
                .map(["abc.bye": .map(["args": nil, "defaults": nil, "varargs": nil, "kwargs": nil])])
            ),
        ] as [(String, [Value], Value)])
    func answers(_ function: String, _ arguments: [Value], _ value: Value) async throws {
        #expect(try await node.call(function, arguments).value == value)
    }
}
