package import MusterCore
import SaltProtocol

extension NodeReturn.Body {
    /// The body translated, or text that says why it cannot be.
    package var value: Value {
        do {
            switch encoding {
            case .messagePack: return try Value(messagePack: bytes)
            case .json: return try JSON.value(bytes)
            }
        } catch {
            return .string("the stored answer cannot be read: \(error)")
        }
    }
}

extension StoredFacts {
    /// The selected entries; nil when what is stored is no map.
    func values(_ selection: FactSelection) -> ValueMap? {
        switch body.encoding {
        case .messagePack: try? ValueMap(messagePack: body.bytes, selecting: selection.contains)
        case .json: body.value.map.map { ValueMap($0.filter { selection.contains($0.key) }) }
        }
    }
}

extension NodeAnswer {
    /// A stored return as people see it.
    init(_ nodeReturn: NodeReturn, isExpected: Bool) {
        self.init(
            node: nodeReturn.node, function: nodeReturn.function, value: nodeReturn.body.value,
            returnCode: nodeReturn.returnCode, hasSucceeded: nodeReturn.hasSucceeded, outputter: nodeReturn.outputter,
            received: nodeReturn.received, isExpected: isExpected)
    }
}

extension Event {
    /// A stored return as Salt's event `salt/job/JID/ret/NODE`.
    init(_ nodeReturn: NodeReturn, sequence: Int64) {
        var data: ValueMap = [
            "cmd": "_return",
            "id": .string(nodeReturn.node.text),
            "jid": .string(nodeReturn.job.text),
            "fun": .string(nodeReturn.function),
            "return": nodeReturn.body.value,
            "retcode": .int(Int64(nodeReturn.returnCode)),
            "success": .bool(nodeReturn.hasSucceeded),
            "_stamp": .string(nodeReturn.received.iso8601),
        ]
        if let outputter = nodeReturn.outputter { data["out"] = .string(outputter) }
        self.init(
            sequence: sequence, tag: "salt/job/\(nodeReturn.job)/ret/\(nodeReturn.node)", time: nodeReturn.received,
            data: .map(data))
    }
}
