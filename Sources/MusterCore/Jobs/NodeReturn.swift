/// What one node answered to one job, as stored.
package struct NodeReturn: Sendable, Hashable {
    /// The answer in the encoding it arrived in; it is translated when somebody reads it.
    package struct Body: Sendable, Hashable {
        package enum Encoding: UInt8, Sendable, Hashable {
            case messagePack = 1
            case json = 2
        }

        package var encoding: Encoding
        package var bytes: [UInt8]

        package init(_ encoding: Encoding, _ bytes: [UInt8]) {
            self.encoding = encoding
            self.bytes = bytes
        }
    }

    package var job: JobID
    package var node: NodeID
    /// `module.function` as the node names it.
    package var function: String
    /// What the function gave back.
    package var body: Body
    /// Salt's `retcode`; of a compound call the largest. 0 is success.
    package var returnCode: Int
    /// Salt's `success`; nil when the peer did not say.
    package var isSuccess: Bool?
    /// The layout the node asks for (`nested`, `highstate`), nil when it does not.
    package var outputter: String?
    /// When the controller received it.
    package var received: Timestamp

    package init(
        job: JobID, node: NodeID, function: String, body: Body, returnCode: Int, isSuccess: Bool? = nil,
        outputter: String? = nil, received: Timestamp
    ) {
        self.job = job
        self.node = node
        self.function = function
        self.body = body
        self.returnCode = returnCode
        self.isSuccess = isSuccess
        self.outputter = outputter
        self.received = received
    }

    /// Whether the node says that it worked: `success` where the peer sends it and the return code is zero.
    package var hasSucceeded: Bool { returnCode == 0 && isSuccess != false }

    /// What the return makes of its node.
    package var outcome: Outcome { hasSucceeded ? .ok : .failed(code: returnCode) }
}
