import NIOCore

/// One event of an event stream: WHATWG HTML, section 9.2 (server-sent events).
struct ServerSentEvent: Sendable, Hashable {
    /// The event's name; `message` when the stream gave none.
    var name: String
    var id: String?
    var data: String

    /// The comment that keeps an idle stream known to be alive.
    static let heartbeat = ":\n\n"

    /// The event as text, with the blank line that ends it.
    var text: String {
        var buffer = ByteBuffer()
        write(to: &buffer)
        return String(buffer: buffer)
    }

    /// Appends the event as text, with the blank line that ends it.
    func write(to buffer: inout ByteBuffer) {
        buffer.writeString("event: \(name)\n")
        if let id { buffer.writeString("id: \(id)\n") }
        for line in data.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            buffer.writeStaticString("data: ")
            buffer.writeSubstring(Substring(line))
            buffer.writeStaticString("\n")
        }
        buffer.writeStaticString("\n")
    }
}

/// What is wrong with an event stream.
enum ServerSentEventError: Error, Hashable, Sendable {
    case eventTooLarge(limitBytes: Int)
    case notText
}

/// Takes an event stream apart, chunk by chunk as it arrives.
///
/// stream = *(line); line = [comment | field] end; end = LF | CR LF. A blank line ends an event; an event without data is
/// none. A lone CR as end of line is not accepted: our server never writes one.
struct ServerSentEventParser {
    private let maxEventBytes: Int
    private var buffer = ByteBuffer()
    /// How many bytes from the reader index on are known to hold no LF.
    private var scanned = 0
    private var name = ""
    private var id: String?
    private var data: String?
    private var eventBytes = 0

    init(maxEventBytes: Int) { self.maxEventBytes = maxEventBytes }

    /// Takes the next chunk; then call `next()` until it gives nil.
    mutating func feed(_ chunk: ByteBuffer) {
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(chunk)
    }

    /// The next whole event, nil until more bytes are fed.
    mutating func next() throws(ServerSentEventError) -> ServerSentEvent? {
        while let line = try nextLine() {
            guard line.isEmpty else {
                read(line)
                continue
            }
            defer {
                name = ""
                data = nil
                eventBytes = 0
            }
            if let data { return ServerSentEvent(name: name.isEmpty ? "message" : name, id: id, data: data) }
        }
        return nil
    }

    private mutating func nextLine() throws(ServerSentEventError) -> String? {
        let view = buffer.readableBytesView
        guard let end = view[view.startIndex.advanced(by: scanned)...].firstIndex(of: UInt8(ascii: "\n")) else {
            scanned = view.count
            guard eventBytes + scanned <= maxEventBytes else { throw .eventTooLarge(limitBytes: maxEventBytes) }
            return nil
        }
        var line = view[..<end]
        eventBytes += line.count + 1
        guard eventBytes <= maxEventBytes else { throw .eventTooLarge(limitBytes: maxEventBytes) }
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        guard let text = String(validating: line, as: UTF8.self) else { throw .notText }
        buffer.moveReaderIndex(forwardBy: end - view.startIndex + 1)
        scanned = 0
        return text
    }

    private mutating func read(_ line: String) {
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return }
        var value = line[line.utf8.index(after: colon)...]
        if value.utf8.first == UInt8(ascii: " ") { value = Substring(value.utf8.dropFirst()) }
        switch line[..<colon] {
        case "event": name = String(value)
        case "id": id = String(value)
        case "data": data = data.map { $0 + "\n" + value } ?? String(value)
        default: break  // a comment (empty name) or a field we have no use for
        }
    }
}
