import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

struct RequestRulesTests {
    private let rules = RequestRules(identity: "node1")
    private let start = Timestamp(seconds: 1_795_243_163)
    private let arrival = RequestRules.Arrival.broadcast(collective: "mcollective", agent: "rpcutil")

    private func request(_ id: String = "r1", at time: Timestamp? = nil, ttl: Int64 = 60) throws -> SealedRequest {
        let request = CollectiveRequest(
            senderID: "admin1", requestID: id, filter: Filter(agent: "rpcutil"), collective: "mcollective",
            agent: "rpcutil", callerID: try #require(CallerID("uid=0")), ttl: ttl, time: time ?? start, body: "ping")
        var random: any RandomNumberGenerator = SeededRandom(seed: 1)
        return try PSKSecurity(secret: "s").seal(request, using: &random)
    }

    private func refusalOf(_ body: () throws(RequestRefusal) -> Void) -> RequestRefusal? {
        do {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test("the same bytes are served once, and another id again")
    func repeats() throws {
        var memory = RequestMemory()
        try rules.check(request(), arrival: arrival, now: start, memory: &memory)
        #expect(throws: RequestRefusal.repeated) {
            try rules.check(request(), arrival: arrival, now: start + .seconds(59), memory: &memory)
        }
        try rules.check(request("r2"), arrival: arrival, now: start, memory: &memory)
        // What psk does not cover makes no other request of it.
        var altered = try request()
        altered.ttl = 600
        altered.time = start + .seconds(100)
        altered.filter = Filter()
        #expect(throws: RequestRefusal.repeated) {
            try rules.check(altered, arrival: arrival, now: start + .seconds(100), memory: &memory)
        }
    }

    @Test("an aes request is known by its body, whatever id it is given on the way")
    func repeatsOfAES() throws {
        var memory = RequestMemory()
        var sealed = try request()
        sealed.proof = .sealedSecret("secret")
        sealed.body = RubyString(bytes: Array("YWJj\n".utf8), encoding: .utf8)
        try rules.check(sealed, arrival: arrival, now: start, memory: &memory)
        sealed.requestID = "another"
        sealed.body = RubyString(bytes: [0x0a] + sealed.body.bytes, encoding: .utf8)
        #expect(throws: RequestRefusal.repeated) {
            try rules.check(sealed, arrival: arrival, now: start, memory: &memory)
        }
    }

    @Test("a flood from the future keeps nobody out whose time is now")
    func floodFromTheFuture() throws {
        var memory = RequestMemory(capacity: 8)
        for number in 0..<20 {
            try rules.check(
                request("f\(number)", at: start + .seconds(30)), arrival: arrival, now: start, memory: &memory)
        }
        try rules.check(
            request("honest", at: start + .seconds(1)), arrival: arrival, now: start + .seconds(1), memory: &memory)
    }

    @Test("a peer that repeats on purpose can be allowed to")
    func repeatsAllowed() throws {
        var memory = RequestMemory()
        let rules = RequestRules(identity: "node1", refusesRepeats: false)
        for _ in 0..<2 { try rules.check(request(), arrival: arrival, now: start, memory: &memory) }
        #expect(memory.count == 0)
    }

    @Test(
        "the ttl is served to its last second",
        arguments: [
            (0, 60, nil), (60, 60, nil), (61, 60, RequestRefusal.expired(age: 61, ttl: 60)),
            (600, 100_000, nil), (601, 100_000, .expired(age: 601, ttl: 600)), (1, 0, .expired(age: 1, ttl: 0)),
            (0, -1, .expired(age: 0, ttl: -1)), (-30, 60, nil), (-31, 60, .fromTheFuture(seconds: 31)),
        ] as [(Int64, Int64, RequestRefusal?)])
    func time(_ age: Int64, _ ttl: Int64, _ refusal: RequestRefusal?) throws {
        var memory = RequestMemory()
        let request = try request(ttl: ttl)
        let found = refusalOf { () throws(RequestRefusal) in
            try rules.check(request, arrival: arrival, now: start + .seconds(age), memory: &memory)
        }
        #expect(found == refusal)
    }

    @Test("times at the ends of the numbers are refused")
    func extremes() throws {
        var memory = RequestMemory()
        for seconds in [Int64.min, .min / 2_000_000, .max / 2_000_000, .max] {
            #expect(throws: RequestRefusal.self) {
                try rules.check(request(at: Timestamp(seconds: seconds)), arrival: arrival, now: start, memory: &memory)
            }
        }
    }

    @Test(
        "the envelope must name where it came in",
        arguments: [
            (RequestRules.Arrival.broadcast(collective: "mcollective", agent: nil), nil),
            (.broadcast(collective: "sub1", agent: "rpcutil"), RequestRefusal.otherCollective("mcollective")),
            (.broadcast(collective: "mcollective", agent: "shell"), .otherAgent("rpcutil")),
            (.directed(collective: "mcollective", identity: "node1"), nil),
            (.directed(collective: "mcollective", identity: "node2"), .otherNode("node2")),
            (.directed(collective: "sub1", identity: "node1"), .otherCollective("mcollective")),
        ] as [(RequestRules.Arrival, RequestRefusal?)])
    func destination(_ arrival: RequestRules.Arrival, _ refusal: RequestRefusal?) throws {
        var memory = RequestMemory()
        let request = try request()
        let found = refusalOf { () throws(RequestRefusal) in
            try rules.check(request, arrival: arrival, now: start, memory: &memory)
        }
        #expect(found == refusal)
        var lenient = rules
        lenient.checksDestination = false
        var other = RequestMemory()
        try lenient.check(request, arrival: arrival, now: start, memory: &other)
    }

    @Test("a flood is bounded, and lets nothing through twice")
    func flood() throws {
        var memory = RequestMemory(capacity: 100)
        var served: [SealedRequest] = []
        for second in 0..<300 {
            let now = start + .seconds(second)
            let next = try request("flood\(second)", at: now)
            try rules.check(next, arrival: arrival, now: now, memory: &memory)
            served.append(next)
            #expect(memory.count <= 100)
        }
        let now = start + .seconds(299)
        for request in served {
            #expect(throws: RequestRefusal.self) {
                try rules.check(request, arrival: arrival, now: now, memory: &memory)
            }
        }
        try rules.check(request("new", at: now), arrival: arrival, now: now, memory: &memory)
    }

    @Test("what can no longer pass is forgotten first")
    func forgetting() throws {
        var memory = RequestMemory(capacity: 4)
        for id in 0..<4 { try rules.check(request("a\(id)"), arrival: arrival, now: start, memory: &memory) }
        let later = start + .seconds(700)
        try rules.check(request("b", at: later), arrival: arrival, now: later, memory: &memory)
        #expect(memory.count == 1)
    }
}
