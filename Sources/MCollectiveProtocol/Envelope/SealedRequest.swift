package import MusterCore

/// A request as it travels: everything in clear but the body, which only a security provider opens.
///
/// Source: MCollective 2.12, `security/base.rb`, `create_request`.
package struct SealedRequest: Hashable, Sendable {
    package var senderID: String
    package var requestID: String
    package var filter: Filter
    package var collective: String
    package var agent: String
    package var callerID: CallerID
    package var ttl: Int64
    package var time: Timestamp
    /// The body as the provider left it: serialised, or encrypted and in base64.
    package var body: RubyString
    /// Nil when the sender gave none; no provider accepts that.
    package var proof: Proof?

    /// An envelope around a sealed body.
    init(_ request: CollectiveRequest, body: RubyString, proof: Proof) {
        senderID = request.senderID
        requestID = request.requestID
        filter = request.filter
        collective = request.collective
        agent = request.agent
        callerID = request.callerID
        ttl = request.ttl
        time = request.time
        self.body = body
        self.proof = proof
    }

    /// Reads an envelope; proves nothing of it.
    package init(
        _ bytes: [UInt8], serializer: Serializer, limits: SerializerLimits = .standard
    ) throws(EnvelopeError) {
        let value: RubyValue
        do { value = try serializer.value(bytes, limits: limits) } catch { throw .unreadable(error) }
        try self.init(EnvelopeFields(value))
    }

    private init(_ fields: EnvelopeFields) throws(EnvelopeError) {
        senderID = try fields.text("senderid")
        requestID = try fields.text("requestid")
        collective = try fields.text("collective")
        agent = try fields.text("agent")
        guard let caller = CallerID(try fields.text("callerid")) else { throw .invalid(field: "callerid") }
        callerID = caller
        ttl = try fields.seconds("ttl")
        time = Timestamp(seconds: try fields.seconds("msgtime"))
        guard case .hash(let tests)? = fields["filter"] else { throw .missing(field: "filter") }
        do { filter = try Filter(wire: tests) } catch { throw .filter(error) }
        body = RubyString(bytes: try fields.bytes("body"), encoding: .binary)
        proof = try Proof(fields)
    }

    /// The opened request.
    func opened(_ body: RubyValue) -> CollectiveRequest {
        CollectiveRequest(
            senderID: senderID, requestID: requestID, filter: filter, collective: collective, agent: agent,
            callerID: callerID, ttl: ttl, time: time, body: body)
    }

    /// The bytes of the envelope.
    package func bytes(_ serializer: Serializer) -> [UInt8] {
        // The agent and the collective are one object each in Ruby's memory, and so are the words of compound filters.
        serializer.bytes(value, shared: [agent, collective, "statement", "fstatement"])
    }

    private var value: RubyValue {
        .hash(
            [
                (.symbol("body"), .string(body)), (.symbol("senderid"), .text(senderID)),
                (.symbol("requestid"), .ascii(requestID)), (.symbol("filter"), filter.wire),
                (.symbol("collective"), .text(collective)), (.symbol("agent"), .text(agent)),
                (.symbol("callerid"), .text(callerID.description)), (.symbol("ttl"), .int(ttl)),
                (.symbol("msgtime"), .int(time.seconds)),
            ] + (proof?.fields ?? []))
    }
}
