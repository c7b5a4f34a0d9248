import MCollectiveProtocol
import MusterCore
import Testing

struct CallTranslationTests {
    @Test("positional arguments get the names of the description's inputs")
    func named() throws {
        let call = FunctionCall("service.status", arguments: ["ssh"])
        let request = try RPCRequest(call, description: StandardDDLs.agent(named: "service"))
        #expect(request.agent == "service")
        #expect(request.action == "status")
        #expect(request.inputs == [.symbol("service"): "ssh"])
    }

    @Test("a number for an input of text is text, and stays a number elsewhere")
    func types() throws {
        let fact = FunctionCall("rpcutil.get_fact", keywords: ["fact": 12])
        #expect(
            try RPCRequest(fact, description: StandardDDLs.agent(named: "rpcutil")).inputs == [.symbol("fact"): "12"])
        #expect(try RPCRequest(fact, description: nil).inputs == [.symbol("fact"): .int(12)])
    }

    @Test("what cannot be put is refused with a reason")
    func refused() {
        #expect(throws: CallTranslationError.noAction("ping")) {
            try RPCRequest(FunctionCall("ping"), description: nil)
        }
        #expect(throws: CallTranslationError.unnamedArguments("x.y")) {
            try RPCRequest(FunctionCall("x.y", arguments: [1]), description: nil)
        }
        #expect(throws: CallTranslationError.givenTwice("service")) {
            try RPCRequest(
                FunctionCall("service.status", arguments: ["a"], keywords: ["service": "b"]),
                description: StandardDDLs.agent(named: "service"))
        }
    }

    @Test("an answer's outputs are the result, and what went wrong is told with its code")
    func answers() {
        #expect(RPCReply(outputs: ["pong": 1]).functionResult == FunctionResult(.map(["pong": 1])))
        #expect(RPCReply(.aborted, message: "no").functionResult == FunctionResult("no", returnCode: 1))
        #expect(RPCReply(.unknownAction, message: "").functionResult == FunctionResult("Unknown Action", returnCode: 2))
        #expect(
            RPCReply(.aborted, message: "no", outputs: ["a": 1]).functionResult
                == FunctionResult(.map(["statusmsg": "no", "data": .map(["a": 1])]), returnCode: 1))
    }
}
