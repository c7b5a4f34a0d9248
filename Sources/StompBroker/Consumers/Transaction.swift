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
    /// What its messages take.
    private(set) var bytes = 0

    mutating func append(_ operation: Operation, limits: BrokerLimits) throws(BrokerError) {
        guard operations.count < limits.maxTransactionOperations else {
            throw .limit("operations in a transaction", limits.maxTransactionOperations)
        }
        bytes += operation.bytes
        operations.append(operation)
    }
}

extension Transaction.Operation {
    /// What it keeps in memory.
    var bytes: Int {
        guard case .send(let reader, let body, _) = self else { return 0 }
        return reader.lines.readableBytes + body.readableBytes
    }
}
