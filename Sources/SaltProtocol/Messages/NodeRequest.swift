import MessagePack
package import MusterCore

/// The load of a request as a node writes it, ready to be sealed with its session key.
///
/// Source: Salt 3006, `salt/channel/client.py`, `AsyncReqChannel._crypted_transfer`.
package struct NodeRequest: Sendable, Hashable {
    package var command: MinionCommand
    package var node: NodeID
    /// The fields of the command, in order.
    package var fields: ValueMap

    package init(_ command: MinionCommand, from node: NodeID, fields: ValueMap = [:]) {
        self.command = command
        self.node = node
        self.fields = fields
    }

    /// The encoded load.
    ///
    /// - Parameters:
    ///   - nonce: Fresh for every try.
    ///   - token: `ProofToken.make`.
    ///   - signature: `sig`, of nodes that sign their loads.
    package func encoded(nonce: Nonce, now: Timestamp, token: [UInt8], signature: [UInt8]? = nil) -> [UInt8] {
        var writer = MessagePackWriter(.raw, capacity: 512 + token.count)
        writer.writeMap(count: 2 + fields.count + 3 + (signature == nil ? 0 : 1))
        writer.writeKey("cmd")
        writer.write(command.rawValue)
        writer.writeKey("id")
        writer.write(node.text)
        for entry in fields {
            writer.write(entry.key)
            writer.write(entry.value)
        }
        writer.writeKey("nonce")
        nonce.withUnsafeBytes { writer.writeString($0) }
        writer.writeKey("ts")
        writer.write(now.seconds)
        writer.writeKey("tok")
        writer.writeBinary(token)
        if let signature {
            writer.writeKey("sig")
            writer.writeBinary(signature)
        }
        return writer.finish()
    }
}
