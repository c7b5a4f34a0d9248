import MCollectiveProtocol
import MusterCore
import Testing

struct RPCTests {
    /// Requests and replies of the captures, without discovery and what is encrypted.
    private static func bodies(_ sender: CapturedMessage.Sender) throws -> [(CapturedMessage, RubyValue)] {
        try CapturedMessage.all().filter { $0.sender == sender }.compactMap { message in
            guard let body = message.body, body.hash != nil, message.file.hasSuffix("psk") else { return nil }
            return (message, body)
        }
    }

    @Test("captured calls are read, and written as they were")
    func requests() throws {
        let bodies = try Self.bodies(.client)
        #expect(bodies.count > 25)
        for (message, body) in bodies {
            let request = try RPCRequest(body: body, agent: "other")
            #expect(request.body == body, "\(message.testDescription)")
            #expect(request.agent != "other" && request.inputs[named: "process_results"] == nil)
            if message.name.hasPrefix("rpc-noresults") { #expect(request.wantsReply == false) }
            if message.name == "rpc-batch" { #expect(request.wantsReply == nil) }
        }
    }

    @Test("captured answers are read, and written as they were")
    func replies() throws {
        let bodies = try Self.bodies(.node)
        #expect(bodies.count > 25)
        for (message, body) in bodies {
            let reply = try RPCReply(body: body)
            #expect(reply.body == body, "\(message.testDescription)")
            if message.name.hasPrefix("rpc-error-1") { #expect(reply.status == .aborted) }
            if message.name.hasPrefix("rpc-error-5") { #expect(reply.status == .unknownError) }
        }
    }

    @Test(
        "an input that is there twice, as text and as a symbol, is refused: it would be checked as one, used as the other"
    )
    func twice() {
        let data = RubyValue.hash([(.symbol("mode"), "safe"), (.text("mode"), "evil")])
        let body = RubyValue.hash([(.symbol("action"), "x"), (.symbol("data"), data)])
        #expect(throws: RPCError.invalid(field: "data")) { try RPCRequest(body: body, agent: "a") }
    }

    @Test("keys may be text, the agent that of the envelope, and what is missing empty")
    func tolerances() throws {
        let body = RubyValue.hash([
            (.text("action"), "get_fact"), (.text("data"), .hash([("fact", "os"), ("process_results", false)])),
        ])
        let request = try RPCRequest(body: body, agent: "rpcutil")
        #expect(request.agent == "rpcutil" && request.action == "get_fact" && request.wantsReply == false)
        #expect(request.inputs == ["fact": "os"])
        let bare = try RPCRequest(body: .hash([(.symbol("action"), .symbol("ping"))]), agent: "rpcutil")
        #expect(bare.inputs.isEmpty && bare.wantsReply == nil)
        let reply = try RPCReply(body: .hash([("statuscode", 17), ("data", .hash([("a", .symbol("b"))]))]))
        #expect(reply.status == .unknownError && reply.message == "" && reply.outputs == ["a": "b"])
    }

    @Test("what is no call or answer is refused by its field")
    func errors() {
        #expect(throws: RPCError.notAHash) { try RPCRequest(body: "ping", agent: "a") }
        #expect(throws: RPCError.missing(field: "action")) { try RPCRequest(body: .hash([]), agent: "a") }
        #expect(throws: RPCError.invalid(field: "data")) {
            try RPCRequest(body: .hash([("action", "a"), ("data", 1)]), agent: "a")
        }
        #expect(throws: RPCError.notAHash) { try RPCReply(body: .null) }
        #expect(throws: RPCError.missing(field: "statuscode")) { try RPCReply(body: .hash([])) }
        #expect(throws: RPCError.invalid(field: "statuscode")) { try RPCReply(body: .hash([("statuscode", "0")])) }
        #expect(throws: RPCError.invalid(field: "data")) {
            try RPCReply(body: .hash([("statuscode", 0), ("data", [])]))
        }
    }

    @Test("every status has its code and its label")
    func statuses() {
        #expect(RPCStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5])
        #expect(
            RPCStatus.allCases.map(\.label) == [
                "", "Request Aborted", "Unknown Action", "Missing Request Data", "Invalid Request Data",
                "Unknown Request Status",
            ])
        let reply = RPCReply(.aborted, message: "no", outputs: ["a": ["b": 1]])
        #expect(reply.data == [.symbol("a"): .hash([("b", 1)])])
    }

    @Test("discovery answers ping alone")
    func discovery() {
        #expect(Discovery.answer(to: "ping") == "pong")
        #expect(Discovery.answer(to: "pong") == "Unknown Request: pong")
        #expect(Discovery.answer(to: .hash([(.symbol("a"), 1)])) == "Unknown Request: {:a=>1}")
    }

    @Test("registration carries the names of the agents")
    func registration() {
        let body = Registration.body(agents: ["discovery", "rpcutil"])
        #expect(Registration.agents(in: body) == ["discovery", "rpcutil"])
        #expect(Registration.agents(in: .hash([])) == nil)
        #expect(Registration.agents(in: ["a", 1]) == nil)
        #expect(Registration.filter.wire.hash?["agent"] == ["registration"])
    }
}
