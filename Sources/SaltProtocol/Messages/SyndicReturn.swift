import MessagePack
package import MusterCore

/// The answers of several nodes to one job, as a relay forwards them with `_syndic_return`.
///
/// The relay speaks for others: nothing proves that the nodes said this. Refuse returns for ids that hold an accepted
/// key here, unless that is intended.
///
/// Source: `docs/protocols/salt.md`, section 11.1; Salt 3006, `salt/minion.py`, `_return_pub_multi`.
package struct SyndicReturn: Sendable, Hashable {
    /// The answer of one node.
    package struct Entry: Sendable, Hashable {
        package var node: NodeID
        package var value: Value
        package var returnCode: Int
        package var isSuccess: Bool?
    }

    package var job: JobID
    /// The relay's own id.
    package var relay: NodeID
    package var function: String
    /// The stored publish of the lower controller, only the first time a job is forwarded.
    package var publish: ValueMap?
    /// In the order sent.
    package var entries: [Entry]

    /// Reads every job of a load: the list of today, or the one map of older relays. A job or node with a name that is
    /// none makes the whole message unusable.
    package static func read(_ opened: RawSpan) throws(MessageError) -> [SyndicReturn] {
        let fields: ValueMap
        do throws(MessagePackError) {
            fields = try RequestFields(opened).map
        } catch {
            throw .undecodable(error)
        }
        guard let list = fields["load"]?.array else { return [try SyndicReturn(fields)] }
        var jobs: [SyndicReturn] = []
        for element in list {
            guard let map = element.map else { throw .invalidField("load") }
            jobs.append(try SyndicReturn(map))
        }
        return jobs
    }

    private init(_ map: ValueMap) throws(MessageError) {
        guard let job = map["jid"]?.string.flatMap({ JobID($0) }) else { throw .invalidField("jid") }
        guard let relay = map["id"]?.string.flatMap({ NodeID($0) }) else { throw .invalidField("id") }
        guard let returns = map["return"]?.map else { throw .missingField("return") }
        self.job = job
        self.relay = relay
        function = map["fun"]?.string ?? ""
        publish = map["load"]?.map.flatMap { $0.isEmpty ? nil : $0 }
        entries = []
        for entry in returns {
            guard let node = entry.key.string.flatMap({ NodeID($0) }) else { throw .invalidField("return") }
            entries.append(
                Entry(
                    node: node,
                    value: entry.value["return"] ?? .null,
                    returnCode: Int(clamping: entry.value["retcode"]?.int ?? 0),
                    isSuccess: entry.value["success"]?.bool))
        }
    }
}
