package import MessagePack
package import MusterCore

/// What a node says with `_minion_event`: one event, or a list of them.
///
/// Source: Salt 3008, `salt/daemons/masterapi.py`, `RemoteFuncs._minion_event`; `salt/minion.py`, `_fire_master_prepare`.
package struct EventMessage: Sendable, Hashable {
    /// A tag with its data.
    package struct Entry: Sendable, Hashable {
        package var tag: String
        package var data: Value

        package init(tag: String, data: Value) {
            self.tag = tag
            self.data = data
        }
    }

    /// In the order sent.
    package var entries: [Entry]
    /// `pretag`: relays send `syndic/ID`. Each event is then also fired under PREFIX/TAG.
    package var prefix: String?
    /// Whether the list form was used.
    package var isList: Bool

    /// Reads the events out of a request's load. The data of the single form is the whole load without its secrets,
    /// as Salt fires it.
    ///
    /// - Throws: `MessageError` when there is neither a list nor a tag; elements of a list without a tag are left out.
    package init(_ load: RequestLoad, in opened: RawSpan) throws(MessageError) {
        let reader = MessagePackReader(opened)
        prefix = load.eventPrefix.flatMap { reader.text($0) }
        isList = load.encodedEvents != nil
        do throws(MessagePackError) {
            if let list = load.encodedEvents {
                guard let elements = try Value(messagePack: opened.extracting(list)).array else {
                    throw MessagePackError.unexpectedKind(offset: list.lowerBound, expected: .array, found: .map)
                }
                entries = elements.compactMap { element in
                    guard let tag = element["tag"]?.string else { return nil }
                    return Entry(tag: tag, data: element["data"] ?? element)
                }
            } else {
                let fields = try RequestFields(opened)
                guard let tag = fields.map["tag"]?.string else { throw MessagePackError.invalidText(offset: 0) }
                entries = [Entry(tag: tag, data: .map(fields.map))]
            }
        } catch .invalidText {
            throw .missingField("tag")
        } catch {
            throw .undecodable(error)
        }
    }

    /// The events to fire, and the tags that were refused; each event of a list with a prefix appears under both tags.
    ///
    /// - Parameter sender: Who sent them, proved.
    package func fired(from sender: EventTagFilter.Sender) -> (events: [Entry], refused: [String]) {
        var events: [Entry] = []
        var refused: [String] = []
        func take(_ tag: String, _ data: Value) {
            if EventTagFilter.verdict(tag, data: data, from: sender) == .allowed {
                events.append(Entry(tag: tag, data: data))
            } else {
                refused.append(tag)
            }
        }
        for entry in entries {
            if isList, let prefix, !prefix.isEmpty { take("\(prefix)/\(entry.tag)", entry.data) }
            take(entry.tag, entry.data)
        }
        return (events, refused)
    }
}

/// All fields of a request but those that prove its sender, for commands without a reader of their own.
package struct RequestFields: Sendable, Hashable {
    package var map: ValueMap

    /// Reads an opened load.
    package init(_ opened: RawSpan, limits: MessagePackLimits = .standard) throws(MessagePackError) {
        let value = try Value(messagePack: opened, limits: limits)
        let secrets: Set<Value> = ["nonce", "tok", "sig"]
        map = ValueMap((value.map ?? [:]).filter { !secrets.contains($0.key) }.map { (key: $0.key, value: $0.value) })
    }
}

// MARK: Writing

extension NodeRequest {
    /// One event. Empty data travels as an empty map.
    package static func event(_ tag: String, data: Value, from node: NodeID, grains: ValueMap? = nil) -> NodeRequest {
        var fields: ValueMap = ["pretag": .null, "data": data.isTruthy ? data : [:], "tag": .string(tag)]
        fields["grains"] = grains.map(Value.map)
        return NodeRequest(.event, from: node, fields: fields)
    }

    /// Several events in one request.
    ///
    /// - Parameter prefix: `syndic/ID` for a relay, nil for a node.
    package static func events(_ entries: [EventMessage.Entry], from node: NodeID, prefix: String? = nil) -> NodeRequest
    {
        let list = entries.map { Value.map(["tag": .string($0.tag), "data": $0.data]) }
        return NodeRequest(
            .event, from: node, fields: ["pretag": prefix.map(Value.string) ?? .null, "events": .array(list)])
    }
}
