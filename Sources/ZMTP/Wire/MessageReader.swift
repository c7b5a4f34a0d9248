import NIOCore

/// Finds messages and commands in the bytes of one connection.
///
/// A message is cut out of the input once, when its last frame is complete, so a message of many frames costs no more
/// than one of the same size; until then only a position is kept. Tolerance: a command between the frames of a message
/// is taken (libzmq's heartbeat timer may put a PING there); what came before it is then set aside, copied once.
struct MessageReader {
    enum Unit: Equatable {
        case message(Message)
        case command(Command)
    }

    private let limits: Limits
    /// How far into the input the complete frames of the unfinished message reach.
    private var scannedBytes = 0
    private var frameCount = 0
    private var bodyBytes = 0
    /// The frames of the unfinished message that stood before a command.
    private var setAside: ByteBuffer?

    init(limits: Limits) {
        self.limits = limits
    }

    /// The memory of frames that stood before a command.
    var setAsideBytes: Int { setAside?.storageCapacity ?? 0 }

    /// Gives up the unfinished message.
    mutating func abandon() {
        (scannedBytes, frameCount, bodyBytes, setAside) = (0, 0, 0, nil)
    }

    /// The next message or command; nil when more bytes are needed.
    ///
    /// Between calls the caller may append to the input, and move its bytes to another buffer.
    mutating func next(from input: inout ByteBuffer) throws(ZMTPError) -> Unit? {
        while let head = try FrameHead.peek(input, at: scannedBytes, limits: limits) {
            if !head.isCommand {
                guard head.bodyBytes <= limits.maxMessageBytes - bodyBytes else {
                    throw .messageTooLarge(limitBytes: limits.maxMessageBytes)
                }
                guard frameCount < limits.maxFrames else { throw .tooManyFrames(limit: limits.maxFrames) }
            }
            guard input.readableBytes - scannedBytes >= head.totalBytes else { return nil }
            if head.isCommand { return .command(try readCommand(head, from: &input)) }
            scannedBytes += head.totalBytes
            frameCount += 1
            bodyBytes += head.bodyBytes
            if !head.hasMore { return takeMessage(from: &input).map(Unit.message) }
        }
        return nil
    }

    private mutating func readCommand(_ head: FrameHead, from input: inout ByteBuffer) throws(ZMTPError) -> Command {
        if scannedBytes > 0, let before = input.readSlice(length: scannedBytes) {
            setAside = setAside ?? ByteBuffer()
            setAside?.writeImmutableBuffer(before)
            scannedBytes = 0
        }
        input.moveReaderIndex(forwardBy: head.headBytes)
        return try Command(body: input.readSlice(length: head.bodyBytes) ?? ByteBuffer())
    }

    private mutating func takeMessage(from input: inout ByteBuffer) -> Message? {
        defer { abandon() }
        guard var wire = input.readSlice(length: scannedBytes) else { return nil }
        if var whole = setAside {
            whole.writeImmutableBuffer(wire)
            wire = whole
        }
        return Message(checkedWire: wire, frameCount: frameCount, bodyBytes: bodyBytes)
    }
}
