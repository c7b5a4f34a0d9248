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
    /// How many were not admitted, and are not in here.
    package var dropped = 0

    /// Reads the events out of a request's load. The data of the single form is the whole load without its secrets,
    /// as Salt fires it.
    ///
    /// - Parameter isAdmitted: Asked of each event before it is decoded: as how many it would be fired, and its bytes.
    /// - Throws: `MessageError` when there is neither a list nor a tag; elements of a list without a tag are left out.
    package init(
        _ load: RequestLoad, in opened: RawSpan,
        admitting isAdmitted: (_ events: Int, _ bytes: Int) -> Bool = { _, _ in true }
    ) throws(MessageError) {
        let reader = MessagePackReader(opened)
        prefix = load.eventPrefix.flatMap { reader.text($0) }
        entries = []
        isList = load.encodedEvents != nil
        do throws(MessagePackError) {
            if let list = load.encodedEvents {
                let copies = prefix?.isEmpty == false ? 2 : 1
                let encoded = opened.extracting(list)
                var elements = MessagePackReader(encoded)
                for _ in 0..<(try elements.readArray()) {
                    let range = try elements.skip()
                    guard isAdmitted(copies, range.count) else {
                        dropped += 1
                        continue
                    }
                    let element = try Value(messagePack: encoded.extracting(range))
                    guard let tag = element["tag"]?.string else { continue }
                    entries.append(Entry(tag: tag, data: element["data"] ?? element))
                }
            } else if !isAdmitted(1, opened.byteCount) {
                dropped = 1
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
