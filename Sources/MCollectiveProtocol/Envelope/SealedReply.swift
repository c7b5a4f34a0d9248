package import MusterCore

/// A reply as it travels: everything in clear but the body, which only a security provider opens.
///
/// Source: MCollective 2.12, `security/base.rb`, `create_reply`.
package struct SealedReply: Hashable, Sendable {
    package var senderID: String
    /// The id of the request: whoever waits for another one passes the reply over without opening it.
    package var requestID: String
    package var agent: String
    package var time: Timestamp
    /// The body as the provider left it: serialised, or encrypted and in base64.
    package var body: RubyString
    /// Nil when the sender gave none; no provider accepts that.
    package var proof: Proof?

    /// An envelope around a sealed body.
    init(_ reply: CollectiveReply, body: RubyString, proof: Proof) {
        senderID = reply.senderID
        requestID = reply.requestID
        agent = reply.agent
        time = reply.time
        self.body = body
        self.proof = proof
    }

    /// Reads an envelope; proves nothing of it.
    package init(
        _ bytes: [UInt8], serializer: Serializer, limits: SerializerLimits = .standard
    ) throws(EnvelopeError) {
        let value: RubyValue
        do { value = try serializer.value(bytes, limits: limits) } catch { throw .unreadable(error) }
        let fields = try EnvelopeFields(value)
        senderID = try fields.text("senderid")
        requestID = try fields.text("requestid")
        agent = try fields.text("senderagent")
        time = Timestamp(seconds: try fields.seconds("msgtime"))
        body = RubyString(bytes: try fields.bytes("body"), encoding: .binary)
        proof = try Proof(fields)
    }

    /// The opened reply.
    func opened(_ body: RubyValue) -> CollectiveReply {
        CollectiveReply(senderID: senderID, requestID: requestID, agent: agent, time: time, body: body)
    }

    /// The bytes of the envelope.
    package func bytes(_ serializer: Serializer) -> [UInt8] {
        serializer.bytes(
            .hash(
                [
                    (.symbol("senderid"), .text(senderID)), (.symbol("requestid"), .ascii(requestID)),
                    (.symbol("senderagent"), .text(agent)), (.symbol("msgtime"), .int(time.seconds)),
                    (.symbol("body"), .string(body)),
                ] + (proof?.fields ?? [])))
    }
}
