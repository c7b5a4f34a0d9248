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
    ///   - signature: `sig`, over ``SignedLoad`` of the same load, by nodes that sign.
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

/// What `sig` is computed over in loads of nodes that sign them: the load in the modern dialect, in wire order, without
/// `nonce`, `tok` and `sig`.
///
/// Source: Salt 3008, `salt/channel/client.py` and `salt/daemons/masterapi.py`; `docs/protocols/salt.md`, section 7.2.
package enum SignedLoad {
    /// The signed bytes of an opened load, for the controller that checks.
    package static func content(of opened: RawSpan) throws(MessageError) -> [UInt8] {
        let value: Value
        do throws(MessagePackError) { value = try Value(messagePack: opened) } catch { throw .undecodable(error) }
        guard let map = value.map else { throw .invalidField("load") }
        let left: Set<Value> = ["nonce", "tok", "sig"]
        let kept = map.filter { !left.contains($0.key) }.map { (key: $0.key, value: $0.value) }
        return Value.map(ValueMap(kept)).messagePack(.modern)
    }
}
