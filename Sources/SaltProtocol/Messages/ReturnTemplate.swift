package import MessagePack
package import MusterCore

/// A return with all that is the same for many nodes encoded once, for those that answer in great number.
///
/// Writes what `ReturnLoad.request` and `NodeRequest.encoded` write, without making any of it twice.
package struct ReturnTemplate: Sendable {
    private let fieldCount: Int
    /// The fields between `id` and `_stamp`.
    private let fields: [UInt8]

    package init(_ load: ReturnLoad) {
        let map = load.fields
        var writer = MessagePackWriter(.raw)
        for entry in map {
            writer.write(entry.key)
            writer.write(entry.value)
        }
        fieldCount = map.count
        fields = writer.finish()
    }

    /// Writes the load of the request that carries the return.
    ///
    /// - Parameters:
    ///   - stamp: `_stamp`: when the job ended.
    ///   - nonce: Fresh for every try.
    ///   - token: `ProofToken.make`.
    package func write(
        from node: NodeID, stamp: String, nonce: Nonce, now: Timestamp, token: [UInt8],
        into writer: inout MessagePackWriter
    ) {
        writer.writeMap(count: fieldCount + 6)
        writer.writeKey("cmd")
        writer.write(MinionCommand.returned.rawValue)
        writer.writeKey("id")
        writer.write(node.text)
        writer.writeEncoded(fields)
        writer.writeKey("_stamp")
        writer.write(stamp)
        writer.writeKey("nonce")
        nonce.withUnsafeBytes { writer.writeString($0) }
        writer.writeKey("ts")
        writer.write(now.seconds)
        writer.writeKey("tok")
        writer.writeBinary(token)
    }
}
