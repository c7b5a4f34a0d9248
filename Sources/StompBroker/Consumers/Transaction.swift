import NIOCore
import STOMP

/// What a client has sent and acknowledged since BEGIN, to happen at COMMIT, all or nothing.
struct Transaction {
    enum Operation {
        case send(SendReader, body: ByteBuffer, destination: String)
        case acknowledge(Consumer, messageID: UInt64)
        case refuse(Consumer, messageID: UInt64)
    }

    private(set) var operations: [Operation] = []
    private var bytes = 0

    mutating func append(_ operation: Operation, limits: BrokerLimits) throws(BrokerError) {
        guard operations.count < limits.maxTransactionOperations else {
            throw .limit("operations in a transaction", limits.maxTransactionOperations)
        }
        if case .send(let reader, let body, _) = operation { bytes += reader.lines.readableBytes + body.readableBytes }
        guard bytes <= limits.maxTransactionBytes else {
            throw .limit("bytes in a transaction", limits.maxTransactionBytes)
        }
        operations.append(operation)
    }
}
