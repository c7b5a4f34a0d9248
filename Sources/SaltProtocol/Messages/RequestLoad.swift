package import MessagePack

/// The opened load of a node's request, read in place and in one pass: what every command has, and what `_return` and
/// `_minion_event` have besides.
///
/// No text is made and nothing is copied. Ranges count from the start of the opened load. `encoded` ranges hold a whole
/// MessagePack value, all others the bytes of a text. Fields of the wrong kind count as absent; of a repeated field the
/// last counts; unknown fields are passed over.
package struct RequestLoad: Sendable, Hashable {
    // Every command
    package private(set) var command: Range<Int>?
    package private(set) var id: Range<Int>?
    package private(set) var nonce: Range<Int>?
    /// `ts`: seconds since 1970, by the sender's clock.
    package private(set) var time: Int64?
    /// `tok`.
    package private(set) var token: Range<Int>?
    /// `sig`, of nodes that sign their loads.
    package private(set) var signature: Range<Int>?
    /// Whether there is an `id` that is not text.
    package private(set) var hasForeignID = false

    // `_return`
    package private(set) var job: Range<Int>?
    package private(set) var encodedFunction: Range<Int>?
    package private(set) var encodedArguments: Range<Int>?
    package private(set) var encodedReturn: Range<Int>?
    package private(set) var encodedReturnCode: Range<Int>?
    package private(set) var encodedSuccess: Range<Int>?
    package private(set) var outputter: Range<Int>?

    // `_minion_event`
    package private(set) var tag: Range<Int>?
    package private(set) var encodedData: Range<Int>?
    package private(set) var encodedEvents: Range<Int>?
    package private(set) var eventPrefix: Range<Int>?

    /// Reads an opened load, which must be one map and nothing behind it.
    package init(_ bytes: RawSpan, limits: MessagePackLimits = .standard) throws(RequestRefusal) {
        do throws(MessagePackError) {
            var reader = MessagePackReader(bytes, limits: limits)
            for _ in 0..<(try reader.readMap()) {
                if let key = try reader.readTextOrSkip() {
                    try read(key, &reader)
                } else {
                    try reader.skip()
                }
            }
            try reader.finish()
        } catch .unexpectedKind(offset: 0, _, _) {
            throw .loadIsNoMap
        } catch {
            throw .undecodable(error)
        }
    }

    /// Keys are told apart by length first: most comparisons never happen.
    private mutating func read(_ key: Range<Int>, _ reader: inout MessagePackReader) throws(MessagePackError) {
        switch key.count {
        case 2:
            if reader.matches(key, "id") {
                id = try reader.readTextOrSkip()
                hasForeignID = id == nil
                return
            }
            if reader.matches(key, "ts") { return time = try reader.readIntOrSkip() }
        case 3:
            if reader.matches(key, "cmd") { return command = try reader.readTextOrSkip() }
            if reader.matches(key, "jid") { return job = try reader.readTextOrSkip() }
            if reader.matches(key, "fun") { return encodedFunction = try reader.skip() }
            if reader.matches(key, "tok") { return token = try reader.readTextOrSkip() }
            if reader.matches(key, "out") { return outputter = try reader.readTextOrSkip() }
            if reader.matches(key, "tag") { return tag = try reader.readTextOrSkip() }
            if reader.matches(key, "sig") { return signature = try reader.readTextOrSkip() }
        case 4:
            if reader.matches(key, "data") { return encodedData = try reader.skip() }
        case 5:
            if reader.matches(key, "nonce") { return nonce = try reader.readTextOrSkip() }
        case 6:
            if reader.matches(key, "return") { return encodedReturn = try reader.skip() }
            if reader.matches(key, "events") { return encodedEvents = try reader.skip() }
            if reader.matches(key, "pretag") { return eventPrefix = try reader.readTextOrSkip() }
        case 7:
            if reader.matches(key, "retcode") { return encodedReturnCode = try reader.skip() }
            if reader.matches(key, "success") { return encodedSuccess = try reader.skip() }
        case 8:
            if reader.matches(key, "fun_args") { return encodedArguments = try reader.skip() }
        default:
            break
        }
        try reader.skip()
    }
}
