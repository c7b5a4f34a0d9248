import MessagePack

/// A reply to `_auth` as it arrived, before anything in it is believed.
enum SignInReply: Equatable {
    /// A map with signed bytes in `load`.
    case signed(load: [UInt8], signature: [UInt8])
    /// A map with `{ret: TEXT}` in `load`, unsigned.
    case unsigned(String)
    /// A text instead of a map, such as `bad load`.
    case text(String)

    /// Reads a whole message; nil when it is none of these forms.
    init?(_ bytes: RawSpan) {
        do throws(MessagePackError) {
            var reader = MessagePackReader(bytes)
            guard let reply = try SignInReply.read(&reader) else { return nil }
            try reader.finish()
            self = reply
        } catch {
            return nil
        }
    }

    /// Reads a whole message; nil when it is none of these forms.
    init?(_ bytes: [UInt8]) { self.init(bytes.span.bytes) }

    private static func read(_ reader: inout MessagePackReader) throws(MessagePackError) -> SignInReply? {
        switch try reader.next() {
        case .string(let range), .binary(let range):
            return .text(String((reader.text(range) ?? "bytes").prefix(80)))
        case .map(let count):
            return try readMap(&reader, count)
        case .null, .bool, .int, .uint, .float, .double, .array, .ext:
            return nil
        }
    }

    private static func readMap(_ reader: inout MessagePackReader, _ count: Int) throws(MessagePackError)
        -> SignInReply?
    {
        var load, signature: [UInt8]?
        var refusal: String?
        for _ in 0..<count {
            guard let key = try reader.readTextOrSkip() else {
                try reader.skip()
                continue
            }
            if reader.matches(key, "load") {
                let start = reader
                switch try reader.next() {
                case .string(let range), .binary(let range): load = reader.array(range)
                case .map:
                    reader = start
                    if case .string(let text) = try reader.readValue()["ret"] { refusal = String(text.prefix(80)) }
                case .null, .bool, .int, .uint, .float, .double, .array, .ext: return nil
                }
            } else if reader.matches(key, "sig") {
                signature = reader.array(try reader.readString())
            } else {
                try reader.skip()
            }
        }
        if let load, let signature { return .signed(load: load, signature: signature) }
        return refusal.map(SignInReply.unsigned)
    }
}

/// The signed part of a reply, decoded but not believed.
struct SignInReplyLoad: Equatable {
    /// The value of `ret`.
    enum Verdict: Equatable {
        case rejected, full, pending
    }

    var controllerKey: String?
    var publishPort: Int64?
    var keySignature, token, publishKey, sessionKey, voucher: [UInt8]?
    var nonce: Nonce?
    var verdict: Verdict?

    /// Reads the whole load; nil when it is no map or a field is of another kind than it must be.
    init?(_ bytes: [UInt8]) {
        do throws(MessagePackError) { try read(bytes.span.bytes) } catch { return nil }
    }

    private mutating func read(_ bytes: RawSpan) throws(MessagePackError) {
        var reader = MessagePackReader(bytes)
        for _ in 0..<(try reader.readMap()) {
            guard let key = try reader.readTextOrSkip() else {
                try reader.skip()
                continue
            }
            if reader.matches(key, "pub_key") {
                controllerKey = reader.text(try reader.readString())
            } else if reader.matches(key, "publish_port") {
                publishPort = try reader.readInt()
            } else if reader.matches(key, "pub_sig") {
                keySignature = reader.array(try reader.readString())
            } else if reader.matches(key, "token") {
                token = reader.array(try reader.readString())
            } else if reader.matches(key, "aes") {
                publishKey = reader.array(try reader.readString())
            } else if reader.matches(key, "session") {
                sessionKey = reader.array(try reader.readString())
            } else if reader.matches(key, "sig") {
                voucher = reader.array(try reader.readString())
            } else if reader.matches(key, "nonce") {
                nonce = Nonce(ascii: reader.bytes.extracting(try reader.readString()))
            } else if reader.matches(key, "ret") {
                verdict = SignInReplyLoad.verdict(try reader.readValue())
            } else {
                try reader.skip()
            }
        }
        try reader.finish()
    }

    /// Whatever Python takes for false is a rejection, everything else but `full` means waiting.
    private static func verdict(_ value: MessagePackValue) -> Verdict {
        switch value {
        case .null, .bool(false), .int(0), .string(""), .array([]), .map([]): .rejected
        case .string("full"): .full
        case .bool, .int, .uint, .float, .double, .string, .raw, .binary, .array, .map, .ext: .pending
        }
    }
}
